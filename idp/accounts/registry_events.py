"""What the population registry tells us of a person by signed Security Event Tokens, and what follows from it.

RFC 8417 (the token), RFC 8935 (its delivery by push; the error codes are those of section 2.4), RFC 9493 (subject
identifiers; ours is ``opaque`` with the personal number, which never leaves the two state bodies).
Left out: ``txn`` and ``toe`` beyond ordering. Unknown kinds of events are taken and mean nothing to us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from idp.accounts import acts
from idp.accounts.acts import Act
from idp.accounts.life import Actor, CloseReason, LockReason

TYP: Final = "secevent+jwt"
ALGORITHMS: Final = ("ES256",)
PREFIX: Final = "urn:example:vn:registry:event:"
LONGEST_JTI: Final = 128
MOST_EVENTS: Final = 8
NUMBER: Final = 12
ANSWER_STATES: Final = ("looking", "rightful", "misuse")
LONGEST_ANSWER: Final = 1_000


class RegistryEventKind(StrEnum):
    """The events that concern an account."""

    DEATH = "death"
    CARD_WITHDRAWN = "card-withdrawn"
    CARD_RETURNED = "card-returned"
    RESIDENCE_EXPIRED = "residence-expired"
    RESIDENCE_RENEWED = "residence-renewed"
    NATIONALITY_LOST = "nationality-lost"
    NUMBER_REESTABLISHED = "number-reestablished"
    RECORD_CHANGED = "record-changed"
    """A name, an address or a card changed: the profile is read anew."""
    MISUSE_ANSWERED = "misuse-answered"
    """What became of a report that the person made here; the account itself is not touched."""


@dataclass(eq=False)
class EventRefused(Exception):
    """RFC 8935 section 2.4: ``invalid_request``, ``invalid_key``, ``invalid_issuer`` or ``invalid_audience``."""

    err: str
    description: str


@dataclass(frozen=True, slots=True)
class MisuseAnswer:
    """The registry's reviewers on one report: the state it is in now, and their words for the person."""

    report: UUID
    state: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    """One event about one person; ``at`` in epoch seconds is when it happened, or when it was said."""

    jti: str
    kind: RegistryEventKind
    number: str = field(repr=False)
    at: int
    new_number: str | None = field(default=None, repr=False)
    answer: MisuseAnswer | None = None

    @property
    def family(self) -> str:
        """Events that undo each other: of one family only what is newer than the last counts."""
        if self.answer is not None:  # those of one report
            return f"misuse:{self.answer.report}"
        return _FAMILIES.get(self.kind, self.kind.value)


_FAMILIES: Final[Mapping[RegistryEventKind, str]] = {
    RegistryEventKind.CARD_WITHDRAWN: "card",
    RegistryEventKind.CARD_RETURNED: "card",
    RegistryEventKind.RESIDENCE_EXPIRED: "residence",
    RegistryEventKind.RESIDENCE_RENEWED: "residence",
}
_ACTS: Final[Mapping[RegistryEventKind, Act]] = {
    RegistryEventKind.DEATH: acts.lock(LockReason.DEATH, Actor.REGISTRY),
    RegistryEventKind.CARD_WITHDRAWN: acts.lock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY),
    RegistryEventKind.CARD_RETURNED: acts.unlock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY),
    RegistryEventKind.RESIDENCE_EXPIRED: acts.lock(LockReason.RESIDENCE_EXPIRED, Actor.REGISTRY),
    RegistryEventKind.RESIDENCE_RENEWED: acts.unlock(LockReason.RESIDENCE_EXPIRED, Actor.REGISTRY),
    RegistryEventKind.NATIONALITY_LOST: acts.close(CloseReason.NATIONALITY_LOST, Actor.REGISTRY),
    RegistryEventKind.NUMBER_REESTABLISHED: acts.renumber(),
    RegistryEventKind.RECORD_CHANGED: acts.read_anew(),
}


def act_of(event: RegistryEvent) -> Act:
    """What follows for the account of the person."""
    return _ACTS[event.kind]


def read_events(
    claims: Mapping[str, object], *, issuer: str, audience: str, now: int, tolerance: int
) -> tuple[RegistryEvent, ...]:
    """The events of a token whose signature held, those that we know. Raises EventRefused."""
    # RFC 8417 2.2: "iss" and "jti" are REQUIRED; RFC 7519 4.1.1: compared as they are.
    if claims.get("iss") != issuer:
        raise EventRefused("invalid_issuer", "the issuer is not the registry of this provider")
    # CVE-2025-27370: one audience, and it is us; a list could be meant for somebody beside us.
    if claims.get("aud") != audience:
        raise EventRefused("invalid_audience", "the audience is not this provider")
    jti, issued, events = claims.get("jti"), claims.get("iat"), claims.get("events")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise _malformed("jti")
    if type(issued) is not int or issued > now + tolerance:
        raise _malformed("iat")
    # RFC 8417 2.2: "exp" is NOT RECOMMENDED; a token that has one is an access token or the like, not an event.
    if "exp" in claims:
        raise _malformed("exp")
    if not isinstance(events, dict) or not 0 < len(events) <= MOST_EVENTS:
        raise _malformed("events")
    known = [
        (kind, payload)
        for kind, payload in sorted(events.items())
        if kind.startswith(PREFIX) and kind.removeprefix(PREFIX) in set(RegistryEventKind)
    ]
    # An event that means nothing to us may be about a dossier or a dwelling; nobody is looked for.
    if not known:
        return ()
    number = _number(claims.get("sub_id"))
    at = claims.get("toe", issued)
    if type(at) is not int or not 0 < at <= issued + tolerance:
        raise _malformed("toe")
    return tuple(_event(jti, kind, payload, number, at) for kind, payload in known)


def _event(jti: str, kind: str, payload: object, number: str, at: int) -> RegistryEvent:
    if not isinstance(payload, dict):
        raise _malformed("events")
    known = RegistryEventKind(kind.removeprefix(PREFIX))
    new = None
    if known is RegistryEventKind.NUMBER_REESTABLISHED:
        new = _number(payload.get("new_sub_id"))
        if new == number:
            raise _malformed("new_sub_id")
    answer = misuse_answer(payload) if known is RegistryEventKind.MISUSE_ANSWERED else None
    return RegistryEvent(jti, known, number, at, new, answer)


def misuse_answer(payload: Mapping[str, object]) -> MisuseAnswer:
    """What the reviewers say. Raises EventRefused."""
    report, state, words = (payload.get(name) for name in ("report", "state", "answer"))
    if state not in ANSWER_STATES or not isinstance(words, str) or len(words) > LONGEST_ANSWER:
        raise _malformed("events")
    try:
        return MisuseAnswer(UUID(report if isinstance(report, str) else ""), str(state), words)
    except ValueError:
        raise _malformed("events") from None


def _number(subject: object) -> str:
    """The personal number of a subject identifier (RFC 9493 section 3.2.5, format ``opaque``)."""
    value = subject.get("id") if isinstance(subject, dict) and subject.get("format") == "opaque" else None
    if not isinstance(value, str) or len(value) != NUMBER or not (value.isascii() and value.isdigit()):
        raise _malformed("sub_id")
    return value


def _malformed(member: str) -> EventRefused:
    return EventRefused("invalid_request", f"the member {member} is missing or malformed")
