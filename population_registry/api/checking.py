"""Checking a paper by its code and the last digits of the number, or by the file itself; a CT07 by the record too.

The code is 80 random bits, so nobody finds a paper by trying; the digits keep those out who only saw the address
(a browser's history, a shared link). A wrong ending and an unknown code are answered alike. What is told of a paper
that holds is what its QR code says already; of any other only its state and dates, never what changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from keys import KeyRing, SealBroken
from population_registry.api.confirming import Communes
from population_registry.api.database import Database
from population_registry.domain import AccessEntry, AccessRecord, FieldUse
from population_registry.domain.confirmations import CONFIRMATION_FORM, ConfirmationRow
from population_registry.dossiers.superseding import Superseding
from population_registry.papers.confirmation.claims import stamp_claims
from population_registry.papers.confirmation.content import listed
from population_registry.papers.confirmation.issuing import (
    CODE,
    NUMBER_ENDING,
    digests_now,
    ending_text,
    opened,
)
from population_registry.papers.confirmation.judging import KeptPaper, PaperState, judge_paper
from population_registry.papers.notices import notice_stamp
from population_registry.storage import Pool, record_access
from population_registry.storage.confirming import FoundPaper, find_by_code, find_by_file, spend
from population_registry.storage.households import load_with_household
from population_registry.storage.loading import numbers_of
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.receipts import instant
from web import Problem

CHECKS_AN_HOUR: Final = 60
"""Of one address; a counter that checks more than one paper a minute uses the offline check."""
WRONG_ENDINGS_A_DAY: Final = 20
"""For one paper, all addresses together: of ten thousand endings nobody learns one."""
PUBLIC: Final = "public-check"
"""Who stands in the access log for a check that needs no token."""
PURPOSE: Final = "Kiểm tra giấy xác nhận thông tin về cư trú"
PURPOSE_OF_ACT: Final = "Kiểm tra giấy tờ của hồ sơ"
OF_HOME: Final = ("name", "home")
OF_ACT: Final = ("name", "dossier_code", "procedure", "at")
"""What is told of a paper that holds, by the names of its signed claims."""
_CHECKS, _ENDINGS = "paper-check", "paper-ending"


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """A code (in its one spelling) with the last digits of the number, or the SHA-256 of a file."""

    code: str | None = None
    ending: str = ""
    file: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckAnswered:
    """What a check tells; `shown` is what the QR code of a paper that holds, or was overtaken, says by itself."""

    state: PaperState
    issued_at: datetime | None = None
    valid_until: datetime | None = None
    form: str = CONFIRMATION_FORM
    superseding: Superseding | None = None
    """The newest act of the dossier, of a paper that it overtook."""
    shown: tuple[tuple[str, str], ...] = ()
    """What is printed on it, by name: of a CT07 name and home, of an act's paper name, dossier, procedure and day."""

    def document(self) -> dict[str, object]:
        """As JSON."""
        told: dict[str, object] = {"state": self.state.value}
        if self.issued_at is not None:
            told |= {"form": self.form, "issued_at": instant(self.issued_at)}
        if self.valid_until is not None:
            told["valid_until"] = instant(self.valid_until)
        if self.superseding is not None:
            later = self.superseding
            told["superseded_by"] = {"form": later.form, "at": instant(later.at)}
        return told | dict(self.shown)


@dataclass(frozen=True, slots=True)
class PaperChecks:
    """Everything that a check needs of the outside."""

    database: Database
    ring: KeyRing
    communes: Communes
    clock: Callable[[], datetime]

    async def check(self, asked: CheckAsked, address: str, correlation_id: str) -> CheckAnswered:
        """The state of a paper; a paper that was found leaves a row in its holder's access log.

        Raises:
            Problem: 429, this address has checked too often within the hour; 503.
        """
        self.ring.reload_if_changed()
        now = self.clock()
        async with self.database.pool() as pool:
            hour = _window(now, timedelta(hours=1))
            key = self.ring.lookup_hash("registry.paper-check", address)
            if await spend(pool, key, _CHECKS, hour) > CHECKS_AN_HOUR:
                wait = int((hour + timedelta(hours=1) - now).total_seconds())
                raise Problem(429, "too-many-requests", headers={"Retry-After": str(wait)})
            found = await self._found(pool, asked, now)
            if found is None:
                return CheckAnswered(PaperState.UNKNOWN)
            row, later = found.row, found.superseding
            kept = KeptPaper(
                row.issued_at, row.valid_until, found.withdrawn, row.digests, superseded=later is not None
            )
            today = await self._today(pool, row, now) if row.digests else ()
            state = judge_paper(kept, today, now)
            await record_access(pool, [AccessRecord(_entry(row, state, now, correlation_id))])
        told = later if state is PaperState.SUPERSEDED else None
        return CheckAnswered(state, row.issued_at, row.valid_until, row.form, told, self._shown(row, state))

    async def _found(self, pool: Pool, asked: CheckAsked, now: datetime) -> FoundPaper | None:
        if asked.file is not None:
            return await find_by_file(pool, asked.file)
        if asked.code is None:
            return None
        found = await find_by_code(pool, self.ring.lookup_hashes(CODE, asked.code))
        if found is None:
            return None
        day, key = _window(now, timedelta(days=1)), found.row.code_hash
        if await spend(pool, key, _ENDINGS, day, 0) >= WRONG_ENDINGS_A_DAY:
            return None
        said = ending_text(asked.code, asked.ending)
        if found.row.ending_hash in self.ring.lookup_hashes(NUMBER_ENDING, said):
            return found
        await spend(pool, key, _ENDINGS, day)
        return None

    async def _today(self, pool: Pool, row: ConfirmationRow, now: datetime) -> tuple[dict[str, str], ...]:
        """The digests of the holder's record as it is now; none when nothing is confirmed about them any more."""
        numbers = await numbers_of(pool, [row.subject_id])
        if not numbers:
            return ()
        facts = await load_with_household(pool, numbers[0])
        if facts.subject is None or not facts.subject.person.is_active:
            return ()
        today = now.astimezone(VIET_NAM).date()
        return digests_now(listed(facts, today, self.communes.names), self.ring)

    def _shown(self, row: ConfirmationRow, state: PaperState) -> tuple[tuple[str, str], ...]:
        if state not in {PaperState.VALID, PaperState.SUPERSEDED}:
            return ()
        try:
            claims: dict[str, Any] = dict(opened(row, self.ring).claims)
        except SealBroken:
            return ()
        said: dict[str, Any] = stamp_claims(claims) if row.event is None else notice_stamp(claims) | claims
        return tuple((name, str(said[name])) for name in (OF_HOME if row.event is None else OF_ACT))


def _window(now: datetime, length: timedelta) -> datetime:
    seconds = int(length.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _entry(row: ConfirmationRow, state: PaperState, now: datetime, correlation_id: str) -> AccessEntry:
    return AccessEntry(
        entry_id=uuid4(),
        at=now,
        subject_id=row.subject_id,
        client_id=PUBLIC,
        agency=PUBLIC,
        officer=None,
        purpose=PURPOSE if row.event is None else PURPOSE_OF_ACT,
        procedure_code=row.procedure_code,
        dossier_code=row.dossier_code,
        fields={"confirmation": FieldUse.VERIFIED},
        outcome=state.value,
        receipt_id=row.confirmation_id,
        correlation_id=correlation_id,
    )
