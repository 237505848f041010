"""The headers that tell a browser what an answer may do.

Two static sets, chosen by the answer's media type: pages get the whole policy with a nonce of their own, everything
else (JSON, redirects, files) a short one without per-request work. An answer that sets a header itself keeps its own.

Sources: CSP Level 3, Fetch Metadata, HTML (COOP), RFC 6797 (HSTS), Referrer Policy, RFC 9111 (Cache-Control).
"""

import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.exchange import KEY, Exchange, exchange_of

SOURCE = re.compile(
    r"(https?://[a-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?|[a-z][a-z0-9+.\-]*:)"
)

PERMISSIONS = (
    b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), display-capture=(), "
    b"publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
PAGE = (
    (b"x-content-type-options", b"nosniff"),
    # Only the origin travels; `no-referrer` would also turn the Origin header of our own form posts into "null".
    (b"referrer-policy", b"strict-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", PERMISSIONS),
    (b"cache-control", b"no-store"),
)
MACHINE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def policy(
    nonce: str | None,
    form_action: tuple[str, ...] = (),
    frames: tuple[str, ...] = (),
    app: tuple[str, ...] | None = None,
) -> str:
    """The Content-Security-Policy of a page: nothing but our own styles, images and nonce-marked scripts.

    An ``app`` may also ask these origins, and have a service worker of our own.
    """
    script = f"'nonce-{nonce}'" if nonce else "'none'"
    forms = " ".join(("'self'", *form_action))
    asked = " ".join(("'self'", *dict.fromkeys(app or ())))
    worker = "" if app is None else " worker-src 'self';"
    framed = f" frame-src {' '.join(dict.fromkeys(frames))};" if frames else ""
    return (
        f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {asked}; manifest-src 'self';{worker}{framed} form-action {forms}; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


def form_action_source(uri: str) -> str:
    """The CSP source for a redirect or form_post target: its origin, or ``scheme:`` for an app's private scheme.

    Raises `ValueError` for anything that is not such a source, so no target can write into the header.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    source = (
        f"{scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        if scheme in {"http", "https"}
        else f"{scheme}:"
    )
    if not SOURCE.fullmatch(source):
        raise ValueError("not a source for form-action")
    return source


def allow_form_action(connection: HTTPConnection, *uris: str) -> None:
    """Let the forms of this answer reach the origins of ``uris``, by post or by a redirect after the post.

    Chromium checks ``form-action`` on the redirects too, so the consent page must name the client it ends at.
    """
    exchange = exchange_of(connection)
    exchange.form_action = (*exchange.form_action, *map(form_action_source, uris))


def allow_frames(connection: HTTPConnection, *uris: str) -> None:
    """Let this answer show frames of exactly the origins of ``uris``. Raises `ValueError` for no web address."""
    sources = tuple(map(form_action_source, uris))
    if not all("://" in source for source in sources):
        raise ValueError("not a web address")
    exchange = exchange_of(connection)
    exchange.frames = (*exchange.frames, *sources)


def allow_app(connection: HTTPConnection, *uris: str) -> None:
    """Let the script of this page ask the origins of ``uris``, keep a service worker of our own, and use the camera.

    Raises `ValueError` for no web address.
    """
    sources = tuple(map(form_action_source, uris))
    if not all("://" in source for source in sources):
        raise ValueError("not a web address")
    exchange = exchange_of(connection)
    exchange.app = (*(exchange.app or ()), *sources)


class SecurityHeaders:
    """Pure ASGI: adds the headers of this module to each answer. ``https``: whether the public URL is https."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.page = (*PAGE, HSTS) if https else PAGE
        self.machine = (*MACHINE, HSTS) if https else MACHINE
        self.names = frozenset(name for name, _ in (*self.page, *self.machine))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self.headers(list(message.get("headers", ())), scope)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def headers(self, own: list[tuple[bytes, bytes]], scope: Scope) -> list[tuple[bytes, bytes]]:
        """The answer's own headers and those it lacks; their names are lower case (ASGI, HTTP 2.3)."""
        present = dict(own)
        page = present.get(b"content-type", b"").startswith(b"text/html")
        exchange = scope.get(KEY)
        known = exchange if isinstance(exchange, Exchange) else Exchange("")
        if page and known.app is not None and b"permissions-policy" not in present:
            own.append((b"permissions-policy", PERMISSIONS.replace(b"camera=()", b"camera=(self)")))
            present = dict(own)
        added = self.page if page else self.machine
        if self.names.isdisjoint(present):
            own += added
        else:
            own += [pair for pair in added if pair[0] not in present]
        if page and b"content-security-policy" not in present:
            text = policy(known.nonce, known.form_action, known.frames, known.app)
            own.append((b"content-security-policy", text.encode()))
        return own
