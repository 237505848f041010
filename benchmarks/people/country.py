"""The whole demo in a folder and on ports of its own, and people of it signed in to its pages."""

import base64
import hashlib
import hmac
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from benchmarks.ours import HIDDEN, ROOT, personas
from benchmarks.ours import VAR as BENCHES
from benchmarks.process import await_ready, stop
from demo.place import Place

VAR: Final = BENCHES / "people"
PORT_BASE: Final = "49000"
ENVIRONMENT: Final = {
    "DINHDANH_PORT_BASE": PORT_BASE,
    **os.environ,
    "DINHDANH_VAR": str(VAR),
    "PYTHONPATH": str(ROOT),
}
ALL_THERE: Final = "Ctrl-C"
"""What the demo says once its last row is done; until then it still makes samples, which is not to be measured."""
STEP: Final = 30  # seconds of a one-time code, RFC 6238
LONGEST_WAY: Final = 12  # pages from a portal's door to its own page


@contextmanager
def country() -> Iterator[Place]:
    """The running demo."""
    VAR.mkdir(parents=True, exist_ok=True)
    log, place = VAR / "demo.log", Place.from_environment(ENVIRONMENT)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for name in ("idp", "registry", "national_portal", "payment_gateway", "eid_app"):
            await_ready(supervisor, f"{place.url(name)}/health/ready", log, 300)
        while ALL_THERE not in log.read_text(errors="replace") and supervisor.poll() is None:
            time.sleep(0.5)
        yield place
    finally:
        stop(supervisor)


class Visitor:
    """Somebody of the demo at a browser without scripts, or a stranger."""

    def __init__(self, place: Place, key: str = "") -> None:
        self.place = place
        known = {each["key"]: each for each in personas(place)}
        self.persona: dict[str, Any] = known[key] if key else {}
        self.browser = httpx2.Client(follow_redirects=True, timeout=60)

    def enter(self, address: str, *, press: str = "") -> str:
        """Go to a page, press its form for ``press``, prove who one is until one is back; the last address.

        Raises RuntimeError when the way does not lead back.
        """
        answer = self.browser.get(address)
        if press:
            answer = self._send(answer, form=press)
        for _ in range(LONGEST_WAY):
            where = urlsplit(str(answer.url))
            if where.netloc != urlsplit(self.place.url("idp")).netloc or where.path.startswith("/account"):
                if answer.status_code != httpx2.codes.OK:
                    raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
                return str(answer.url)
            answer = self._send(answer, **self._proof(where.path))
        raise RuntimeError(f"{self.persona['key']} never arrives at {address}: {answer.url}")

    def _proof(self, path: str) -> dict[str, str]:
        """What a page of the issuer asks for."""
        account = self.persona["account"]
        match path:
            case "/sign-in":
                return {
                    "personal_number": self.persona["number"],
                    "password": account["password"],
                    "act": "sign-in",
                }
            case "/sign-in/second-factor":
                return {"code": code_at(account["totp_secret"], int(time.time()) // STEP), "act": "code"}
            case _:
                return {"answer": "allow"}

    def _send(self, answer: httpx2.Response, /, *, form: str = "", **values: str) -> httpx2.Response:
        if answer.status_code != httpx2.codes.OK:
            raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
        page = answer.text
        if form:
            page = page[page.index(f'action="{form}"') :]
            page = page[: page.index("</form>")]
        target = str(answer.url.join(form)) if form else str(answer.url.copy_with(query=None))
        return self.browser.post(target, data=dict(HIDDEN.findall(page)) | values)

    def cookies(self) -> str:
        """The Cookie header that a browser sends to every port of this machine."""
        return "; ".join(f"{each.name}={each.value}" for each in self.browser.cookies.jar)


def code_at(secret: str, step: int) -> str:
    """What an authenticator app shows in a time step (RFC 4226 section 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFF_FFFF) % 1_000_000:06d}"
