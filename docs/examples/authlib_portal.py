"""A whole portal with Authlib's Starlette client: sign in with the e-ID, show who came, sign out everywhere."""
# ruff: noqa: INP001, D103 - a file to copy, no package; docs/portals.md tells about each route

import os
from html import escape
from secrets import token_urlsafe

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER, HERE = os.environ["ISSUER"], os.environ["PUBLIC_URL"]
party = OAuth().register(
    "dinhdanh",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
)


async def home(request: Request) -> Response:
    name = request.session.get("name")
    if name is None:
        return HTMLResponse('<p><a href="/sign-in">Đăng nhập bằng định danh điện tử</a>')
    return HTMLResponse(f'<p>Xin chào {escape(name)} <a href="/sign-out">Đăng xuất</a>')


async def sign_in(request: Request) -> Response:
    return await party.authorize_redirect(request, f"{HERE}/callback")


async def callback(request: Request) -> Response:
    try:
        token = await party.authorize_access_token(
            request
        )  # state, code, PKCE; then the ID token and its nonce
    except OAuthError as refusal:
        return HTMLResponse(f"<p>Không đăng nhập được: {escape(refusal.error)}", 403)
    person = await party.userinfo(token=token)
    if person["sub"] != token["userinfo"]["sub"]:  # OpenID Connect Core 5.3.2
        return HTMLResponse("<p>Không đăng nhập được", 403)
    request.session.update(name=person["name"], id_token=token["id_token"])
    return RedirectResponse("/", 303)


async def sign_out(request: Request) -> Response:
    hint = request.session.pop("id_token", None)
    request.session.clear()
    return await party.logout_redirect(request, f"{HERE}/signed-out", hint)


async def signed_out(request: Request) -> Response:
    await party.validate_logout_response(request)
    return HTMLResponse("<p>Đã đăng xuất")


pages = {
    "/": home,
    "/sign-in": sign_in,
    "/callback": callback,
    "/sign-out": sign_out,
    "/signed-out": signed_out,
}
sessions = Middleware(SessionMiddleware, secret_key=token_urlsafe(32), https_only=HERE.startswith("https:"))
app = Starlette(routes=[Route(path, page) for path, page in pages.items()], middleware=[sessions])
