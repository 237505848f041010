"""The population registry as a portal sees it: questions with a purpose, answers with a signed receipt."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from clients.challenges import parameters
from clients.dpop import NONCE, USE_NONCE, HeldToken
from clients.portal_kit.withdrawals import Withdrawals
from clients.receipts import ReceiptChecker, ReceiptRefused
from web.anchors import trusting

Token = str | HeldToken
TIMEOUT: Final = httpx2.Timeout(8.0, connect=2.0)
LONGEST_AGE: Final = 8
"""Digits of an age in seconds."""
KEYS_REST: Final = 5.0
"""Seconds between two fetches of the registry's keys."""


class RegistryRefused(Exception):  # noqa: N818 - the registry's answer
    """The registry refused the question (RFC 9457): ``code`` is language-free, ``status`` the HTTP status."""

    def __init__(self, status: int, code: str, detail: str = "", challenge: str = "") -> None:
        super().__init__(code)
        self.wanted = parameters(challenge)
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def max_age(self) -> int | None:
        """How many seconds ago the person may have signed in, when that is what was missing (RFC 9470 section 3)."""
        text = self.wanted.get("max_age", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_AGE else None

    @property
    def needs_sign_in(self) -> bool:
        """The access token is gone or too weak: sign in again (RFC 6750, RFC 9470)."""
        return self.status == 401  # noqa: PLR2004 - an HTTP status


class RegistryGone(Exception):  # noqa: N818 - a state of the outside
    """The registry does not answer. The dossier is accepted and verified later; nobody is late by it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Why the portal asks: every request names purpose, procedure and dossier (Law 91/2025, Art. 3)."""

    purpose: str
    procedure_code: str
    dossier_code: str


class RegistryClient:
    """Asks with the person's or the portal's own access token."""

    def __init__(
        self,
        base_url: str,
        audience: str,
        client: httpx2.AsyncClient | None = None,
        *,
        anchors: Path | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._audience = audience
        self._client = client or httpx2.AsyncClient(
            timeout=TIMEOUT, follow_redirects=False, verify=trusting(anchors)
        )
        self._withdrawals = Withdrawals(self.base_url, self._client)
        self._nonce: str | None = None
        self._jwks: Mapping[str, Any] | None = None
        self._fetched_at = float("-inf")

    async def verify(
        self, token: Token, question: Question, subject: Mapping[str, object], claims: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """``POST /v1/verifications``: values in, flags out, with a receipt that was checked before it is kept."""
        answer = await self._post(
            token,
            "/v1/verifications",
            {**asdict(question), "subject": subject, "claims": claims},
        )
        await self._must_hold(str(answer["receipt"]))
        return answer

    async def release(self, token: Token, question: Question, fields: tuple[str, ...]) -> Mapping[str, Any]:
        """``POST /v1/releases``: the signed-in person's own values, as far as the procedure allows."""
        return await self._post(
            token,
            "/v1/releases",
            {**asdict(question), "fields": list(fields)},
        )

    async def assess(
        self,
        token: Token,
        question: Question,
        *,
        received_at: datetime,
        inputs: Mapping[str, object],
        subject: Mapping[str, object] | None = None,
        claims: Mapping[str, object] | None = None,
    ) -> Mapping[str, Any]:
        """``POST /v1/procedures/{code}/assessments``: the procedure's checks, deadline, fee or premium.

        Without ``subject`` nothing about anybody is looked up: rules, deadline and fee only.
        """
        body: dict[str, object] = {
            "purpose": question.purpose,
            "dossier_code": question.dossier_code,
            "received_at": received_at.isoformat(),
            "inputs": inputs,
        }
        if subject is not None:
            body |= {"subject": subject, "claims": claims or {}}
        answer = await self._post(token, f"/v1/procedures/{question.procedure_code}/assessments", body)
        if subject is not None:
            await self._must_hold(str(answer["verification"]["receipt"]))
        return answer

    async def reference(self, path: str) -> Mapping[str, Any]:
        """Public reference data (``/v1/references/…``)."""
        return await self._send("GET", path)

    async def who_looked(self, token: Token, cursor: str | None = None) -> Mapping[str, Any]:
        """``GET /v1/access-log``: who looked at the person of this token."""
        suffix = f"?cursor={cursor}" if cursor else ""
        return await self._send("GET", f"/v1/access-log{suffix}", token=token)

    async def check_receipt(self, receipt: str, *, of_anybody: bool = False) -> Mapping[str, Any]:
        """The claims of a receipt made for us (``of_anybody``: for whichever portal).

        The public keys are fetched once, and again when an unknown key signs, yet never twice within seconds, so
        that no stranger can make us hammer the registry. Raises :class:`~clients.receipts.ReceiptRefused`, or
        :class:`RegistryGone` when no keys are known.
        """
        audience = None if of_anybody else self._audience
        if self._jwks is None:
            await self._fetch_keys()
        try:
            return self._checked(receipt, audience)
        except ReceiptRefused as refusal:
            if refusal.code != "unknown_key" or time.monotonic() - self._fetched_at < KEYS_REST:
                raise
        await self._fetch_keys()
        return self._checked(receipt, audience)

    async def must_stand(self, receipt: str, claims: Mapping[str, Any]) -> bool:
        """Whether the registry could be asked if a checked receipt still holds.

        False: it cannot be asked now, or the receipt is from before there were lists. Raises
        :class:`~clients.receipts.ReceiptRefused` when it was withdrawn, or the list cannot be believed.
        """
        address = self._withdrawals.address_of(claims)
        if address is None:
            return False
        for anew in (False, True):
            listed = await self._withdrawals.list_at(address, anew=anew)
            if listed is None:
                return False
            try:
                self._checked(receipt, None, lists=(listed,))
            except ReceiptRefused as refusal:
                if anew or refusal.code != "list_refused":
                    raise
                # Perhaps signed with a key of today, or kept beyond its day: once more, with the keys of now.
                if time.monotonic() - self._fetched_at >= KEYS_REST:
                    await self._fetch_keys()
            else:
                return True
        return False

    def _checked(self, receipt: str, audience: str | None, lists: Sequence[str] = ()) -> Mapping[str, Any]:
        checker = ReceiptChecker(self._jwks or {}, issuer=self.base_url, audience=audience, lists=lists)
        return checker.check(receipt)

    async def _must_hold(self, receipt: str) -> None:
        """An answer whose receipt does not hold is no answer of the registry."""
        try:
            await self.check_receipt(receipt)
        except ReceiptRefused as refusal:
            raise RegistryGone from refusal

    async def _fetch_keys(self) -> None:
        self._fetched_at = time.monotonic()
        self._jwks = await self._send("GET", "/.well-known/jwks.json")

    async def _post(self, token: Token, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        return await self._send("POST", path, token=token, body=body, key=str(uuid4()))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        token: Token | None = None,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            answer = await self._present(token, method, path, headers, body)
        except httpx2.HTTPError as error:
            raise RegistryGone from error
        if answer.status_code in {502, 503, 504}:
            raise RegistryGone
        content = json_of(answer)
        if answer.status_code >= 400:  # noqa: PLR2004 - HTTP: refused from here on
            code = content.get("code") or content.get("error") or "unexpected"
            challenge = answer.headers.get("WWW-Authenticate", "")
            raise RegistryRefused(answer.status_code, str(code), str(content.get("detail", "")), challenge)
        found: Mapping[str, Any] = content
        return found

    async def _present(
        self,
        token: Token | None,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> httpx2.Response:
        """One request; with a bound token once more when the registry wants its nonce (RFC 9449 section 9)."""
        held = HeldToken(token) if isinstance(token, str) else token
        url = self.base_url + path
        for _ in range(2):
            shown = {} if held is None else held.headers(method, url, self._nonce)
            answer = await self._client.request(method, url, headers={**headers, **shown}, json=body)
            self._nonce = answer.headers.get(NONCE, self._nonce)
            if (
                held is None
                or held.key is None
                or USE_NONCE not in answer.headers.get("WWW-Authenticate", "")
            ):
                break
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def json_of(answer: httpx2.Response) -> Mapping[str, Any]:
    """The JSON object of an answer; an empty one for anything else."""
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
