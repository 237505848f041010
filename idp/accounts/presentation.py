"""The card shown to somebody: a compact JWS (RFC 7515) of one minute, renewed every half, checked without asking us.

``typ`` ``eid-card+jwt``; claims ``iss``, ``iat``, ``exp``, ``jti``, ``number``, ``name``, ``birth_date``, ``card``
(``state``, ``expires``), ``since`` (when key and PIN were proven) and ``phone``. No audience: whoever stands before
the holder may check it, by the provider's published keys alone. Its age is the defence: a picture of it is worth
nothing after a minute, and whoever relays it within that minute still has to look like its holder.

After the PIN a phone renews what it shows by showing the presentation before, for three minutes (*ours*); each time
the account and the card are judged anew. ``phone`` ties a presentation to the phone that shows it and names it to
nobody: a hash of the ``jti`` and the key's thumbprint.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from idp.accounts.card import Card, card_of
from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.pin_checks import right_pin
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from keys import base64url
from keys.shown_card import LASTS

EVERY: Final = 30
"""Seconds after which the phone shows another one."""
SHOWN_FOR: Final = 180
"""Seconds after the PIN in which it is renewed."""
_PHONE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class ShowCard:
    """A wish to see the card whose PIN was right; ``against`` is the hash that it was checked with."""

    act: SignedAct
    against: str = field(repr=False)

    @property
    def needs(self) -> Needs:
        """The device and its account."""
        return _needs(self.act)


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """A wish to go on showing it; ``before`` are the claims of the presentation before, None when it is not ours."""

    act: SignedAct
    before: Mapping[str, object] | None = field(repr=False)

    @property
    def needs(self) -> Needs:
        """The device and its account."""
        return _needs(self.act)


@dataclass(frozen=True, slots=True)
class Shown:
    """The card for its holder, and the claims for whoever checks it; to be signed."""

    card: Card
    claims: dict[str, object] = field(repr=False)


def show(asked: ShowCard, facts: Facts, policy: Policy) -> Decision[Shown | DeviceRefused]:
    """The holder's own card, noted in their history (kept five years: Decree 69/2024 Art. 28)."""
    device, account, used = right_pin(asked.act, asked.against, facts, policy)
    card = card_of(account, facts.now)
    if card is None:
        return Decision(DeviceRefused("no_card", 404), (used,))
    shown = Shown(card, _claims(account, card, device.device_id, facts, policy, since=facts.now))
    return Decision(shown, (used,), (AuditEvent(AuditKind.CARD_SHOWN, account.account_id),))


def show_again(asked: ShowAgain, facts: Facts, policy: Policy) -> Decision[Shown | DeviceRefused]:
    """The next half minute, as long as the PIN is not three minutes old. Raises DeviceRefused."""
    device, account = proven(asked.act, facts, policy)
    spent = (spend(asked.act, facts),)
    card = card_of(account, facts.now)
    if card is None:
        return Decision(DeviceRefused("no_card", 404), spent)
    since = _since(asked.before, account, device.device_id, facts.now)
    if since is None:
        return Decision(DeviceRefused("show_anew", 409), spent)
    return Decision(Shown(card, _claims(account, card, device.device_id, facts, policy, since=since)), spent)


def _since(before: Mapping[str, object] | None, account: Account, device_id: str, now: int) -> int | None:
    if before is None or before.get("number") != account.personal_number:
        return None
    since, jti = before.get("since"), before.get("jti")
    if type(since) is not int or not isinstance(jti, str) or before.get("phone") != _phone(jti, device_id):
        return None
    ends = before.get("exp")
    return since if type(ends) is int and now < min(ends, since + SHOWN_FOR) else None


def _claims(
    account: Account, card: Card, device_id: str, facts: Facts, policy: Policy, *, since: int
) -> dict[str, object]:
    jti = facts.fresh.jti
    return {
        "iss": policy.issuer,
        "iat": facts.now,
        "exp": facts.now + LASTS,
        "jti": jti,
        "number": account.personal_number,
        "name": card.shown["name"],
        "birth_date": card.born,
        "card": {"state": "valid", "expires": card.expires or None},
        "since": since,
        "phone": _phone(jti, device_id),
    }


def _phone(jti: str, device_id: str) -> str:
    digest = hashlib.sha256(f"{jti}|{device_id}".encode()).digest()
    return base64url.encode(digest[:_PHONE_BYTES]).decode("ascii")


def _needs(act: SignedAct) -> Needs:
    return Needs(device_id=act.device_id, replay=(act.replay,))
