"""Reports of misuse reach the registry's reviewers once, however often they are sent; the answer comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from idp.accounts.registry_events import (
    EventRefused,
    MisuseAnswer,
    RegistryEvent,
    RegistryEventKind,
    misuse_answer,
)
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.writes import ReportMisuse
from idp.ports import Unavailable
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.misuse import MisuseDelivery, report_uuid
from idp.storage.outbox import PATIENCE
from tests.clock import MovingClock
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import commit, fresh_number, name

pytestmark = pytest.mark.engine
SAID = "Tôi không nộp hồ sơ nào ở đó."


class Reviewers:
    """The other side: what it was handed; ``away`` so many times first."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.got: list[Mapping[str, Any]] = []

    async def __call__(self, report: Mapping[str, Any]) -> None:
        """One report."""
        if self.away:
            self.away -= 1
            raise Unavailable("registry")
        self.got.append(report)


@pytest.fixture
async def storage(opening: OpenStorage, fresh_database: str, moving_clock: MovingClock) -> Storage:
    """Storage with an outbox of its own, under the moving clock."""
    return await opening(database_url=fresh_database, now=moving_clock.timestamp)


async def somebody(storage: Storage) -> tuple[str, str]:
    """A fresh account and its number."""
    account_id, number = name(), fresh_number()
    values: dict[str, object] = {"level": 2, "status": "active", "lock_reasons": []}
    values |= {"password_hash": "$argon2id$sample", "account_type": "citizen"}
    await storage.accounts.save(account_id, number, Secrets(), **values)
    return account_id, number


def worker(storage: Storage, clock: MovingClock, reviewers: Reviewers) -> MisuseDelivery:
    """The worker, with ``reviewers`` instead of the registry."""
    parts = (storage.engine, storage.report_bell, storage.vault, storage.accounts.opened_number)
    return MisuseDelivery(*parts, storage.records.line, reviewers, now=clock.timestamp)


async def test_a_report_is_handed_over_until_it_is_taken(storage: Storage, moving_clock: MovingClock) -> None:
    """The same id at every try; a registry that is away hears it later; then there is nothing left to send."""
    account_id, number = await somebody(storage)
    entry = str(uuid4())
    await commit(storage, ReportMisuse(account_id, "registry", entry, SAID))
    reviewers = Reviewers(away=1)
    delivery = worker(storage, moving_clock, reviewers)
    assert await delivery.deliver_due() == 1
    assert reviewers.got == []
    moving_clock.advance(PATIENCE[0] + 1)
    assert await delivery.deliver_due() == 1
    assert reviewers.got == [
        {
            "report_id": str(report_uuid(account_id, "registry", entry)),
            "subject": {"number": number},
            "source": "registry",
            "said": SAID,
            "entry_id": entry,
        }
    ]
    assert await delivery.deliver_due() == 0


async def test_a_line_of_our_own_log_is_told_without_the_person(
    storage: Storage, moving_clock: MovingClock
) -> None:
    """What, when, for which case; a line of somebody else's history is told to nobody."""
    account_id, _ = await somebody(storage)
    other, _ = await somebody(storage)
    looked = AuditEvent(AuditKind.ACCOUNT_LOOKED_AT, account_id, claims=("actor:x", "dossier:TK03-1"))
    await storage.committing.commit(Decision(None, (), (looked,)))
    (line,) = await storage.records.history(account_id)
    await commit(storage, ReportMisuse(account_id, "provider", str(line.seq), SAID))
    await commit(storage, ReportMisuse(other, "provider", str(line.seq), SAID))
    reviewers = Reviewers()
    await worker(storage, moving_clock, reviewers).deliver_due()
    (got,) = reviewers.got
    assert got["entry"]["kind"] == "account_looked_at"
    assert got["entry"]["case"] == "TK03-1"
    assert account_id not in str(got["entry"])


async def test_the_answer_is_kept_once(storage: Storage) -> None:
    """Taken, answered, said again, taken back: the first answer stays; another person's report is not touched."""
    account_id, number = await somebody(storage)
    stranger, other = await somebody(storage)
    await commit(storage, ReportMisuse(account_id, "registry", "e-1", SAID))
    await commit(storage, ReportMisuse(stranger, "registry", "e-1", SAID))
    report = report_uuid(account_id, "registry", "e-1")

    async def heard(about: str, state: str, words: str = "") -> str:
        kind = RegistryEventKind.MISUSE_ANSWERED
        return await storage.hearing.hear(
            RegistryEvent(name(), kind, about, 1_800_000_000, None, MisuseAnswer(report, state, words))
        )

    assert await heard(number, "looking") == "applied"
    assert await heard(number, "rightful", "Đúng quy định.") == "applied"
    assert await heard(number, "misuse", "Khác.") == "older"
    assert await heard(other, "misuse", "Khác.") == "older"
    (mine,) = await storage.own.reports(account_id)
    (theirs,) = await storage.own.reports(stranger)
    assert (mine.state, mine.answer, mine.said) == ("rightful", "Đúng quy định.", SAID)
    assert (theirs.state, theirs.answer) == ("received", "")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"report": "x", "state": "misuse", "answer": ""},
        {"report": str(uuid4()), "state": "received", "answer": ""},
        {"report": str(uuid4()), "state": "misuse"},
        {"report": str(uuid4()), "state": "misuse", "answer": "x" * 1_001},
        {"report": 1, "state": ["misuse"], "answer": ""},
    ],
)
def test_an_unclear_answer_is_refused(payload: dict[str, Any]) -> None:
    """RFC 8935 section 2.4: `invalid_request`; nothing unbounded is kept."""
    with pytest.raises(EventRefused):
        misuse_answer(payload)
