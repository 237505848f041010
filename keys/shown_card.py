"""The card that a phone shows: its signature and its minute judged, once for all who check it.

A compact JWS (RFC 7515) of the provider's e-ID app, `typ` `eid-card+jwt`, without audience: whoever stands before the
holder may check it by the published keys alone. Its age is the defence: it counts for a minute, so a picture of a
screen proves nothing; nor does one from the future, beyond what clocks differ. Who counts each one once remembers
its `jti` until it ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from keys.compact import JWS_PARTS, parts_in
from keys.errors import VerificationFailed
from keys.public_key_set import PublicKeySet, compact_segments

TYP: Final = "eid-card+jwt"
ALGORITHMS: Final = ("ES256",)
LASTS: Final = 60
"""Seconds that a presentation may claim for itself; the provider gives no more."""
CLOCKS_DIFFER: Final = 10
"""Seconds that the checker's clock may be behind."""
LONGEST: Final = 2_048
"""Letters of a presentation."""
LONGEST_CODE: Final = LONGEST + 256
"""Letters of what a scanner reads: the presentation behind the address where anybody may check it."""


class ShownCardRefused(Exception):
    """The text proves nothing, or not any more; `code` says why, `made_at` (seconds since 1970) where it is past."""

    def __init__(self, code: str, made_at: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.made_at = made_at


@dataclass(frozen=True, slots=True)
class ShownCard:
    """Whom the presentation names, and its time (seconds since 1970); `expires` is empty for a lifetime card."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    state: str
    expires: str
    made_at: int
    ends_at: int
    jti: str

    @property
    def ends(self) -> datetime:
        """The moment from which it counts for nothing."""
        return datetime.fromtimestamp(self.ends_at, UTC)


def presentation_in(text: str) -> str | None:
    """The presentation in a scanned text, with or without its address; nothing of it is believed yet."""
    text = text.strip()
    if len(text) > LONGEST_CODE or not text.isascii():
        return None
    token = text.rpartition("#")[2]
    return token if parts_in(token) == JWS_PARTS and len(token) <= LONGEST else None


def kid_in(text: str) -> object:
    """The name of the key that a presentation claims, for whoever fetches keys one by one.

    Raises:
        ShownCardRefused: nothing signed in it.
    """
    try:
        return compact_segments(presentation_in(text) or "", LONGEST)[0].get("kid")
    except VerificationFailed as failed:
        raise ShownCardRefused("not_signed") from failed


def check_shown_card(text: str, published: PublicKeySet, issuer: str, now: float) -> ShownCard:
    """The card behind a scanned text.

    Raises:
        ShownCardRefused: for whatever proves nothing, or not any more.
    """
    token = presentation_in(text)
    if token is None:
        raise ShownCardRefused("not_signed")
    try:
        claims = published.verify(token, algorithms=ALGORITHMS, typ=TYP, max_bytes=LONGEST)
    except VerificationFailed as failed:
        raise ShownCardRefused(failed.code) from failed
    return card_of_claims(claims, issuer, now)


def card_of_claims(claims: Mapping[str, object], issuer: str, now: float) -> ShownCard:
    """The card that verified claims name: of this issuer, of this minute, whole.

    Raises:
        ShownCardRefused: `issuer`, `malformed`, `future`, `past`.
    """
    if claims.get("iss") != issuer:
        raise ShownCardRefused("issuer")
    made, ends = claims.get("iat"), claims.get("exp")
    if type(made) is not int or type(ends) is not int or ends - made > LASTS:
        raise ShownCardRefused("malformed")
    if made > now + CLOCKS_DIFFER:
        raise ShownCardRefused("future")
    if ends <= now:
        raise ShownCardRefused("past", made)
    match claims:
        case {
            "number": str(number),
            "name": str(name),
            "birth_date": str(born),
            "jti": str(jti),
            "card": {"state": str(state), **more},
        }:
            return ShownCard(number, name, born, state, str(more.get("expires") or ""), made, ends, jti)
    raise ShownCardRefused("malformed")
