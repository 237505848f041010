"""Forms that only our own pages can send (CWE-352): signed double submit, bound to the browser, and origin checks.

A browser holds a random signed cookie. Each form carries a token: a keyed hash of that cookie and, where there is a
session, of the session (`bind`), under a fresh mask, so that equal tokens never look equal (BREACH). A post is
accepted when neither ``Sec-Fetch-Site`` nor ``Origin`` shows another origin *and* the token fits the cookie.
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from markupsafe import Markup, escape
from starlette.requests import HTTPConnection, Request

from web.exchange import exchange_of
from web.forms import Form
from web.problems import PageProblem

FIELD = "csrf_token"
RAW, MASK = 16, 32


class Csrf:
    """Issues and checks tokens for one service.

    ``secret``: at least 32 bytes, the same in every worker. ``public_url``: the origin our forms live on.
    """

    def __init__(self, secret: bytes, *, public_url: str, cookie_name: str) -> None:
        if len(secret) < MASK:
            raise ValueError("the form secret must have at least 32 bytes")
        parts = urlsplit(public_url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.secure = parts.scheme == "https"
        self.cookie_name = f"__Host-{cookie_name}" if self.secure else cookie_name
        self._secret = secret

    def _mac(self, purpose: bytes, *parts: bytes) -> bytes:
        message = b"".join(len(part).to_bytes(4, "big") + part for part in (purpose, *parts))
        return hmac.digest(self._secret, message, hashlib.sha256)

    def _new_cookie(self) -> str:
        raw = secrets.token_bytes(RAW)
        return encoded(raw + self._mac(b"cookie", raw)[:RAW])

    def _genuine(self, cookie: str) -> bool:
        raw = decoded(cookie)
        if len(raw) != 2 * RAW:
            return False
        return hmac.compare_digest(raw[RAW:], self._mac(b"cookie", raw[:RAW])[:RAW])

    def cookie_for(self, connection: HTTPConnection) -> str:
        """The browser's cookie value; where it has no genuine one, a new value that this answer will set."""
        exchange = exchange_of(connection)
        if exchange.csrf_cookie is None:
            held = connection.cookies.get(self.cookie_name, "")
            if not self._genuine(held):
                held = self._new_cookie()
                secure = "; Secure" if self.secure else ""
                exchange.cookies.append(f"{self.cookie_name}={held}; Path=/; HttpOnly; SameSite=Lax{secure}")
            exchange.csrf_cookie = held
        return exchange.csrf_cookie

    def token(self, connection: HTTPConnection) -> str:
        """A fresh token for a form of this answer."""
        proof = self._proof(self.cookie_for(connection), exchange_of(connection).csrf_binding)
        mask = secrets.token_bytes(MASK)
        return encoded(mask + xor(proof, mask))

    def _proof(self, cookie: str, binding: str) -> bytes:
        return self._mac(b"token", cookie.encode(), binding.encode())

    def field(self, connection: HTTPConnection) -> Markup:
        """The hidden field for a form."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(
            FIELD, escape(self.token(connection))
        )

    def same_origin(self, connection: HTTPConnection) -> bool:
        """Whether the browser says that the request comes from our own origin, or says nothing at all.

        ``none`` is a person's own act (a reload), which no other site can cause.
        """
        site = connection.headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            return False
        origin = connection.headers.get("origin")
        return origin is None or origin == self.origin

    def verify(self, connection: HTTPConnection, form: Form) -> None:
        """Raise `PageProblem` 403 ``stale-form`` unless the form is ours, for this browser and this session."""
        if not self.same_origin(connection):
            raise PageProblem(403, "stale-form", code="csrf-origin")
        cookie = connection.cookies.get(self.cookie_name, "")
        given = form.all(FIELD)
        if len(given) != 1 or not self._genuine(cookie):
            raise PageProblem(403, "stale-form", code="csrf-token")
        raw = decoded(given[0])
        proof = self._proof(cookie, exchange_of(connection).csrf_binding)
        if len(raw) != 2 * MASK or not hmac.compare_digest(xor(raw[MASK:], raw[:MASK]), proof):
            raise PageProblem(403, "stale-form", code="csrf-token")


def bind(connection: HTTPConnection, session: str) -> None:
    """Bind the tokens of this exchange to a session; call it before rendering and before checking."""
    exchange_of(connection).csrf_binding = session


async def check(request: Request, form: Form) -> None:
    """Check a form against the `Csrf` of the request's application; raises `PageProblem` 403."""
    installed: Csrf = request.app.state.web.csrf
    installed.verify(request, form)


def encoded(raw: bytes) -> str:
    """URL-safe base 64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of an `encoded` text; empty for anything else."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except ValueError:
        return b""


def xor(left: bytes, right: bytes) -> bytes:
    """Bytewise exclusive or of two equally long values."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")
