"""A portal of few lines that leaves out whichever checks a test names: what careless teams write."""

from __future__ import annotations

import time
from collections.abc import Collection
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from demo.test_drive.tampering import claims_of
from tests.idp_pages.conftest import CALLBACK, ISSUER

HOME = "http://localhost:8999"
VERIFIER = "v" * 50
CHALLENGE = "CrlVwe1WSHWuTQYh3iczmx3aS-faRx6C92k9_hNxl4A"


class RefusedError(Exception):
    """A check of the portal did not hold."""


def careless_portal(transport: httpx2.AsyncBaseTransport, leaves_out: Collection[str] = ()) -> Starlette:
    """``leaves_out``: state, answer_iss, signature, iss, aud, azp, exp, iat, nonce, sub, acr, userinfo."""
    flows: dict[str, dict[str, str]] = {}
    people: dict[str, str] = {}

    def must(check: str, holds: bool) -> None:
        if check not in leaves_out and not holds:
            raise RefusedError(check)

    async def sign_in(_: Request) -> Response:
        flow = {"state": token_urlsafe(), "nonce": token_urlsafe()}
        asked = {
            "client_id": "portal",
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        answer = RedirectResponse(f"{ISSUER}/authorize?{urlencode(asked | flow)}", 303)
        answer.set_cookie("flow", key := token_urlsafe())
        flows[key] = flow
        return answer

    async def callback(request: Request) -> Response:
        try:
            subject = await judged(request)
        except (RefusedError, JoseError, ValueError, KeyError, httpx2.HTTPError) as error:
            return PlainTextResponse(f"{type(error).__name__} {error}", 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie("session", key := token_urlsafe())
        people[key] = subject
        return answer

    async def judged(request: Request) -> str:
        flow = flows.get(request.cookies.get("flow", ""), {})
        must("state", request.query_params.get("state") == flow.get("state") is not None)
        must("answer_iss", request.query_params.get("iss") == ISSUER)
        code = request.query_params["code"]
        async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
            told = await http.post("/token", data=form | {"client_id": "portal", "code_verifier": VERIFIER})
            tokens = told.raise_for_status().json()
            claims = checked(tokens["id_token"], flow, (await http.get("/jwks")).json())
            shown = {"Authorization": f"Bearer {tokens['access_token']}"}
            person = (await http.get("/userinfo", headers=shown)).json()
        must("userinfo", person["sub"] == claims.get("sub"))
        return str(person["sub"])

    def checked(token: str, flow: dict[str, str], jwks: Any) -> dict[str, Any]:
        if "signature" in leaves_out:
            claims = claims_of(token)
        else:
            keys = KeySet.import_key_set({"keys": [key for key in jwks["keys"] if key.get("use") == "sig"]})
            claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
        now = time.time()
        must("iss", claims["iss"] == ISSUER)
        must("aud", "portal" in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]))
        must("azp", claims.get("azp", "portal") == "portal")
        must("exp", claims["exp"] > now)
        must("iat", claims["iat"] < now + 60)
        must("nonce", claims.get("nonce") == flow.get("nonce"))
        must("sub", "sub" in claims)
        must("acr", not str(claims.get("acr")).endswith("l1-a1"))
        return claims

    async def home(request: Request) -> Response:
        person = people.get(request.cookies.get("session", ""))
        return PlainTextResponse(f"hello {person}") if person else PlainTextResponse("who?", 401)

    return Starlette(routes=[Route("/sign-in", sign_in), Route("/callback", callback), Route("/", home)])
