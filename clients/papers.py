"""Check what stands on a paper offline: the text of its QR code, a signed paper (CT07, or of a dossier), a receipt.

Usage::

    python -m clients.papers QR_TEXT_OR_FILE JWKS_FILE ISSUER [LIST_FILE …]

A QR code of a CT07 holds an address and, behind ``#``, a signed stamp: name, number, home, until when; that of
another paper its form, dossier, name and day. It proves that the registry issued that paper, not that nothing has
changed since: that only the registry's check page knows.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jose import jws
from jose.exceptions import JOSEError

from clients.receipts import MAX_BYTES, TYPE, ReceiptChecker, ReceiptRefused
from clients.status_list import SUPERSEDED

SIGNED: Final = "eyJ"
"""How every signed text begins: `{"` of its header."""
KINDS: Final = frozenset(
    {
        TYPE,
        "residence-confirmation+jwt",
        "residence-stamp+jwt",
        "dossier-paper+jwt",
        "dossier-stamp+jwt",
    }
)


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """What is signed, and whether the lists say that a later act of the dossier has overtaken it."""

    claims: Mapping[str, object]
    superseded: bool


def check_paper(
    text: str, jwks: Mapping[str, object], issuer: str, lists: Sequence[str] = ()
) -> Mapping[str, object]:
    """The signed claims behind the text. Raises :class:`ReceiptRefused` for whatever proves nothing."""
    return read_paper(text, jwks, issuer, lists).claims


def read_paper(
    text: str,
    jwks: Mapping[str, object],
    issuer: str,
    lists: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> CheckedPaper:
    """The same with what the lists say. Raises :class:`ReceiptRefused`."""
    token = text.strip().rpartition("#")[2]
    if len(token) > MAX_BYTES:
        raise ReceiptRefused("too_long", "too long for a paper")
    try:
        kind = jws.get_unverified_header(token).get("typ")
    except (JOSEError, RecursionError) as error:
        raise ReceiptRefused("not_signed", "nothing signed in it") from error
    if kind not in KINDS:
        raise ReceiptRefused("other_type", "not of a paper's or a receipt's type")
    checker = ReceiptChecker(jwks, issuer=issuer, lists=lists, clock=clock, kind=str(kind))
    claims = checker.check(token)
    return CheckedPaper(claims, superseded=bool(lists) and checker.status(claims) == SUPERSEDED)


def main() -> int:
    """Print the claims, or why not; exit status 0, 1 or 2."""
    try:
        given, jwks, issuer, *lists = sys.argv[1:]
    except ValueError:
        sys.stderr.write("usage: python -m clients.papers QR_TEXT_OR_FILE JWKS_FILE ISSUER [LIST_FILE ...]\n")
        return 2
    try:
        # The text of a code, a signed text alone (`stamp`, `confirmation`), or a file that holds one of them.
        itself = ("." in given and "#" in given) or given.startswith(SIGNED)
        text = given if itself else Path(given).read_text(encoding="utf-8")
        kept = [Path(name).read_text(encoding="ascii", errors="replace").strip() for name in lists]
        paper = read_paper(text, json.loads(Path(jwks).read_text(encoding="utf-8")), issuer, kept)
    except ReceiptRefused as refusal:
        sys.stderr.write(f"refused: {refusal}\n")
        return 1
    except (OSError, ValueError) as failure:
        sys.stderr.write(f"cannot read: {failure}\n")
        return 2
    if paper.superseded:
        sys.stderr.write("superseded: a later paper of the same dossier says otherwise\n")
    sys.stdout.write(json.dumps(paper.claims, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
