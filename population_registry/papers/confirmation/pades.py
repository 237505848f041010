"""Signs a PDF of our own making: an incremental update with a signature field, PAdES-B-B (ETSI EN 319 142-1).

https://www.iso.org/standard/75839.html (ISO 32000-2: 7.5.6 incremental updates, 12.8 digital signatures)
The update is small because only our own files come here: a classic cross-reference table, catalog and first page as
plain objects, no form yet. Anything else is refused, never guessed at. No file of a stranger is ever read.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.x509 import Certificate

from population_registry.papers.chip.certificates import Signatory
from population_registry.papers.confirmation.cms import detached_signature

ROOM: Final = 6144
"""Bytes kept for the signature; two certificates and one ECDSA signature take about 1,900."""
_TRAILER: Final = re.compile(
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R(/ID\[.+\])>>\nstartxref\n(\d+)\n%%EOF\n?\Z",
    re.DOTALL,
)
_PAGES: Final = re.compile(rb"/Pages (\d+) 0 R")
_KID: Final = re.compile(rb"/Kids\s*\[\s*(\d+) 0 R")
_PLACE: Final = 10
"""Digits of an offset in the byte range."""


class UnexpectedFileError(ValueError):
    """The file is not as our own form writes it."""


def sign_pdf(pdf: bytes, signer: Signatory, authority: Certificate, at: datetime, reason: str) -> bytes:
    """The file with an invisible signature over all of it; deterministic.

    Raises:
        UnexpectedFileError: the PDF is not of our form's making, or the signature needs more room.
    """
    update = _update_of(pdf, at.astimezone(UTC), reason)
    start, end = update.contents
    length = len(update.file)
    ranges = (0, start, end, length - end)
    ready = update.file.replace(
        update.range_room, b"[" + b" ".join(b"%0*d" % (_PLACE, each) for each in ranges) + b"]"
    )
    digest = hashlib.sha256(ready[:start] + ready[end:]).digest()
    signature = detached_signature(digest, signer, authority).hex().encode("ascii")
    if len(signature) > 2 * ROOM:
        raise UnexpectedFileError("the signature needs more room")
    return ready[: start + 1] + signature.ljust(2 * ROOM, b"0") + ready[end - 1 :]


@dataclass(frozen=True, slots=True)
class _Update:
    """The file with room for the byte range, and where the signature's text will stand, brackets included."""

    file: bytes
    range_room: bytes
    contents: tuple[int, int]


def _update_of(pdf: bytes, at: datetime, reason: str) -> _Update:
    found = _TRAILER.search(pdf)
    if found is None:
        raise UnexpectedFileError("no trailer as ours")
    size, root, info, identifier, table = (
        int(found[1]), int(found[2]), int(found[3]), found[4], int(found[5])
    )  # a table, read by rows  # fmt: skip
    catalog = _object(pdf, table, root)
    page_number = _first_page(pdf, table, catalog)
    page = _object(pdf, table, page_number)
    if b"/AcroForm" in catalog or b"/Annots" in page:
        raise UnexpectedFileError("has a form or notes already")
    field, value = size, size + 1
    room = b"[" + b" ".join([b"*" * _PLACE] * 4) + b"]"
    objects = {
        root: catalog[:-2] + b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>>>" % field,
        page_number: page[:-2] + b"/Annots[%d 0 R]>>" % field,
        # 12.5.2: flags Print and Locked; outside the page, so nothing is drawn and nothing need be read aloud.
        field: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(CT07)/V %d 0 R/F 132/Rect[-2 -2 -1 -1]/P %d 0 R>>"
        % (value, page_number),
        value: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:%s+00'00')/Reason<%s>"
        b"/ByteRange%s/Contents<%s>>>"
        % (
            at.strftime("%Y%m%d%H%M%S").encode("ascii"),
            (b"\xfe\xff" + reason.encode("utf-16-be")).hex().encode("ascii"),
            room,
            b"0" * (2 * ROOM),
        ),
    }
    written = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    new_table = len(written)
    written += b"xref\n" + b"".join(
        b"%d 1\n%010d 00000 n\r\n" % (number, place) for number, place in sorted(places.items())
    )
    written += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        (size + 2, root, info, identifier, table, new_table)
    )
    start = written.index(b"/Contents<", places[value]) + len("/Contents")
    return _Update(bytes(written), room, (start, start + 2 * ROOM + 2))


def _object(pdf: bytes, table: int, number: int) -> bytes:
    """The dictionary of an object, from `<<` to its last `>>`, by the one cross-reference table (7.5.4)."""
    header = re.compile(rb"xref\n0 (\d+)\n").match(pdf, table)
    if header is None or number >= int(header[1]):
        raise UnexpectedFileError("no cross-reference table as ours")
    line = pdf[header.end() + 20 * number : header.end() + 20 * (number + 1)]
    start = int(line[:10])
    begin = b"%d 0 obj\n<<" % number
    end = pdf.find(b"\nendobj", start)
    found = pdf[start + len(begin) - 2 : end].rstrip()
    if not pdf.startswith(begin, start) or not found.endswith(b">>"):
        raise UnexpectedFileError("no object as ours")
    return found


def _first_page(pdf: bytes, table: int, catalog: bytes) -> int:
    pages = _PAGES.search(catalog)
    kid = None if pages is None else _KID.search(_object(pdf, table, int(pages[1])))
    if kid is None:
        raise UnexpectedFileError("no page")
    return int(kid[1])
