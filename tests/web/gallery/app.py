"""A small service that shows every part of `web` on its pages. For tests and for the eye; never shipped."""

from datetime import date

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field

import web
from tests.web.gallery import samples
from web import Language

PAGES = ("docs", "parts", "plots", "form", "mistakes", "signin", "home")


def create_app(public_url: str = "http://localhost", **environ: str) -> FastAPI:
    """The gallery as an application that stands at ``public_url``."""
    app = FastAPI(docs_url=None, redoc_url=None)
    pages = web.Pages(
        "tests.web.gallery",
        "gallery.name",
        [("gallery.parts", "/parts"), ("gallery.form", "/form"), ("gallery.home", "/home")],
    )
    settings = web.BaseSettings.from_environment({"PUBLIC_URL": public_url, **environ})
    web.install(
        app,
        pages,
        settings,
        machine_paths=("/v1/",),
        body_limits={"/v1/batch": 200_000},
        logs=False,
        unavailable=(ConnectionError,),
    )

    web.add_api_reference(app, pages)

    @app.get("/{name}")
    async def show(request: Request, name: str) -> Response:
        if name not in PAGES:
            raise web.Problem(404, "not-found")
        errors = samples.ERRORS[pages.language_for(request)] if name == "mistakes" else {}
        template = {"mistakes": "form.html"}.get(name, f"{name}.html")
        shown = {"today": date(2026, 11, 21), "plots": samples.PLOTS}
        return pages.render(request, template, errors=errors, account_name=account(name), **shown)

    @app.post("/form")
    async def send(request: Request) -> Response:
        form = await web.read_form(request, max_fields=40)
        await web.csrf.check(request, form)
        return Response(form.text("name"), media_type="text/plain")

    @app.get("/v1/boom")
    @app.get("/pages/boom")
    async def boom() -> Response:
        raise RuntimeError("number 001099000123 of an.nguyen@example.vn")

    @app.get("/pages/gone")
    async def gone() -> Response:
        raise ConnectionRefusedError("redis at 10.0.0.7")

    @app.get("/pages/refused")
    async def refused() -> Response:
        raise web.Problem(409, "conflict", cause="lost the race", headers={"Retry-After": "1"}, dossier="D1")

    @app.post("/v1/echo")
    @app.post("/v1/batch")
    async def echo(request: Request) -> dict[str, int]:
        return {"length": len(await request.body())}

    @app.get("/v1/number/{number}")
    async def number(number: int, check: Verification | None = None) -> dict[str, int]:
        """Give a number back.

        Nothing is kept.
        """
        return {"number": number}

    @app.get("/away/{scheme}")
    async def away(request: Request, scheme: str) -> Response:
        targets = {"web": "https://portal.example.vn:8443/callback?x=1", "app": "vn.example.app:/callback"}
        return pages.render(request, "signin.html", form_action=[targets[scheme]])

    return app


class Verification(BaseModel):
    """Values to be compared with the record."""

    full_name: str = Field(description="Family, middle and given name", examples=["Nguyễn Văn An"])
    birth_date: date | None = None
    flags: list[Language] = []


def account(name: str) -> str | None:
    """Who is signed in on a page of the gallery."""
    return "Nguyễn Thị Minh Ánh" if name in {"home", "form"} else None
