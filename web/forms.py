"""Reading ``application/x-www-form-urlencoded``: bounded, strict, and with repeated parameters kept visible.

RFC 6749 3.1 and 3.2 forbid a parameter twice; a dict would hide it, so `Form` does not.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from web.problems import Problem

BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
OUTSIDE = re.compile(rb"[^\x21-\x7e]")
MAX_NAME = 128


class Form(Mapping[str, str]):
    """The fields of a form. As a mapping it gives each name's first value; `all` and `repeated` show the rest."""

    __slots__ = ("_values", "pairs")

    def __init__(self, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        self.pairs = pairs
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Form(names={sorted(self._values)})"  # values are personal data

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name, in order; empty when it is absent."""
        return tuple(self._values.get(name, ()))

    def text(self, name: str) -> str:
        """The first value without surrounding space; empty when absent. Not for passwords."""
        return self._values.get(name, [""])[0].strip()

    @property
    def repeated(self) -> tuple[str, ...]:
        """The names that came more than once."""
        return tuple(name for name, values in self._values.items() if len(values) > 1)


def parse_form(body: bytes, *, max_fields: int = 100) -> Form:
    """The fields of a form body.

    Raises `Problem` 400 ``malformed-form`` for bytes outside ASCII, broken escapes, text that is not UTF-8, NUL, an
    empty or overlong name, and for more than ``max_fields`` fields.
    """
    if not body:
        return Form()
    if OUTSIDE.search(body) or BROKEN_ESCAPE.search(body) or body.count(b"&") >= max_fields:
        raise malformed()
    pairs = []
    for part in body.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        pairs.append((decoded(name), decoded(value)))
        if not 0 < len(pairs[-1][0]) <= MAX_NAME:
            raise malformed()
    return Form(tuple(pairs))


def decoded(part: bytes) -> str:
    """One name or value as text, or the problem of a malformed form."""
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise malformed() from error
    if "\x00" in text:
        raise malformed()
    return text


def malformed() -> Problem:
    """The one problem of a form that cannot be read."""
    return Problem(400, "malformed-form")


async def read_form(request: Request, *, max_fields: int = 100) -> Form:
    """The form in a request's body.

    Raises `Problem` 415 when the body is of another type or charset, 400 when it is malformed, 413 (from the body
    limit) when it is too long.
    """
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    body = await request.body()
    if not body and not kind:
        return Form()
    if kind.strip().lower() != "application/x-www-form-urlencoded" or charset not in {"", "utf-8"}:
        raise Problem(415, "unsupported-media-type")
    return parse_form(body, max_fields=max_fields)
