"""What the provider signs outside a sign-in, above all that one ended; checked with python-jose, not with Authlib.

https://openid.net/specs/openid-connect-backchannel-1_0.html (section 2.6)
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from httpx2 import HTTPError
from jose import jws, jwt
from jose.exceptions import JOSEError

from clients.signed_in import SignedOut, SignInFailed

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
CLOCK_TOLERANCE: Final = 10
KEYS_REST: Final = 5.0
"""Seconds between two fetches of the provider's keys for a token with an unknown key."""


class ProviderKeys:
    """The provider's keys by name. ``fetch``: its JWK Set as last seen or, with True, as it is now."""

    def __init__(self, fetch: Callable[[bool], Awaitable[Mapping[str, Any]]]) -> None:
        self._fetch = fetch
        self._asked_at = float("-inf")

    async def named(self, kid: object) -> Mapping[str, Any] | None:
        """The key of that name; an unknown one makes us ask anew, though not twice within seconds.

        Raises :class:`~clients.signed_in.SignInFailed` when the provider does not answer.
        """
        for anew in (False, True):
            if anew and time.monotonic() - self._asked_at < KEYS_REST:
                break
            if anew:
                self._asked_at = time.monotonic()
            try:
                jwks = await self._fetch(anew)
            except HTTPError as error:
                raise SignInFailed("provider_unreachable") from error
            for key in jwks["keys"]:
                if kid is not None and key.get("kid") == kid:
                    found: Mapping[str, Any] = key
                    return found
        return None


async def read_logout_token(
    logout_token: str, provider_keys: ProviderKeys, *, issuer: str, client_id: str
) -> SignedOut:
    """Whom the provider signed out. Raises :class:`~clients.signed_in.SignInFailed`."""
    try:
        header = jws.get_unverified_header(logout_token)
        key = await provider_keys.named(header.get("kid"))
        if key is None:
            raise SignInFailed("invalid_logout_token")
        claims = jwt.decode(
            logout_token,
            key,
            algorithms=["ES256", "RS256", "PS256"],
            audience=client_id,
            issuer=issuer,
            options={"require_exp": True, "require_iat": True, "leeway": CLOCK_TOLERANCE},
        )
    except (JOSEError, RecursionError) as error:  # nested beyond what the parser climbs
        raise SignInFailed("invalid_logout_token") from error
    events = claims.get("events")
    holds = (
        header.get("typ") == "logout+jwt"
        and isinstance(events, dict)
        and LOGOUT_EVENT in events
        and "nonce" not in claims
        and isinstance(claims.get("jti"), str)
        and (isinstance(claims.get("sub"), str) or isinstance(claims.get("sid"), str))
    )
    if not holds:
        raise SignInFailed("invalid_logout_token")
    return SignedOut(claims["jti"], int(claims["exp"]), claims.get("sub"), claims.get("sid"))
