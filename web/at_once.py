"""An HTTP answer in one piece: status, fields and body in one call and one write.

ASGI hands an answer to the server in two messages, and uvicorn looks at each field of each answer by itself, which
costs more than a tenth of a short request. An application whose answers are whole before they leave finds
:data:`AT_ONCE` in the scope and calls it instead; where it is missing (another server, a test) or says no, the
application sends its two messages as always.
"""

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

AT_ONCE: Final = "dinhdanh.at_once"
"""Scope key of a function ``(status, fields, body) -> bool``: whether it took the answer and wrote it."""
Field = tuple[bytes, bytes]
# RFC 9110 5.1 and 5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous".
_FIELDS: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9a-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*")


def rendered(fields: Iterable[Field]) -> bytes:
    """Header fields as they travel, names in lower case. Raises ValueError for what is no field."""
    lines = [b"%b: %b\r\n" % field for field in fields]
    text = b"".join(lines)
    # As many line ends as fields: a value with one of its own would read as a further field.
    if _FIELDS.fullmatch(text) is None or text.count(b"\n") != len(lines):
        raise ValueError("not a header field")
    return text


@lru_cache(maxsize=64)
def rendered_once(fields: tuple[Field, ...]) -> bytes:
    """The same, for fields that many answers share; never for one that holds a secret."""
    return rendered(fields)


class AtOnceProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with a short way for answers in one piece."""

    def on_headers_complete(self) -> None:
        """A request is about to be answered by the cycle that uvicorn just made for it."""
        super().on_headers_complete()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # ASGI leaves room for keys of servers
        scope[AT_ONCE] = partial(answer, self.cycle)


def answer(cycle: RequestResponseCycle, status: int, fields: bytes, body: bytes) -> bool:
    """Answer the request of a cycle; False, and nothing is written, when it must go the long way.

    ``fields`` end in a line break and say how long the body is (RFC 9112 section 6.3).
    """
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return False
    cycle.response_started = cycle.response_complete = True
    closing = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.transport.write(b"".join((STATUS_LINE[status], fields, closing, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
