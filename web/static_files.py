"""Styles, scripts and pictures: read once, named by their content, cached for ever, compressed beforehand.

A folder ``static/design`` is joined into ``design.css`` in the order of its file names.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

IMMUTABLE = "public, max-age=31536000, immutable"
SMALL = 512
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class StaticFiles:
    """The static files of some packages. Later folders lose to earlier ones of the same name."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._by_address: dict[str, tuple[bytes, bytes | None, str]] = {}
        self._addresses: dict[str, str] = {}
        for folder in reversed(list(folders)):
            for name, content in sorted(contents(folder).items()):
                self._add(name, content)

    def _add(self, name: str, content: bytes) -> None:
        stem, dot, suffix = name.rpartition(".")
        digest = hashlib.sha256(content).hexdigest()[:16]
        address = f"{stem}.{digest}{dot}{suffix}"
        kind = TYPES.get(f".{suffix}") or mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = gzip.compress(content, 9, mtime=0) if len(content) > SMALL else None
        self._addresses[name] = f"/static/{address}"
        self._by_address[address] = (content, packed, kind)

    def url(self, name: str) -> str:
        """The address of a file by its plain name; raises `KeyError` for an unknown one."""
        return self._addresses[name]

    def route(self) -> Route:
        """The route that serves them all."""
        return Route("/static/{address:path}", self.serve, methods=["GET"], name="static")

    async def serve(self, request: Request) -> Response:
        """One file, or 404; the name says which content it is, so it never changes."""
        found = self._by_address.get(request.path_params["address"])
        if found is None:
            return Response(status_code=404)
        content, packed, kind = found
        headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding", "Content-Type": kind}
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(content, headers=headers)


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder by relative name, its ``design`` folder joined into one style sheet."""
    if not folder.is_dir():
        return {}
    design = sorted((folder / "design").glob("*.css"))
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path not in design
    }
    if design:
        found["design.css"] = b"\n".join(path.read_bytes() for path in design)
    return found
