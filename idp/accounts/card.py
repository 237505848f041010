"""The electronic identity card (căn cước điện tử) as the e-ID app shows it: the holder's own, after key and PIN.

Law on Identity 26/2023 Art. 31; only an account of level 2 holds one (Decree 69/2024 Art. 9(2)), and only while the
plastic card may be used. The line of the QR code is that of the plastic card: number, former number, name, birth
date, sex, address, day of issue. It spares typing and proves nothing; whoever checks it asks the registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from idp.accounts.device_acts import DeviceRefused, SignedAct
from idp.accounts.pin_checks import right_pin
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy

SEX: Final = {"male": "Nam", "female": "Nữ"}
VIETNAM: Final = timezone(timedelta(hours=7))
LEVEL: Final = 2
FULL_DATE: Final = 10


@dataclass(frozen=True, slots=True)
class ShowCard:
    """A wish to see the card whose PIN was right; ``against`` is the hash that it was checked with."""

    act: SignedAct
    against: str

    @property
    def needs(self) -> Needs:
        """The device and its account."""
        return Needs(device_id=self.act.device_id, replay=(self.act.replay,))


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown, by name, and the line of its QR code."""

    shown: dict[str, str]
    line: str


def show(asked: ShowCard, facts: Facts, policy: Policy) -> Decision[Card | DeviceRefused]:
    """The holder's own card, noted in their history (kept five years: Decree 69/2024 Art. 28)."""
    _, account, used = right_pin(asked.act, asked.against, facts, policy)
    found = card_of(account, facts.now)
    if found is None:
        return Decision(DeviceRefused("no_card", 404), (used,))
    return Decision(found, (used,), (AuditEvent(AuditKind.CARD_SHOWN, account.account_id),))


def card_of(account: Account, now: int) -> Card | None:
    """The card of this account's holder; None without one that may be used today."""
    profile = account.profile
    card = profile.get("registry_card")
    if not isinstance(card, dict) or account.level < LEVEL:
        return None
    today = datetime.fromtimestamp(now, VIETNAM).date().isoformat()
    expires = card.get("expires")
    if isinstance(expires, str) and expires < today:
        return None
    shown = {
        "number": account.personal_number,
        "name": _text(profile.get("name")),
        "birth_date": _written(_text(profile.get("birthdate"))),
        "sex": SEX.get(_text(profile.get("gender")), ""),
        "address": _address(profile),
        "issued": _written(_text(card.get("issued"))),
        "expires": _written(_text(expires)),
    }
    former = _text(profile.get("cmnd9"))
    line = "|".join(
        (
            *(account.personal_number, former, shown["name"], shown["birth_date"].replace("/", "")),
            *(shown["sex"], shown["address"].replace("|", " "), shown["issued"].replace("/", "")),
        )
    )
    return Card(shown, line)


def _address(profile: Mapping[str, object]) -> str:
    address = profile.get("address_permanent")
    if not isinstance(address, dict):
        return ""
    return _text(address.get("formatted") or address.get("text"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _written(day: str) -> str:
    """``dd/mm/yyyy``; what is known of it, when the day is not."""
    return "/".join(reversed(day[:FULL_DATE].split("-"))) if day else ""
