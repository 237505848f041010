"""The console as a relying party: Authlib's Starlette client, authenticated by the registry's own key.

Two factors are demanded, not hoped for (essential `acr`, OIDC Core 5.5.1.1); a passkey is as good as two.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import AsyncBaseTransport, HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from keys import VerificationFailed
from population_registry.api.issuer_keys import IssuerKeys, IssuerUnreachable
from population_registry.verification.assurance import acr_satisfies
from web.anchors import trusting
from web.client_assertions import ClientAssertion, Sign
from web.patience import patient

CLIENT_ID: Final = "registry-console"
TWO_FACTORS: Final = "urn:example:vn:acr:l2-a2"
SCOPES: Final = "openid profile pid eid:operate"
"""The last opens the provider's door for officers (`/eid/v1/acts`), for whoever is one there."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY: Final = 10
ALGORITHMS: Final = ("ES256", "RS256", "PS256", "EdDSA")


class SignInRefused(Exception):
    """``code``: an OAuth error code, or one of ours, with texts in both languages."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider gave for one sign-in; ``until``: epoch seconds at which the access token ends."""

    id_token: str = field(repr=False)
    access: str = field(default="", repr=False)
    until: int = 0
    refresh: str | None = field(default=None, repr=False)

    def document(self) -> dict[str, object]:
        """As it is sealed."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came back from the provider."""

    number: str
    subject: str
    sid: str | None
    tokens: Tokens


class ConsoleParty:
    """The console at one issuer; ``sign`` signs client assertions (RFC 7523, section 2.2)."""

    def __init__(
        self,
        *,
        issuer: str,
        public_url: str,
        sign: Sign,
        keys: IssuerKeys,
        transport: AsyncBaseTransport | None = None,
        anchors: Path | None = None,
    ) -> None:
        self.issuer = issuer.rstrip("/")
        self._keys = keys
        self._callback = f"{public_url}/console/callback"
        self._after = f"{public_url}/console"
        options: dict[str, Any] = {
            "scope": SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": ClientAssertion(sign, self.issuer),
            "timeout": patient(10.0),
            "verify": trusting(anchors),
        }
        if transport is not None:
            options["transport"] = transport
        self._app: Any = OAuth().register(
            name="eid",
            client_id=CLIENT_ID,
            server_metadata_url=f"{self.issuer}/.well-known/openid-configuration",
            client_kwargs=options,
        )

    async def begin(self, request: Request, language: str) -> Response:
        """Send the browser to the provider. Raises SignInRefused when it does not answer."""
        claims = {"id_token": {"pid": None, "acr": {"essential": True, "values": [TWO_FACTORS]}}}
        try:
            answer: Response = await self._app.authorize_redirect(
                request, self._callback, claims=json.dumps(claims), ui_locales=language
            )
        except (HTTPError, ValueError, KeyError) as error:
            raise SignInRefused("provider_unreachable") from error
        return answer

    async def finish(self, request: Request) -> Arrived:
        """Judge the provider's answer. Raises SignInRefused."""
        if request.query_params.get("iss") != self.issuer:  # RFC 9207, section 2.4
            raise SignInRefused("invalid_answer")
        try:
            token: Mapping[str, Any] = await self._app.authorize_access_token(request, leeway=LEEWAY)
        except OAuthError as error:
            raise SignInRefused("access_denied" if error.error == "access_denied" else "refused") from error
        except HTTPError as error:
            raise SignInRefused("provider_unreachable") from error
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SignInRefused("invalid_answer") from error
        claims = token.get("userinfo") or {}
        if not acr_satisfies(str(claims.get("acr")), TWO_FACTORS):
            raise SignInRefused("too_weak")
        sid = claims.get("sid")
        return Arrived(
            number=str(claims.get("pid", "")),
            subject=str(claims["sub"]),
            sid=sid if isinstance(sid, str) else None,
            tokens=tokens_from(token, str(token["id_token"])),
        )

    async def renewed(self, tokens: Tokens) -> Tokens:
        """A new access token for the same sign-in. Raises SignInRefused: it is over, or `provider_unreachable`."""
        if tokens.refresh is None:
            raise SignInRefused("refused")
        try:
            metadata = await self._app.load_server_metadata()
            async with self._app._get_oauth_client(**metadata) as client:  # noqa: SLF001 - no other way
                token = await client.refresh_token(metadata["token_endpoint"], refresh_token=tokens.refresh)
        except OAuthError as error:
            raise SignInRefused("refused") from error
        except (HTTPError, ValueError, KeyError) as error:
            raise SignInRefused("provider_unreachable") from error
        return tokens_from(token, tokens.id_token, tokens.refresh)

    async def sign_out(self, request: Request, id_token: str) -> Response:
        """End the session everywhere (RP-Initiated Logout 1.0). Raises SignInRefused."""
        try:
            answer: Response = await self._app.logout_redirect(
                request, post_logout_redirect_uri=self._after, id_token_hint=id_token, client_id=CLIENT_ID
            )
        except (HTTPError, ValueError, KeyError, RuntimeError) as error:
            raise SignInRefused("provider_unreachable") from error
        return answer

    async def told_of_end(self, token: str) -> tuple[str | None, str | None]:
        """``(sub, sid)`` of a logout token (Back-Channel Logout 1.0, section 2.6).

        Raises:
            SignInRefused: it is none for us; `provider_unreachable` when its keys cannot be had.
        """
        try:
            claims = await self._keys.verify(token, algorithms=ALGORITHMS, typ="logout+jwt")
        except VerificationFailed as error:
            raise SignInRefused("invalid_answer") from error
        except IssuerUnreachable as error:
            raise SignInRefused("provider_unreachable") from error
        audience, events, now = claims.get("aud"), claims.get("events"), time.time()
        ends, issued = claims.get("exp"), claims.get("iat")
        subject, sid = claims.get("sub"), claims.get("sid")
        holds = (
            claims.get("iss") == self.issuer
            and (audience == CLIENT_ID or (isinstance(audience, list) and CLIENT_ID in audience))
            and isinstance(events, dict)
            and LOGOUT_EVENT in events
            and "nonce" not in claims
            and isinstance(ends, int)
            and isinstance(issued, int)
            and issued - LEEWAY <= now < ends + LEEWAY
            and (isinstance(subject, str) or isinstance(sid, str))
        )
        if not holds:
            raise SignInRefused("invalid_answer")
        return (subject if isinstance(subject, str) else None, sid if isinstance(sid, str) else None)


def tokens_from(token: Mapping[str, Any], id_token: str, refresh: str | None = None) -> Tokens:
    """The tokens of a token response (RFC 6749 section 5.1); a refresh token that is not renewed stays."""
    return Tokens(
        id_token=id_token,
        access=str(token.get("access_token", "")),
        until=int(time.time()) + int(token.get("expires_in", 0)),
        refresh=token.get("refresh_token", refresh),
    )
