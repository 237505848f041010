"""A relying party on a port of this machine, as a browser meets it: answers, a hidden frame, frames of logout."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from idp.domain.client import Client, PartyKind
from tests.browser import serving

PAGE = """<!doctype html><html lang="en"><title>portal</title><h1>portal</h1>
<iframe id="op" src="{issuer}/session/check" title="provider"></iframe>
<script>
const op = document.getElementById("op"), loaded = new Promise((done) => op.addEventListener("load", done));
async function ask(message) {{
  await loaded;
  return new Promise((done) => {{
    addEventListener("message", (event) => event.origin === "{issuer}" && done(event.data), {{ once: true }});
    op.contentWindow.postMessage(message, "{issuer}");
  }});
}}
</script></html>"""


@dataclass(slots=True)
class Portal:
    """The portal: what it got at its callback, and the sessions whose end it heard of in a frame."""

    issuer: str
    client_id: str
    origin: str = ""
    answers: list[dict[str, str]] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)
    framed_by: list[str] = field(default_factory=list)

    async def callback(self, request: Request) -> Response:
        """The answer, however it came, and the page with the provider's frame."""
        values = await request.form() if request.method == "POST" else request.query_params
        self.answers.append({name: str(value) for name, value in values.items()})
        return HTMLResponse(PAGE.format(issuer=self.issuer))

    async def logout(self, request: Request) -> Response:
        """Front-Channel Logout 2: end the session that is named."""
        self.ended.append(dict(request.query_params))
        self.framed_by.append(request.headers.get("sec-fetch-dest", ""))
        return HTMLResponse("<!doctype html><title>out</title>", headers={"Cache-Control": "no-store"})

    async def bye(self, request: Request) -> Response:
        """Where the person comes back to."""
        return HTMLResponse(
            f"<!doctype html><title>bye</title><h1>bye {request.query_params.get('state')}</h1>"
        )

    def app(self) -> Starlette:
        """The portal's addresses."""
        return Starlette(
            routes=[
                Route("/callback", self.callback, methods=["GET", "POST"]),
                Route("/frontchannel", self.logout),
                Route("/bye", self.bye),
            ]
        )

    def client(self, **changes: object) -> Client:
        """Its registration."""
        values: dict[str, object] = {
            "client_id": self.client_id,
            "name_vi": "Cổng trong trình duyệt",
            "name_en": "Portal in a browser",
            "party_kind": PartyKind.STATE,
            "redirect_uris": (f"{self.origin}/callback",),
            "post_logout_redirect_uris": (f"{self.origin}/bye",),
            "response_types": frozenset({"code", "code id_token"}),
            "grant_types": frozenset({"authorization_code", "implicit"}),
            "token_endpoint_auth_method": "none",
            "require_consent": False,
            "require_pkce": True,
        }
        return Client(**(values | changes))  # type: ignore[arg-type]  # a plain builder

    def visit(self, **changes: str) -> str:
        """The address of a request for an answer by form, with an ID token in it."""
        values = {
            "client_id": self.client_id,
            "redirect_uri": f"{self.origin}/callback",
            "response_type": "code id_token",
            "response_mode": "form_post",
            "scope": "openid",
            "state": "s",
            "nonce": "n",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        } | changes
        return f"{self.issuer}/authorize?{urlencode(values)}"


@asynccontextmanager
async def portal_at(issuer: str, client_id: str) -> AsyncIterator[Portal]:
    """A portal that is served."""
    portal = Portal(issuer, client_id)
    async with serving(portal.app()) as origin:
        portal.origin = origin
        yield portal
