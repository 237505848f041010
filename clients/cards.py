"""Check the electronic card that a phone shows, offline: an independent second implementation (python-jose).

Usage::

    python -m clients.cards QR_TEXT_OR_FILE JWKS_FILE ISSUER

The QR code of the e-ID app holds an address and, behind ``#``, a presentation of one minute: number, name, birth
date, state of the card, when it was made. The provider's published keys are enough; nothing is asked of anybody. What
is older than a minute is refused, so a picture of a screen proves nothing; and so is one from the future, beyond what
clocks differ.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jose import jws
from jose.exceptions import JOSEError

from clients.receipts import CARD_TYPE, ReceiptChecker, ReceiptRefused

LASTS: Final = 60
"""Seconds that a presentation may claim for itself; the provider gives no more."""
CLOCKS_DIFFER: Final = 10
"""Seconds that the checker's clock may be behind."""
LONGEST: Final = 2_304


@dataclass(frozen=True, slots=True)
class ShownCard:
    """Whom the presentation names, and when it was made (seconds since 1970)."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    state: str
    expires: str
    made_at: int


def looks_like_a_card(text: str) -> bool:
    """Whether a scanned text may be a presentation; nothing of it is believed yet."""
    return len(text) <= LONGEST and text.isascii() and _token(text).count(".") == 2  # noqa: PLR2004 - RFC 7515 7.1


def kid_of(text: str) -> object:
    """The name of the key that a presentation claims. Raises :class:`ReceiptRefused`."""
    try:
        return jws.get_unverified_header(_token(text)).get("kid")
    except (JOSEError, RecursionError) as error:
        raise ReceiptRefused("not_signed", "nothing signed in it") from error


def check_card(text: str, jwks: Mapping[str, Any], issuer: str, now: float | None = None) -> ShownCard:
    """The card behind a scanned text. Raises :class:`ReceiptRefused` for whatever proves nothing, or not any more."""
    if not looks_like_a_card(text):
        raise ReceiptRefused("not_signed", "nothing signed in it")
    claims = ReceiptChecker(jwks, issuer=issuer, kind=CARD_TYPE).check(_token(text))
    clock = time.time() if now is None else now
    made, ends = claims.get("iat"), claims.get("exp")
    if type(made) is not int or type(ends) is not int or ends - made > LASTS:
        raise ReceiptRefused("malformed", "malformed times")
    if made > clock + CLOCKS_DIFFER:
        raise ReceiptRefused("future", "made in the future: is this clock right?")
    if ends <= clock:
        raise ReceiptRefused("past", f"made {int(clock - made)} seconds ago: ask for a fresh one")
    match claims:
        case {
            "number": str(number),
            "name": str(name),
            "birth_date": str(born),
            "card": {"state": str(state), **more},
        }:
            return ShownCard(number, name, born, state, str(more.get("expires") or ""), made)
    raise ReceiptRefused("malformed", "not what a card says")


def _token(text: str) -> str:
    return text.strip().rpartition("#")[2]


def main() -> int:
    """Print the card, or why not; exit status 0, 1 or 2."""
    if len(sys.argv) != 4:  # noqa: PLR2004 - three operands and the program
        sys.stderr.write("usage: python -m clients.cards QR_TEXT_OR_FILE JWKS_FILE ISSUER\n")
        return 2
    given, jwks, issuer = sys.argv[1:]
    text = given if looks_like_a_card(given) else Path(given).read_text(encoding="utf-8")
    try:
        card = check_card(text, json.loads(Path(jwks).read_text(encoding="utf-8")), issuer)
    except ReceiptRefused as refusal:
        sys.stderr.write(f"refused: {refusal}\n")
        return 1
    said = {name: getattr(card, name) for name in ShownCard.__slots__}
    sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
