"""Who calls: RFC 9068 access tokens of the identity provider, as bearer tokens (RFC 6750) or with a DPoP proof."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request

from keys import VerificationFailed
from keys.proof import ProofRefused, Scheme
from population_registry.api.challenges import Challenges
from population_registry.api.database import unavailable
from population_registry.api.issuer_keys import IssuerKeys, IssuerUnreachable
from population_registry.api.possession import Possession
from population_registry.api.problems import proof_refused, token_invalid, token_missing
from population_registry.api.resource import resource_of
from population_registry.domain import NumberRejectedError, PersonalNumber
from population_registry.verification.acting import read_acting
from population_registry.verification.asking import Caller
from population_registry.verification.rich_requests import read_details

ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256")
TYPE = "at+jwt"
LEEWAY = 5
"""Seconds by which clocks may differ."""
_MOST_REMEMBERED = 4096
_SCHEMES = {scheme.value.lower(): scheme for scheme in Scheme}


class TokenGate:
    """Turns the Authorization header into a `Caller`; a token seen before is not verified twice until it ends.

    Possession of the key that a token is bound to is proved anew with every request (`Possession`). Whether the
    person's e-identity is locked (`held`, by personal number) is asked anew too: such a token cannot be called back.
    """

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        issuer: str,
        audience: str,
        possession: Possession,
        challenges: Challenges,
        clock: Callable[[], datetime],
        held: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._keys = keys
        self._held = held
        self._possession = possession
        self._challenges = challenges
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._clock = clock
        self._seen: dict[bytes, tuple[int, Caller, object]] = {}

    async def caller(self, request: Request) -> Caller:
        """The holder of the token.

        Raises:
            Problem: 401 without a usable token, 503 while the provider's keys or the holds cannot be had.
        """
        headers = request.headers.getlist("authorization")
        if not headers:
            raise token_missing(self._challenges)
        named, _, token = headers[0].partition(" ")
        scheme = _SCHEMES.get(named.lower())
        if len(headers) > 1 or scheme is None or not token:
            raise token_invalid("not one token", self._challenges, Scheme.BEARER)
        resource_of(request).scheme = scheme
        caller, cnf = await self._holder(token, scheme)
        try:
            await self._possession.check(request, scheme, token, cnf, self._clock)
        except ProofRefused as refused:
            raise proof_refused(refused, self._challenges, scheme) from None
        # Law on Identity Art. 34; attack 28: what was issued before the lock opens nothing after it.
        if caller.person_number is not None and await self._held(caller.person_number):
            raise token_invalid("the account is locked", self._challenges, scheme)
        return caller

    async def attested(self, text: str, typ: str) -> Mapping[str, Any] | None:
        """The claims of what the provider signed for us as a ``typ``, None for anything else. Raises Problem 503."""
        try:
            claims = await self._keys.verify(text, algorithms=ALGORITHMS, typ=typ)
        except VerificationFailed:
            return None
        except IssuerUnreachable as cause:
            raise unavailable(cause) from cause
        ours = claims.get("iss") == self._issuer and claims.get("aud") == self._audience
        return claims if ours else None

    async def _holder(self, token: str, scheme: Scheme) -> tuple[Caller, object]:
        """Whose the token is, and what it is bound to."""
        now = int(self._clock().timestamp())
        digest = hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=32).digest()
        seen = self._seen.get(digest)
        if seen is not None and now < seen[0]:
            return seen[1:]
        try:
            claims = await self._keys.verify(token, algorithms=ALGORITHMS, typ=TYPE)
            ends, caller = self._judge(claims, now)
        except (VerificationFailed, ValueError, TypeError, KeyError) as refused:
            raise token_invalid(str(refused), self._challenges, scheme) from None
        except IssuerUnreachable as cause:
            raise unavailable(cause) from cause
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        self._seen[digest] = (ends, caller, claims.get("cnf"))
        return caller, claims.get("cnf")

    def _judge(self, claims: Mapping[str, Any], now: int) -> tuple[int, Caller]:
        """RFC 9068 section 4: issuer, audience, times; then the claims we judge by."""
        if claims.get("iss") != self._issuer:
            raise ValueError("issuer")
        audience = claims.get("aud")
        if audience != self._audience and not (isinstance(audience, list) and self._audience in audience):
            raise ValueError("audience")
        ends, issued = _moment(claims.get("exp")), _moment(claims.get("iat"))
        if now >= ends or max(issued, _moment(claims.get("nbf", 0))) > now + LEEWAY:
            raise ValueError("not in its time")
        if "cnf" in claims and claims["cnf"] is None:
            raise ValueError("a binding to nothing")
        return ends, _caller(claims, self._audience)


def _caller(claims: Mapping[str, Any], audience: str) -> Caller:
    client = claims.get("client_id")
    if not isinstance(client, str) or not client or not isinstance(claims.get("sub"), str):
        raise TypeError("client")
    scope = _text(claims, "scope") or ""
    pid = _text(claims, "pid")
    if pid is not None:
        try:
            PersonalNumber(pid)
        except NumberRejectedError:
            raise ValueError("pid") from None
    acting = read_acting(claims.get("act"))
    return Caller(
        client_id=client,
        scopes=frozenset(scope.split()),
        party_kind=_text(claims, "party_kind"),
        agency_code=_text(claims, "agency_code"),
        person_number=pid,
        acr=_text(claims, "acr"),
        auth_time=_moment(claims["auth_time"]) if "auth_time" in claims else None,
        details=read_details(claims.get("authorization_details"), audience),
        acting=acting,
        has_phone=claims.get("eid_phone") is True,
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(name)
    return value


def _moment(value: object) -> int:
    """A NumericDate in whole seconds (RFC 7519 section 2)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("times")
    return value
