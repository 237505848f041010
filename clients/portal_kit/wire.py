"""The wire to the population registry: requests with a token, answers as JSON or as a file, refusals by code."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx2

from clients.challenges import parameters
from clients.dpop import NONCE, USE_NONCE, HeldToken
from web.anchors import trusting
from web.patience import patient

Token = str | HeldToken
TIMEOUT: Final = httpx2.Timeout(patient(8.0))
"""Seconds for each step, connecting too: who is away refuses at once, and a process that was paused for a second
finds a connection that came meanwhile (a shorter limit would have given it up)."""
LONGEST_AGE: Final = 8
"""Digits of an age in seconds."""


class RegistryRefused(Exception):
    """The registry refused the question (RFC 9457): ``code`` is language-free, ``status`` the HTTP status."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        challenge: str = "",
        said: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.said = said or {}
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
        return self.status == HTTPStatus.UNAUTHORIZED


class RegistryGone(Exception):
    """The registry does not answer. The dossier is accepted and verified later; nobody is late by it."""


class RegistryWire:
    """Sends what the questions of `registry` and the dossiers of `registry_dossiers` say."""

    def __init__(
        self, base_url: str, client: httpx2.AsyncClient | None = None, *, anchors: Path | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.client = client or httpx2.AsyncClient(
            timeout=TIMEOUT, follow_redirects=False, verify=trusting(anchors)
        )
        self._nonce: str | None = None

    async def send(
        self,
        method: str,
        path: str,
        *,
        token: Token | None = None,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> Mapping[str, Any]:
        """The JSON object of the answer, empty where there is none. Raises `RegistryGone`, `RegistryRefused`."""
        headers = {"Accept": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return json_of(await self._answered(token, method, path, headers, body))

    async def file(self, path: str, token: Token) -> bytes:
        """The bytes of a file of the registry. Raises as `send`."""
        answer = await self._answered(token, "GET", path, {"Accept": "*/*"}, None)
        return answer.content

    async def _answered(
        self,
        token: Token | None,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> httpx2.Response:
        try:
            answer = await self._present(token, method, path, headers, body)
        except httpx2.HTTPError as error:
            raise RegistryGone from error
        if answer.status_code in {502, 503, 504}:
            raise RegistryGone
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            content = json_of(answer)
            code = content.get("code") or content.get("error") or "unexpected"
            challenge = answer.headers.get("WWW-Authenticate", "")
            raise RegistryRefused(
                answer.status_code, str(code), str(content.get("detail", "")), challenge, content
            )
        return answer

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
            answer = await self.client.request(method, url, headers={**headers, **shown}, json=body)
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
        await self.client.aclose()


def json_of(answer: httpx2.Response) -> Mapping[str, Any]:
    """The JSON object of an answer; an empty one for anything else."""
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
