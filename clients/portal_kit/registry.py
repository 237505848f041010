"""The population registry as a portal sees it: questions with a purpose, answers with a signed receipt."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import httpx2

from clients.receipts import ReceiptChecker, ReceiptRefused

TIMEOUT: Final = httpx2.Timeout(8.0, connect=2.0)


class RegistryRefused(Exception):  # noqa: N818 - the registry's answer
    """The registry refused the question (RFC 9457): ``code`` is language-free, ``status`` the HTTP status."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail

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

    def __init__(self, base_url: str, audience: str, client: httpx2.AsyncClient | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._audience = audience
        self._client = client or httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        self._checker: ReceiptChecker | None = None

    async def verify(
        self, token: str, question: Question, subject: Mapping[str, object], claims: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """``POST /v1/verifications``: values in, flags out, with a receipt that was checked before it is kept."""
        answer = await self._post(
            token,
            "/v1/verifications",
            {**asdict(question), "subject": subject, "claims": claims},
        )
        await self.check_receipt(str(answer["receipt"]))
        return answer

    async def release(self, token: str, question: Question, fields: tuple[str, ...]) -> Mapping[str, Any]:
        """``POST /v1/releases``: the signed-in person's own values, as far as the procedure allows."""
        return await self._post(
            token,
            "/v1/releases",
            {**asdict(question), "fields": list(fields)},
        )

    async def assess(
        self,
        token: str,
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
            await self.check_receipt(str(answer["verification"]["receipt"]))
        return answer

    async def communes(self, province: str) -> list[Mapping[str, Any]]:
        """The communes of a province since 30 April 2026 (public reference)."""
        answer = await self._send("GET", f"/v1/references/communes?province={province}")
        return list(answer["communes"])

    async def who_looked(self, token: str, cursor: str | None = None) -> Mapping[str, Any]:
        """``GET /v1/access-log``: who looked at the person of this token."""
        suffix = f"?cursor={cursor}" if cursor else ""
        return await self._send("GET", f"/v1/access-log{suffix}", token=token)

    async def check_receipt(self, receipt: str) -> Mapping[str, object]:
        """Check a receipt; the public keys are fetched once, and again when an unknown one signs."""
        if self._checker is None:
            self._checker = await self._fresh_checker()
        try:
            return self._checker.check(receipt)
        except ReceiptRefused:
            self._checker = await self._fresh_checker()
            return self._checker.check(receipt)

    async def _fresh_checker(self) -> ReceiptChecker:
        jwks = await self._send("GET", "/.well-known/jwks.json")
        return ReceiptChecker(jwks, issuer=self.base_url, audience=self._audience)

    async def _post(self, token: str, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        return await self._send("POST", path, token=token, body=body, key=str(uuid4()))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            answer = await self._client.request(method, self.base_url + path, headers=headers, json=body)
        except httpx2.HTTPError as error:
            raise RegistryGone from error
        if answer.status_code in {502, 503, 504}:
            raise RegistryGone
        content = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        if answer.status_code >= 400:  # noqa: PLR2004 - HTTP: refused from here on
            code = content.get("code") or content.get("error") or "unexpected"
            raise RegistryRefused(answer.status_code, str(code), str(content.get("detail", "")))
        found: Mapping[str, Any] = content
        return found

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
