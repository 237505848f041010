"""The electronic identity card (căn cước điện tử) as the e-ID app shows it: the holder's own, after key and PIN.

Law on Identity 26/2023 Art. 31; only an account of level 2 holds one (Decree 69/2024 Art. 9(2)), and only while the
plastic card may be used. What others check is the presentation beside it (:mod:`idp.accounts.presentation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Final

from idp.domain.account import Account

SEX: Final = {"male": "Nam", "female": "Nữ"}
VIETNAM: Final = timezone(timedelta(hours=7))
LEVEL: Final = 2
FULL_DATE: Final = 10


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown to its holder, by name; birth date and last day also as the record writes them."""

    shown: dict[str, str] = field(repr=False)
    born: str = field(repr=False)
    expires: str = ""


def card_of(account: Account, now: int) -> Card | None:
    """The card of this account's holder; None without one that may be used today."""
    profile = account.profile
    card = profile.get("registry_card")
    if not isinstance(card, dict) or account.level < LEVEL:
        return None
    today = datetime.fromtimestamp(now, VIETNAM).date().isoformat()
    expires = _text(card.get("expires"))
    if expires and expires < today:
        return None
    born = _text(profile.get("birthdate"))
    shown = {
        "number": account.personal_number,
        "name": _text(profile.get("name")),
        "birth_date": written(born),
        "sex": SEX.get(_text(profile.get("gender")), ""),
        "address": _address(profile),
        "issued": written(_text(card.get("issued"))),
        "expires": written(expires),
    }
    return Card(shown, born, expires)


def _address(profile: Mapping[str, object]) -> str:
    address = profile.get("address_permanent")
    if not isinstance(address, dict):
        return ""
    return _text(address.get("formatted") or address.get("text"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def written(day: str) -> str:
    """``dd/mm/yyyy``; what is known of it, when the day is not."""
    return "/".join(reversed(day[:FULL_DATE].split("-"))) if day else ""
