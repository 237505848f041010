"""Check the electronic card that a phone shows, offline.

Usage::

    python -m clients.cards QR_TEXT_OR_FILE JWKS_FILE ISSUER

The QR code of the e-ID app holds an address and, behind ``#``, a presentation of one minute: number, name, birth
date, state of the card, when it was made. The provider's published keys are enough; nothing is asked of anybody. What
it proves is judged where everybody has it judged (:mod:`keys.shown_card`).
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from keys import KeyRefused, PublicKeySet
from keys.shown_card import ShownCard, ShownCardRefused, check_shown_card, presentation_in


def check_card(text: str, jwks: Mapping[str, Any], issuer: str, now: float | None = None) -> ShownCard:
    """The card behind a scanned text. Raises ShownCardRefused for whatever proves nothing, or not any more."""
    try:
        published = PublicKeySet.from_jwks(jwks)
    except KeyRefused as refused:
        raise ShownCardRefused("bad_jwks") from refused
    return check_shown_card(text, published, issuer, time.time() if now is None else now)


def main() -> int:
    """Print the card, or why not; exit status 0, 1 or 2."""
    try:
        given, jwks, issuer = sys.argv[1:]
    except ValueError:
        sys.stderr.write("usage: python -m clients.cards QR_TEXT_OR_FILE JWKS_FILE ISSUER\n")
        return 2
    try:
        text = given if presentation_in(given) else Path(given).read_text(encoding="utf-8")
        card = check_card(text, json.loads(Path(jwks).read_text(encoding="utf-8")), issuer)
    except ShownCardRefused as refusal:
        made = "" if refusal.made_at is None else f": made {int(time.time()) - refusal.made_at} seconds ago"
        sys.stderr.write(f"refused: {refusal.code}{made}\n")
        return 1
    except (OSError, ValueError) as failure:
        sys.stderr.write(f"cannot read: {failure}\n")
        return 2
    sys.stdout.write(json.dumps(asdict(card), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
