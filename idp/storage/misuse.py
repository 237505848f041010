"""Reports of misuse on their way to the population registry's reviewers, and the answers that come back.

A line of the outbox names a report; its id is the same at every try, so the registry keeps it once. The answer is a
signed event of the registry (:mod:`idp.accounts.registry_events`), kept beside the report, sealed like its words.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.accounts.registry_events import MisuseAnswer
from idp.domain.rich_requests import DOSSIER_ITEM
from idp.ports import HistoryEntry
from idp.storage.outbox import Bell, OutboxWorker, Row
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT, MISUSE_REPORT, REPORT_OUTBOX
from idp.storage.vault import Vault

_REPORT: Final = (
    select(MISUSE_REPORT.c.said, ACCOUNT.c.number)
    .join(ACCOUNT, ACCOUNT.c.account_id == MISUSE_REPORT.c.account_id)
    .where(
        MISUSE_REPORT.c.account_id == bindparam("account"),
        MISUSE_REPORT.c.source == bindparam("source"),
        MISUSE_REPORT.c.reference == bindparam("reference"),
    )
)
ENDED: Final = ("rightful", "misuse")
REGISTRY: Final = "registry"
Hand = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Hands one report over to the registry; raises when it did not take it."""
LineOf = Callable[[str, int], Awaitable[HistoryEntry | None]]
"""One line of an account's own history by its place."""


def report_uuid(account_id: str, source: str, reference: str) -> UUID:
    """The id under which the registry knows a report; always the same, and it names nobody."""
    return uuid5(NAMESPACE_URL, f"misuse-report:{account_id}|{source}|{reference}")


def sealed_for(account_id: str, source: str, reference: str) -> str:
    """What a report's words are sealed for."""
    return f"{account_id}|{source}|{reference}"


async def queue_report(
    connection: AsyncConnection, account_id: str, source: str, reference: str, now: int
) -> None:
    """A report was made with the transaction of ``connection``."""
    line = {"account_id": account_id, "source": source, "reference": reference}
    await connection.execute(insert(REPORT_OUTBOX).values(**line, next_at=now))


async def keep_answer(
    connection: AsyncConnection, account_id: str, answer: MisuseAnswer, vault: Vault, now: int
) -> bool:
    """Keep what the registry says of a report of this account; False when there is none, or it is answered."""
    rows = await connection.execute(
        select(MISUSE_REPORT.c.source, MISUSE_REPORT.c.reference).where(
            MISUSE_REPORT.c.account_id == account_id
        )
    )
    for source, reference in rows.all():
        if report_uuid(account_id, source, reference) != answer.report:
            continue
        words = vault.reports.seal(
            answer.words.encode(), f"answer|{sealed_for(account_id, source, reference)}"
        )
        changed = await connection.execute(
            update(MISUSE_REPORT)
            .where(
                MISUSE_REPORT.c.account_id == account_id,
                MISUSE_REPORT.c.source == source,
                MISUSE_REPORT.c.reference == reference,
                MISUSE_REPORT.c.state.not_in(ENDED),
            )
            .values(state=answer.state, answer=words if answer.words else None, answered_at=now)
        )
        return changed.rowcount == 1
    return False


class MisuseDelivery(OutboxWorker):
    """The worker: ``hand`` speaks to the registry, ``line_of`` reads the line of our own log that is reported."""

    NAME = "reports"

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        vault: Vault,
        opened_number: Callable[[str, bytes], str],
        line_of: LineOf,
        hand: Hand,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(engine, REPORT_OUTBOX, bell, now=now)
        self._engine = engine
        self._vault = vault
        self._opened_number = opened_number
        self._line_of = line_of
        self._hand = hand

    async def attempt(self, row: Row) -> None:
        """Hand one report over; one whose account is gone needs nobody any more. Raises what ``hand`` raises."""
        account_id, source, reference = row["account_id"], row["source"], row["reference"]
        key = {"account": account_id, "source": source, "reference": reference}
        async with read_only(self._engine) as connection:
            found = (await connection.execute(_REPORT, key)).one_or_none()
        if found is None:
            return
        words = self._vault.reports.open(found.said, sealed_for(account_id, source, reference)).decode()
        body: dict[str, Any] = {
            "report_id": str(report_uuid(account_id, source, reference)),
            "subject": {"number": self._opened_number(account_id, found.number)},
            "source": source,
            "said": words,
        }
        if source == REGISTRY:
            body["entry_id"] = reference
        else:
            line = await self._line_of(account_id, int(reference))
            if line is None:
                return
            body["entry"] = entry_of(line)
        await self._hand(body)


def entry_of(line: HistoryEntry) -> dict[str, str]:
    """A line of our log as reviewers read it: what, when, which service, which case; never the person."""
    case = next(
        (each.removeprefix(DOSSIER_ITEM) for each in line.claims if each.startswith(DOSSIER_ITEM)), None
    )
    told = {
        "kind": line.kind,
        "at": datetime.fromtimestamp(line.at, UTC).isoformat(),
        "client": line.client_id,
        "case": case,
    }
    return {name: value for name, value in told.items() if value}
