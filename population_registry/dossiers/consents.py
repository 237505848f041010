"""Consents of others as sub-tasks of a dossier: asked, then given, refused or expired after seven days.

Sources: Law on Residence 68/2020 Art. 20 to 25, Decree 154/2024 as amended by 58/2026 Art. 4(5) (channels),
residence.md sections 4 and 11. The owner's consent and the head's are two things, even of one person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LASTS: Final = timedelta(days=7)


class Role(StrEnum):
    """In which capacity somebody is asked."""

    OWNER = "owner"
    HEAD = "head"
    REPRESENTATIVE = "representative"
    MEMBER = "member"
    SITE_HEAD = "site_head"
    INSURER = "insurer"


class ConsentState(StrEnum):
    """How one consent stands."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    EXPIRED = "expired"


class Channel(StrEnum):
    """How somebody said yes or no (Decree 58/2026 Art. 4(5)); a signature: a phone's, or one an officer records."""

    APP = "app"
    PORTAL = "portal"
    SIGNATURE = "signature"
    RECORDED = "recorded"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class ConsentNeed:
    """Somebody must agree. Needs that share `any_of` are met by one of them (co-owners in case 2a)."""

    role: Role
    person_id: int
    why: str
    any_of: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A need and what became of it; `recorded_by` names the officer where the person did not answer themselves."""

    need: ConsentNeed
    state: ConsentState
    asked_at: datetime
    answered_at: datetime | None = None
    channel: Channel | None = None
    recorded_by: str | None = None
    evidence: str | None = None

    @property
    def own_act(self) -> bool:
        """Whether the person answered with their e-identity, and no officer for them."""
        return self.channel is not None and self.recorded_by is None

    def at(self, now: datetime) -> "Consent":
        """As it stands at that moment: a question without an answer expires after seven days."""
        if self.state is ConsentState.ASKED and now - self.asked_at >= LASTS:
            return replace(self, state=ConsentState.EXPIRED)
        return self


def ask(needs: Iterable[ConsentNeed], had: Sequence[Consent], now: datetime) -> tuple[Consent, ...]:
    """The consents of a dossier whose needs are these now: what was given or refused to the same need stays.

    A need that fell away is dropped from the sub-tasks; its answer stays in the dossier's history.
    """
    kept = {consent.need: consent.at(now) for consent in had}
    asked = []
    for need in dict.fromkeys(needs):
        before = kept.get(need)
        if before is None or before.state is ConsentState.EXPIRED:
            before = Consent(need, ConsentState.ASKED, now)
        asked.append(before)
    return tuple(asked)


def complete(consents: Sequence[Consent]) -> bool:
    """Whether every mandatory consent is given: each alone, or one of those that stand for each other."""
    given = {consent.need for consent in consents if consent.state is ConsentState.GIVEN}
    groups = {need.any_of for need in given if need.any_of is not None}
    return all(c.need in given or (c.need.any_of is not None and c.need.any_of in groups) for c in consents)
