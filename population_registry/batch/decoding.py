"""Bytes to lines, piece by piece in constant memory: byte order marks, UTF-16, CRLF, broken bytes, gigantic lines.

A record is a line: no value of a batch holds a line break, so one broken line never swallows the next.
"""

import codecs

LONGEST_LINE = 16_384
BROKEN = "\ufffd"
"""Stands for bytes that are no text; a line with it is refused, never guessed at."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENOUGH_TO_TELL = 4


class Lines:
    """Feed bytes, get lines. A line beyond `LONGEST_LINE` comes as None, and only its first part was ever kept."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._pending = ""
        self._skipping = False

    def feed(self, piece: bytes, *, last: bool = False) -> list[str | None]:
        """The lines that are complete now; after the last piece also the one without an end."""
        if self._decoder is None:
            self._head += piece
            if len(self._head) < _ENOUGH_TO_TELL and not last:
                return []
            encoding, marked = _encoding(self._head)
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
            piece, self._head = self._head[marked:], b""
        text = self._pending + self._decoder.decode(piece, last)
        *complete, self._pending = text.split("\n")
        lines: list[str | None] = [*complete]
        if self._skipping or "\r" in text or max(map(len, complete), default=0) > LONGEST_LINE:
            lines = [self._whole(line) for line in complete]
        if len(self._pending) > LONGEST_LINE:
            self._skipping, self._pending = True, ""
        if last and (self._pending or self._skipping):
            rest, self._pending = self._pending, ""
            lines.append(self._whole(rest))
        return lines

    def _whole(self, line: str) -> str | None:
        too_long = self._skipping or len(line) > LONGEST_LINE
        self._skipping = False
        return None if too_long else line.removesuffix("\r")


def _encoding(head: bytes) -> tuple[str, int]:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    # Without a mark: the first character of CSV and of JSON is ASCII, so its zero byte tells UTF-16.
    if head[:1] == b"\0":
        return "utf-16-be", 0
    return ("utf-16-le", 0) if head[1:2] == b"\0" else ("utf-8", 0)
