"""Sign people in with any OpenID Connect provider: Authlib's Starlette client, and what it leaves to its users.

The plain part is five lines (:meth:`RelyingParty.begin` and :meth:`RelyingParty.finish`). Added here:

- ``private_key_jwt`` with a key that stays sealed at rest (RFC 7523, section 2.2);
- ``iss`` of the authorization answer compared with the provider asked (RFC 9207, section 2.4);
- the ``acr`` that was asked for is checked, not hoped for (OIDC Core, section 3.1.3.7, step 12);
- for a client registered so: pushed requests (RFC 9126), rich requests (RFC 9396), tokens bound to a key (RFC 9449);
- logout tokens (OIDC Back-Channel Logout 1.0, section 2.6) verified with python-jose, a second implementation.
"""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from httpx2 import Response as HttpResponse
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.assertions import KeyAssertion, RetryingApp, Sign, holding
from clients.dpop import NONCE, USE_NONCE, DpopKey, HeldToken
from clients.logout_tokens import CLOCK_TOLERANCE, LOGOUT_EVENT, ProviderKeys, read_logout_token
from clients.signed_in import SignedIn, SignedOut, SignInFailed
from web.anchors import trusting
from web.patience import patient

__all__ = ["LOGOUT_EVENT", "Details", "RelyingParty", "SignInFailed", "SignedIn", "SignedOut"]

Details = Sequence[Mapping[str, object]]


class RelyingParty:
    """One client at one issuer. ``sign`` signs client assertions with the key registered for the client.

    ``anchors``: a PEM file of authorities, beside the system's, that vouch for the issuer's https. ``bound``:
    requests are pushed (RFC 9126), and tokens are bound to a key of each sign-in (RFC 9449).
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        scopes: Collection[str],
        sign: Sign,
        id_token_claims: Collection[str] = (),
        resource: str | None = None,
        transport: Any = None,
        anchors: Path | None = None,
        bound: bool = False,
    ) -> None:
        self.issuer = issuer.rstrip("/")
        self.client_id = client_id
        self._redirect_uri = redirect_uri
        self._for_resource = {} if resource is None else {"resource": resource}
        self._id_token_claims = tuple(id_token_claims)
        self._bound = bound
        self._assertion = KeyAssertion(sign, self.issuer)
        oauth = OAuth()
        options: dict[str, Any] = {
            "scope": " ".join(scopes),
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": self._assertion,
            "event_hooks": {"response": [self._note_nonce]},
            "timeout": patient(10.0),
            "verify": trusting(anchors),
        }
        if transport is not None:
            options["transport"] = transport
        self._app: Any = oauth.register(
            name="eid",
            client_cls=RetryingApp,
            client_id=client_id,
            server_metadata_url=f"{self.issuer}/.well-known/openid-configuration",
            client_kwargs=options,
        )
        self._provider_keys = ProviderKeys(lambda anew: self._app.fetch_jwk_set(force=anew))

    async def begin(
        self,
        request: Request,
        *,
        acr: str | None = None,
        prompt: str | None = None,
        ui_locale: str | None = None,
        max_age: int | None = None,
        details: Details = (),
    ) -> Response:
        """Send the browser to the provider. ``acr`` is demanded (essential), not merely preferred.

        ``max_age``: how many seconds ago the person may have signed in there. ``details``: what the token shall open
        and nothing else (RFC 9396). Raises :class:`SignInFailed` when the provider does not answer.
        """
        extra: dict[str, str] = {**self._for_resource}
        wanted: dict[str, object] = dict.fromkeys(self._id_token_claims)
        if acr is not None:
            wanted["acr"] = {"essential": True, "values": [acr]}
            request.session["asked_acr"] = acr
        else:
            request.session.pop("asked_acr", None)
        if wanted:
            extra["claims"] = json.dumps({"id_token": wanted})
        if prompt is not None:
            extra["prompt"] = prompt
        if ui_locale is not None:
            extra["ui_locales"] = ui_locale
        if max_age is not None:
            extra["max_age"] = request.session["asked_max_age"] = str(max_age)
        else:
            request.session.pop("asked_max_age", None)
        if details:
            extra["authorization_details"] = json.dumps(list(details))  # ASCII: Authlib reads the body so
        try:
            if self._bound:
                return await self._push(request, extra)
            answer: Response = await self._app.authorize_redirect(request, self._redirect_uri, **extra)
        except (HTTPError, ValueError, KeyError) as error:
            raise SignInFailed("provider_unreachable") from error
        return answer

    async def _push(self, request: Request, extra: Mapping[str, str]) -> Response:
        """Hand the request over behind the browser's back; the browser carries a reference (RFC 9126)."""
        made = await self._app.create_authorization_url(self._redirect_uri, **extra)
        endpoint, _, query = made.pop("url").partition("?")
        fields = {name: value for name, value in parse_qsl(query) if name != "client_id"}
        metadata = await self._app.load_server_metadata()
        async with self._app._get_oauth_client(**metadata) as client:  # noqa: SLF001 - no other way
            answer = await client.post(
                metadata["pushed_authorization_request_endpoint"],
                data=fields,
                auth=client.client_auth(self._assertion),
            )
        answer.raise_for_status()
        await self._app.save_authorize_data(request, redirect_uri=self._redirect_uri, **made)
        reference = {"client_id": self.client_id, "request_uri": str(answer.json()["request_uri"])}
        return RedirectResponse(f"{endpoint}?{urlencode(reference)}", status_code=302)

    async def _note_nonce(self, answer: HttpResponse) -> None:
        self._assertion.nonce = answer.headers.get(NONCE, self._assertion.nonce)

    async def finish(self, request: Request, *, acr_is_enough: Callable[[str, str], bool]) -> SignedIn:
        """Judge the provider's answer at the redirect URI. Raises :class:`SignInFailed`."""
        if request.query_params.get("iss") != self.issuer:
            raise SignInFailed("mixed_up_issuer")
        key = DpopKey.new() if self._bound else None
        try:
            with holding(key):
                token: Mapping[str, Any] = await self._app.authorize_access_token(
                    request, leeway=CLOCK_TOLERANCE, **self._for_resource
                )
        except OAuthError as error:
            raise SignInFailed(error.error or "invalid_request") from error
        except HTTPError as error:
            raise SignInFailed("provider_unreachable") from error
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SignInFailed("invalid_id_token") from error
        claims = token.get("userinfo")
        if claims is None or "access_token" not in token:
            raise SignInFailed("missing_id_token")
        asked = request.session.pop("asked_acr", None)
        if asked is not None and not acr_is_enough(str(claims.get("acr")), asked):
            raise SignInFailed("unmet_authentication_requirements")
        max_age = request.session.pop("asked_max_age", None)
        if max_age is not None and not signed_in_within(claims.get("auth_time"), int(max_age)):
            raise SignInFailed("unmet_authentication_requirements")
        must_be_bound(token, key)
        return SignedIn(
            subject=str(claims["sub"]),
            claims=dict(claims),
            id_token=str(token["id_token"]),
            access_token=str(token["access_token"]),
            refresh_token=token.get("refresh_token"),
            access_expires_at=int(time.time()) + int(token.get("expires_in", 0)),
            dpop_key=None if key is None else key.text,
        )

    async def refreshed(self, signed_in: SignedIn) -> SignedIn:
        """New tokens for the same sign-in. Raises :class:`SignInFailed` when the provider ended it."""
        token = await self._issued(
            signed_in.held.key,
            lambda client, endpoint: client.refresh_token(
                endpoint, refresh_token=signed_in.refresh_token, **self._for_resource
            ),
        )
        return SignedIn(
            subject=signed_in.subject,
            claims=signed_in.claims,
            id_token=signed_in.id_token,
            access_token=str(token["access_token"]),
            refresh_token=token.get("refresh_token", signed_in.refresh_token),
            access_expires_at=int(time.time()) + int(token.get("expires_in", 0)),
            dpop_key=signed_in.dpop_key,
        )

    async def own_token(self, scope: str) -> HeldToken:
        """An access token for the portal itself (client credentials, RFC 6749 section 4.4), bound where ours are."""
        key = DpopKey.new() if self._bound else None
        token = await self._issued(
            key,
            lambda client, endpoint: client.fetch_token(
                endpoint, grant_type="client_credentials", scope=scope, **self._for_resource
            ),
        )
        return HeldToken(str(token["access_token"]), key)

    async def post(
        self, endpoint: str, form: Mapping[str, str], *, key: DpopKey | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON of a form that this client sends with its own authentication, outside any sign-in.

        ``endpoint``: a name of the provider's metadata, or a path below the issuer. ``key``: the one that a token in
        the form is bound to; once more with a nonce where the provider wants one. Raises :class:`SignInFailed`.
        """
        try:
            metadata = await self._app.load_server_metadata()
            url = self.issuer + endpoint if endpoint.startswith("/") else metadata[endpoint]
            for _ in range(2):
                async with self._app._get_oauth_client(**metadata) as client:  # noqa: SLF001 - no other way
                    with holding(key):
                        answer = await client.post(
                            url, data=dict(form), auth=client.client_auth(self._assertion)
                        )
                document: Mapping[str, Any] = answer.json()
                if key is None or document.get("error") != USE_NONCE:
                    break
        except (HTTPError, ValueError, KeyError) as error:
            raise SignInFailed("provider_unreachable") from error
        return answer.status_code, document

    async def _issued(
        self, key: DpopKey | None, ask: Callable[[Any, str], Awaitable[Mapping[str, Any]]]
    ) -> Mapping[str, Any]:
        """What the token endpoint issues to ``ask``; asked once more where it wants a nonce in the proof."""
        for again in (False, True):
            try:
                async with self._token_endpoint(key) as (client, endpoint):
                    token = await ask(client, endpoint)
                break
            except SignInFailed as error:
                if again or error.code != USE_NONCE:
                    raise
        must_be_bound(token, key)
        return token

    @asynccontextmanager
    async def _token_endpoint(self, key: DpopKey | None = None) -> AsyncIterator[tuple[Any, str]]:
        try:
            metadata = await self._app.load_server_metadata()
            async with self._app._get_oauth_client(**metadata) as client:  # noqa: SLF001 - no other way
                with holding(key):
                    yield client, metadata["token_endpoint"]
        except OAuthError as error:
            raise SignInFailed(error.error or "invalid_request") from error
        except (HTTPError, ValueError, KeyError) as error:
            raise SignInFailed("provider_unreachable") from error

    async def userinfo(self, signed_in: SignedIn) -> Mapping[str, Any]:
        """Claims at the UserInfo endpoint; a different ``sub`` than the ID token's is refused (section 5.3.2)."""
        claims: Mapping[str, Any] = await self._app.userinfo(
            token={"access_token": signed_in.access_token, "token_type": "Bearer"}
        )
        if claims.get("sub") != signed_in.subject:
            raise SignInFailed("userinfo_of_somebody_else")
        return claims

    async def sign_out(self, request: Request, id_token: str, back_to: str) -> Response:
        """Send the browser to the provider to end the session everywhere (OIDC RP-Initiated Logout 1.0).

        Raises :class:`SignInFailed` when the provider does not answer.
        """
        try:
            answer: Response = await self._app.logout_redirect(
                request, post_logout_redirect_uri=back_to, id_token_hint=id_token, client_id=self.client_id
            )
        except (HTTPError, ValueError, KeyError, RuntimeError) as error:
            raise SignInFailed("provider_unreachable") from error
        return answer

    async def signed_out(self, logout_token: str) -> SignedOut:
        """Verify a logout token (Back-Channel Logout section 2.6). Raises :class:`SignInFailed`."""
        return await read_logout_token(
            logout_token, self._provider_keys, issuer=self.issuer, client_id=self.client_id
        )

    async def keys_for(self, kid: object) -> Mapping[str, Any]:
        """A JWK Set with the provider's key of that name, empty when it has none: for what it signs for anybody.

        Raises :class:`SignInFailed`.
        """
        key = await self._provider_keys.named(kid)
        return {"keys": [] if key is None else [key]}


def must_be_bound(token: Mapping[str, Any], key: DpopKey | None) -> None:
    """RFC 9449 section 5: a client that wants a bound token must not use one of another type."""
    if key is not None and str(token.get("token_type", "")).lower() != "dpop":
        raise SignInFailed("token_not_bound")


def signed_in_within(auth_time: object, seconds: int) -> bool:
    """Whether the person signed in that recently (OIDC Core 3.1.3.7, step 13)."""
    known = isinstance(auth_time, int | float) and not isinstance(auth_time, bool)
    return known and time.time() - float(str(auth_time)) <= seconds + CLOCK_TOLERANCE
