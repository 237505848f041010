"""The adapter of :class:`idp.ports.Registry`: asks with access tokens of our own (RFC 9068)."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final
from uuid import uuid4

import httpx2

from idp.ports import AccessPage, Person, Unavailable
from idp.registry.access_log import page_of
from idp.registry.claims import FIELDS, openid_claims
from idp.registry.published_keys import RegistryKeys
from keys import KeyPurpose, KeyRing
from web.anchors import trusting
from web.patience import patient

CLIENT_ID: Final = "idp"
PROCEDURE: Final = "eid.profile"
PURPOSE: Final = "Lập và cập nhật tài khoản định danh điện tử"
FAMILY: Final = "eid.representation"
SCOPE: Final = "registry:release"
SCOPE_VERIFY: Final = "registry:verify"
SCOPE_LOG: Final = "registry:access-log"
MATCH: Final = "match"
REPRESENTS: Final = "representative_of"
MATTER: Final = "general"
AS_GUARDIAN: Final = "as_guardian"
LIFETIME: Final = 300
_MARGIN: Final = 60
_NOT_FOUND: Final = 404
_OK: Final = 200
_DONE: Final = 204
_DIGITS: Final = 12
_NO: Final = frozenset({400, 404, 422, 429})
"""Nobody has this number, it is none, the name is no name, or the guessing budget is used up: to each, no."""


class HttpRegistry:
    """Asks the registry at ``base_url``, which is also the audience of our token; no redirects, 5 s at most.

    ``anchors``: a PEM file of authorities, beside the system's, that vouch for its https.
    """

    def __init__(
        self,
        base_url: str,
        issuer: str,
        ring: KeyRing,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx2.AsyncBaseTransport | None = None,
        anchors: Path | None = None,
    ) -> None:
        self._audience = base_url
        self._issuer = issuer
        self._ring = ring
        self._now = now
        self._client = httpx2.AsyncClient(
            base_url=base_url,
            timeout=patient(5.0),
            follow_redirects=False,
            transport=transport,
            trust_env=False,
            verify=trusting(anchors),
        )
        self._keys = RegistryKeys(self._client)
        self._token = ""
        self._token_ends = 0

    async def profile(self, personal_number: str) -> Mapping[str, object] | None:
        """OpenID claims of a person, or None when the registry knows nobody usable.

        Raises :class:`Unavailable` when it does not answer, or refuses us.
        """
        body = {
            "purpose": PURPOSE,
            "procedure_code": PROCEDURE,
            "subject": {"number": personal_number},
            "fields": list(FIELDS),
        }
        with understood():
            answer = await self._post("/v1/releases", body, self._bearer(), {_NOT_FOUND})
            if answer is None:
                return None
            values: Mapping[str, Any] = answer["values"]
            return openid_claims(values, int(self._now()))

    async def identity(self, personal_number: str, name: str, born: str) -> bool:
        """Whether number, name and birth date are one living person's; False too after too many guesses.

        Raises :class:`Unavailable`.
        """
        claims = {"name": name, "birth_date": born, "alive": True}
        answer = await self._verified(PROCEDURE, personal_number, claims, {})
        return answer is not None and all(flag == MATCH for flag in answer.values())

    async def hold(self, personal_number: str, *, locked: bool) -> None:
        """Tell whether the account of this number is locked; the number of an organisation or of nobody is done.

        Raises :class:`Unavailable`.
        """
        if len(personal_number) != _DIGITS:
            return
        body = {"subject": {"number": personal_number}, "locked": locked}
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        with understood():
            answer = await self._client.post("/v1/holds", json=body, headers=headers)
        if answer.status_code not in {_DONE, _NOT_FOUND}:
            raise Unavailable(f"registry: status {answer.status_code}")

    async def relation(self, guardian: str, acr: str, dependant: Person) -> str | None:
        """``child`` or ``ward``: what somebody is to ``guardian``, as the record says today; None for neither.

        Name and birth date must be right. Raises :class:`Unavailable`.
        """
        kin = {"child_of": {"number": guardian}, "ward_of": {"number": guardian}}
        claims = {"name": dependant.name, "birth_date": dependant.born, **kin}
        flags = await self._verified(FAMILY, dependant.number, claims, {"acr": acr})
        if flags is None or any(flags[each] != MATCH for each in ("name", "birth_date")):
            return None
        return next((word for word in ("ward", "child") if flags[f"{word}_of"] == MATCH), None)

    async def represents(self, guardian: Person, acr: str, number: str) -> str | None:
        """``parent`` or ``guardian``: as what somebody acts for the holder of ``number``, as the record says today.

        None for neither: no kin, another guardian by now, a birthday, a death. Raises :class:`Unavailable`.
        """
        asked = {"number": number, "matter": MATTER}
        claims = {"name": guardian.name, "birth_date": guardian.born, REPRESENTS: asked}
        found = await self._results(FAMILY, guardian.number, claims, {"acr": acr})
        if found is None or any(each["flag"] != MATCH for each in found.values()):
            return None
        with understood():
            return "guardian" if AS_GUARDIAN in found[REPRESENTS].get("reasons", ()) else "parent"

    async def accesses(self, personal_number: str, cursor: str | None, limit: int) -> AccessPage:
        """Who asked the registry about this person, newest first. Raises :class:`Unavailable`."""
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        token = self._signed({"scope": SCOPE_LOG, "pid": personal_number})
        with understood():
            answer = await self._client.get(
                "/v1/access-log", params=query, headers={"Authorization": f"Bearer {token}"}
            )
            if answer.status_code == _NOT_FOUND:
                return AccessPage()
            if answer.status_code != _OK:
                raise Unavailable(f"registry: status {answer.status_code}")
            return page_of(answer.json())

    async def report_misuse(self, report: Mapping[str, object]) -> None:
        """Hand a report over; kept once, however often it is sent. Raises :class:`Unavailable`."""
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        with understood():
            answer = await self._client.post("/v1/misuse-reports", json=dict(report), headers=headers)
        if answer.status_code != _OK:
            raise Unavailable(f"registry: status {answer.status_code}")

    async def _verified(
        self, procedure: str, number: str, claims: Mapping[str, object], more: Mapping[str, object]
    ) -> Mapping[str, str] | None:
        """The flag of each claim; None when nobody has this number, or when too much was guessed."""
        found = await self._results(procedure, number, claims, more)
        with understood():
            return None if found is None else {name: each["flag"] for name, each in found.items()}

    async def _results(
        self, procedure: str, number: str, claims: Mapping[str, object], more: Mapping[str, object]
    ) -> Mapping[str, Mapping[str, Any]] | None:
        """What was said of each claim; None when nobody has this number, or when too much was guessed."""
        body = {
            "purpose": PURPOSE,
            "procedure_code": procedure,
            "subject": {"number": number},
            "claims": dict(claims),
        }
        with understood():
            token = self._signed({"scope": SCOPE_VERIFY, **more})
            answer = await self._post("/v1/verifications", body, token, _NO)
            if answer is None:
                return None
            results: Mapping[str, Mapping[str, Any]] = answer["results"]
            return results

    async def _post(
        self, path: str, body: Mapping[str, object], token: str, no: AbstractSet[int]
    ) -> Mapping[str, Any] | None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = await self._client.post(path, json=body, headers=headers)
        if answer.status_code in no:
            return None
        if answer.status_code != _OK:
            raise Unavailable(f"registry: status {answer.status_code}")
        document: Mapping[str, Any] = answer.json()
        return document

    async def signed(self, token: str, *, typ: str, algorithms: Sequence[str]) -> Mapping[str, object]:
        """The claims of a token that the registry signed. Raises VerificationFailed, Unavailable."""
        return await self._keys.verified(token, typ=typ, algorithms=algorithms)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _bearer(self) -> str:
        now = int(self._now())
        if now >= self._token_ends - _MARGIN:
            self._token_ends = now + LIFETIME
            self._token = self._signed({"scope": SCOPE})
        return self._token

    def _signed(self, more: Mapping[str, object]) -> str:
        now = int(self._now())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": CLIENT_ID,
            "client_id": CLIENT_ID,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": token_urlsafe(16),
            "party_kind": "state",
            **more,
        }
        return self._ring.signer(KeyPurpose.ACCESS_TOKEN).sign(claims, typ="at+jwt")


@contextmanager
def understood() -> Iterator[None]:
    """Turns a broken line and an odd answer into :class:`Unavailable`."""
    try:
        yield
    except (httpx2.HTTPError, KeyError, TypeError, ValueError) as failure:
        raise Unavailable("registry") from failure
