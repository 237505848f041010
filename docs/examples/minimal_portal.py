"""A whole portal: sign in with the e-ID, compare what a person says with the registry, sign out everywhere."""
# ruff: noqa: INP001, D103 - a file to copy, no package; docs/portals.md tells about each route

import os
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Request, Response
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import RedirectResponse

from clients.portal_kit.levels import FILE, enough
from clients.portal_kit.registry import Question, RegistryClient
from clients.relying_party import RelyingParty, SignedIn, SignInFailed
from keys import KeyPurpose, KeyRing

ISSUER, REGISTRY, HERE = (os.environ[name] for name in ("ISSUER", "REGISTRY_URL", "PUBLIC_URL"))
ring = KeyRing.open(Path(os.environ["KEYS_DIR"]))
party = RelyingParty(
    issuer=ISSUER,
    client_id=os.environ["CLIENT_ID"],
    redirect_uri=f"{HERE}/callback",
    scopes=("openid", "profile", "pid", "registry:verify"),
    id_token_claims=("name", "pid"),
    sign=lambda claims: ring.signer(KeyPurpose.CLIENT_ASSERTION).sign(claims),
    resource=REGISTRY,
)
registry = RegistryClient(REGISTRY, audience=party.client_id)
sessions: dict[str, SignedIn] = {}  # one process; a real portal keeps them sealed in its database
app = FastAPI(title="Minimal portal")
app.add_middleware(SessionMiddleware, secret_key=token_urlsafe(32), session_cookie="minimal_flow")


@app.get("/sign-in")
async def sign_in(request: Request) -> Response:
    return await party.begin(request, acr=FILE)


@app.get("/callback")
async def callback(request: Request) -> Response:
    try:
        signed_in = await party.finish(request, acr_is_enough=enough)
    except SignInFailed as refusal:
        raise HTTPException(403, refusal.code) from refusal
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie("minimal_session", key := token_urlsafe(32), httponly=True, samesite="lax")
    sessions[key] = signed_in
    return answer


@app.get("/")
async def compare(request: Request, born: str = "1994-05-17") -> dict[str, object]:
    person = sessions.get(request.cookies.get("minimal_session", ""))
    if person is None:
        raise HTTPException(401, "/sign-in")
    why = Question("So khớp ngày sinh người khai", "1.004194", "G01.899.05-261121-010001")
    claims = {"name": person.claims["name"], "birth_date": born}
    return dict(await registry.verify(person.access_token, why, {"number": person.claims["pid"]}, claims))


@app.post("/backchannel-logout")
async def signed_out(logout_token: Annotated[str, Form()]) -> Response:
    notice = await party.signed_out(logout_token)
    for key in [key for key, each in sessions.items() if each.subject == notice.subject]:
        del sessions[key]
    return Response(headers={"Cache-Control": "no-store"})
