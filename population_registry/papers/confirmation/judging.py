"""Whether a paper holds: unknown, withdrawn, expired, void by a change, overtaken by a later one, or valid. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaperState(StrEnum):
    """What a check answers; language-free."""

    VALID = "valid"
    REVOKED_BY_CHANGE = "revoked_by_change"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    """Genuine, but a later act of its dossier says otherwise: another day, a pause, the decision, the end."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """What the registry kept of a paper when it issued it; the paper of an act has no end and lists nothing."""

    issued_at: datetime
    valid_until: datetime | None
    withdrawn: bool
    digests: Mapping[str, str]
    superseded: bool = False


def judge_paper(
    paper: KeptPaper | None, today_digests: tuple[Mapping[str, str], ...], now: datetime
) -> PaperState:
    """The state of a paper.

    `today_digests`: of the record as it is now, under each key that is kept; none when the person is no longer one
    about whom anything is confirmed (dead, nationality lost, number cancelled).
    """
    if paper is None:
        return PaperState.UNKNOWN
    if paper.withdrawn:
        return PaperState.WITHDRAWN
    if paper.valid_until is not None and now >= paper.valid_until:
        return PaperState.EXPIRED
    # Circular 66/2023: worthless "from the moment" that a datum in it changes, whatever the date printed on it.
    # What an officer said of a dossier on a day stays said: no change of a record touches it.
    if paper.digests and dict(paper.digests) not in [dict(each) for each in today_digests]:
        return PaperState.REVOKED_BY_CHANGE
    return PaperState.SUPERSEDED if paper.superseded else PaperState.VALID
