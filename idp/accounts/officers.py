"""What an officer's console may ask of the provider: one act about one account, for one case, by one officer.

The officer is the person of the access token, signed in with two factors; nobody is believed to be one because a body
says so. Which acts: see :class:`Deed`. Commune and province officers record, check in person and forward; the centre
decides (Decree 69/2024/NĐ-CP, Art. 16). Nobody acts on their own account.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from idp.accounts.life import Actor, LockReason, NotAllowed

ACTORS: Final[Mapping[str, Actor]] = {
    "commune_officer": Actor.OFFICER,
    "province_officer": Actor.OFFICER,
    "centre_officer": Actor.CENTRE,
}
"""By role; other roles may do nothing here."""
_CASE: Final = re.compile(r"[A-Za-z0-9._:/\-]{3,64}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{12}", re.ASCII)
_PHONE: Final = re.compile(r"\+[0-9]{8,15}", re.ASCII)
LONGEST_MAILBOX: Final = 254


class Deed(StrEnum):
    """What is asked for."""

    LOOK = "look"
    ISSUE = "issue"
    """In person: a level-2 account, or the raise to level 2 of one that is there."""
    REOPEN_ACTIVATION = "reopen_activation"
    LOCK = "lock"
    """At the person's own request, at once."""
    UNLOCK = "unlock"
    CONTACT = "contact"
    RECOVER = "recover"
    """A recovery link that works now: the person stood before the officer."""
    REQUEST = "request"
    QUEUE = "queue"
    """The requests that wait, of everybody: for a console that shows each officer those of their territory."""
    FORWARD = "forward"
    APPROVE = "approve"
    REJECT = "reject"


ON_CASES: Final = frozenset({Deed.FORWARD, Deed.APPROVE, Deed.REJECT})


class Malformed(Exception):
    """The body does not say what is asked for; the text names the member."""


@dataclass(frozen=True, slots=True)
class Order:
    """One act as a console asks for it. ``file``: the dossier or case number, of every act but the queue.

    ``case_id`` names a request.
    """

    deed: Deed
    file: str
    number: str = field(default="", repr=False)
    case_id: str = ""
    kind: str = ""
    reason: LockReason | None = None
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


MEMBERS: Final = frozenset({"act", "case", "number", "case_id", "kind", "reason", "email", "phone"})


def read_order(body: Mapping[str, object]) -> Order:
    """The order of a JSON object, read strictly. Raises Malformed."""
    texts = {name: _text(body, name) for name in MEMBERS}
    if set(body) - MEMBERS:
        raise Malformed("unknown member")
    if texts["act"] not in set(Deed):
        raise Malformed("act")
    deed = Deed(texts["act"])
    if deed is Deed.QUEUE:
        return Order(deed, "")
    if not _CASE.fullmatch(texts["case"]):
        raise Malformed("case")
    if deed in ON_CASES:
        if not texts["case_id"] or len(texts["case_id"]) > LONGEST_MAILBOX:
            raise Malformed("case_id")
        return Order(deed, texts["case"], case_id=texts["case_id"])
    return _on_account(deed, texts)


def _on_account(deed: Deed, texts: Mapping[str, str]) -> Order:
    """The order about one person's account."""
    if not _NUMBER.fullmatch(texts["number"]):
        raise Malformed("number")
    reason = LockReason(texts["reason"]) if texts["reason"] in set(LockReason) else None
    if deed is Deed.REQUEST and (texts["kind"] not in {"lock", "unlock", "close"}):
        raise Malformed("kind")
    if deed is Deed.REQUEST and (reason is None) is (texts["kind"] != "close"):
        raise Malformed("reason")
    if texts["phone"] and not _PHONE.fullmatch(texts["phone"]):
        raise Malformed("phone")
    return Order(
        deed,
        texts["case"],
        texts["number"],
        kind=texts["kind"],
        reason=reason,
        email=texts["email"] or None,
        phone=texts["phone"] or None,
    )


def actor_of(role: str) -> Actor:
    """As whom an officer of this role acts. Raises NotAllowed for a role that may do nothing here."""
    actor = ACTORS.get(role)
    if actor is None:
        raise NotAllowed("not_for_this_role")
    return actor


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Malformed(name)
    return value
