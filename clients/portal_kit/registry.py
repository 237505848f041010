"""The population registry as a portal sees it: questions with a purpose, answers with a signed receipt."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from clients.portal_kit.wire import RegistryGone, RegistryRefused, RegistryWire, Token
from clients.portal_kit.withdrawals import Withdrawals
from clients.receipts import ReceiptChecker, ReceiptRefused

__all__ = ["Question", "RegistryClient", "RegistryGone", "RegistryRefused"]

KEYS_REST: Final = 5.0
"""Seconds between two fetches of the registry's keys."""


@dataclass(frozen=True, slots=True)
class Question:
    """Why the portal asks: every request names purpose, procedure and dossier (Law 91/2025, Art. 3)."""

    purpose: str
    procedure_code: str
    dossier_code: str | None = None
    """None only where the catalogue asks for none: somebody looks at their own data."""

    def members(self) -> dict[str, object]:
        """As members of a request."""
        return {name: value for name, value in asdict(self).items() if value is not None}


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
        self.wire = RegistryWire(base_url, client, anchors=anchors)
        self.base_url = self.wire.base_url
        self._audience = audience
        self._withdrawals = Withdrawals(self.base_url, self.wire.client)
        self._jwks: Mapping[str, Any] | None = None
        self._fetched_at = float("-inf")

    async def verify(
        self, token: Token, question: Question, subject: Mapping[str, object], claims: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """``POST /v1/verifications``: values in, flags out, with a receipt that was checked before it is kept."""
        answer = await self._post(
            token,
            "/v1/verifications",
            {**question.members(), "subject": subject, "claims": claims},
        )
        await self._must_hold(str(answer["receipt"]))
        return answer

    async def release(self, token: Token, question: Question, fields: tuple[str, ...]) -> Mapping[str, Any]:
        """``POST /v1/releases``: the signed-in person's own values, as far as the procedure allows."""
        return await self._post(
            token,
            "/v1/releases",
            {**question.members(), "fields": list(fields)},
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
        return await self.wire.send("GET", path)

    async def who_looked(self, token: Token, cursor: str | None = None) -> Mapping[str, Any]:
        """``GET /v1/access-log``: who looked at the person of this token."""
        suffix = f"?cursor={cursor}" if cursor else ""
        return await self.wire.send("GET", f"/v1/access-log{suffix}", token=token)

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
        self._jwks = await self.wire.send("GET", "/.well-known/jwks.json")

    async def _post(self, token: Token, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        return await self.wire.send("POST", path, token=token, body=body, key=str(uuid4()))

    async def close(self) -> None:
        """Give the connections back."""
        await self.wire.close()
