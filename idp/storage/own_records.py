"""What a person keeps beside their account: reports of misuse, requests to the centre, dependants."""

from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.accounts.cases import OPEN, Case, CaseKind, CaseState
from idp.accounts.life import LockReason
from idp.domain.writes import ForgetDependant, KeepCase, KeepDependant, OwnRecordWrite, ReportMisuse
from idp.ports import KnownDependant, Person, Report
from idp.storage.misuse import queue_report, sealed_for
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT_CASE, DEPENDANT, MISUSE_REPORT
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault
from keys import KeyRing

WRITES: Final = (ReportMisuse, KeepCase, KeepDependant, ForgetDependant)
MOST: Final = 200
NUMBER_FIELD: Final = "dependant.number"
_REPORTS: Final = (
    select(MISUSE_REPORT)
    .where(MISUSE_REPORT.c.account_id == bindparam("account"))
    .order_by(MISUSE_REPORT.c.at.desc())
    .limit(MOST)
)
_CASES: Final = (
    select(ACCOUNT_CASE)
    .where(ACCOUNT_CASE.c.account_id == bindparam("account"))
    .order_by(ACCOUNT_CASE.c.requested_at.desc())
    .limit(MOST)
)
_OPEN_CASES: Final = (
    select(ACCOUNT_CASE)
    .where(ACCOUNT_CASE.c.state.in_([state.value for state in OPEN]))
    .order_by(ACCOUNT_CASE.c.requested_at)
    .limit(MOST)
)
_CASE: Final = select(ACCOUNT_CASE).where(ACCOUNT_CASE.c.case_id == bindparam("case"))
_DEPENDANTS: Final = select(DEPENDANT).where(DEPENDANT.c.account_id == bindparam("account")).limit(MOST)


class StoredOwnRecords:
    """The adapter of :class:`idp.ports.OwnRecords`."""

    def __init__(self, engine: AsyncEngine, vault: Vault, ring: KeyRing) -> None:
        self._engine = engine
        self._vault = vault
        self._ring = ring

    async def reports(self, account_id: str) -> tuple[Report, ...]:
        """Newest first."""
        return tuple(
            Report(
                row["source"],
                row["reference"],
                self._vault.reports.open(row["said"], report_id(account_id, row)).decode(),
                row["state"],
                row["at"],
                self._answer(account_id, row),
            )
            for row in await self._rows(_REPORTS, account=account_id)
        )

    def _answer(self, account_id: str, row: Any) -> str:
        if row["answer"] is None:
            return ""
        return self._vault.reports.open(row["answer"], f"answer|{report_id(account_id, row)}").decode()

    async def cases(self, account_id: str) -> tuple[Case, ...]:
        """Newest first."""
        return tuple(map(_case, await self._rows(_CASES, account=account_id)))

    async def open_cases(self) -> tuple[Case, ...]:
        """The oldest first."""
        return tuple(map(_case, await self._rows(_OPEN_CASES)))

    async def case(self, case_id: str) -> Case | None:
        """One case."""
        return next(map(_case, await self._rows(_CASE, case=case_id)), None)

    async def dependants(self, account_id: str) -> tuple[KnownDependant, ...]:
        """By name."""
        found = [
            KnownDependant(
                row["reference"],
                Person(*orjson.loads(self._vault.dependants.open(row["person"], account_id))),
                row["relation"],
                row["confirmed_at"],
            )
            for row in await self._rows(_DEPENDANTS, account=account_id)
        ]
        return tuple(sorted(found, key=lambda each: each.person.name))

    def reference(self, account_id: str, number: str) -> bytes:
        """A keyed hash of the number, another one for each account."""
        return self._ring.lookup_hash(NUMBER_FIELD, f"{account_id}|{number}")

    async def _rows(self, statement: Any, **values: str) -> Any:
        async with read_only(self._engine) as connection:
            return (await connection.execute(statement, values)).mappings().all()


async def apply(connection: AsyncConnection, write: OwnRecordWrite, vault: Vault, now: int) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when it lost its race."""
    if (await connection.execute(_statement(write, vault, now))).rowcount != 1:
        raise RowGone(write)
    if isinstance(write, ReportMisuse):
        await queue_report(connection, write.account_id, write.source, write.reference, now)


def report_id(account_id: str, row: Any) -> str:
    """What a report's words are sealed for."""
    return sealed_for(account_id, row["source"], row["reference"])


def _statement(write: OwnRecordWrite, vault: Vault, now: int) -> Any:
    match write:
        case ReportMisuse():
            row = {"source": write.source, "reference": write.reference}
            sealed = vault.reports.seal(write.said.encode(), report_id(write.account_id, row))
            values = {**row, "account_id": write.account_id, "said": sealed, "at": now}
            return insert(MISUSE_REPORT).values(values).on_conflict_do_nothing()
        case KeepCase():
            columns = {column.name: getattr(write, column.name) for column in ACCOUNT_CASE.c}
            if write.replaces is None:
                return insert(ACCOUNT_CASE).values(columns).on_conflict_do_nothing()
            return (
                update(ACCOUNT_CASE)
                .where(ACCOUNT_CASE.c.case_id == write.case_id, ACCOUNT_CASE.c.state == write.replaces)
                .values(columns)
            )
        case KeepDependant():
            person = orjson.dumps((write.number, write.name, write.born))
            values = {
                "person": vault.dependants.seal(person, write.account_id),
                "relation": write.relation,
                "confirmed_at": now,
            }
            keyed = {"account_id": write.account_id, "reference": write.reference}
            return (
                insert(DEPENDANT)
                .values(**keyed, **values)
                .on_conflict_do_update(index_elements=list(keyed), set_=values)
            )
        case ForgetDependant():
            return delete(DEPENDANT).where(
                DEPENDANT.c.account_id == write.account_id, DEPENDANT.c.reference == write.reference
            )


def _case(row: Any) -> Case:
    reason = LockReason(row["reason"]) if row["reason"] is not None else None
    return Case(**{**row, "kind": CaseKind(row["kind"]), "reason": reason, "state": CaseState(row["state"])})
