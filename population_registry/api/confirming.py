"""The confirmations of one process: issue, give out again, check. Each is one load, one decision, one commit."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from secrets import token_bytes
from typing import Any, Final, Protocol, cast
from uuid import UUID, uuid4

import asyncpg
import orjson

from keys import KeyRing
from population_registry.api.database import RETRY_AFTER, Database
from population_registry.api.idempotency import Repetition
from population_registry.api.status_lists import StatusPositions
from population_registry.domain import RegistryFacts, ResidenceKind
from population_registry.domain.confirmations import ConfirmationRow
from population_registry.papers.confirmation.claims import Stamping
from population_registry.papers.confirmation.code import BYTES, code_of
from population_registry.papers.confirmation.content import LISTED_FIELDS
from population_registry.papers.confirmation.issuing import Issued, issue_confirmation
from population_registry.storage import Connection, Pool, record_access
from population_registry.storage.answering import recall_answer, remember
from population_registry.storage.confirming import keep_confirmation, read_confirmation
from population_registry.storage.households import load_with_household
from population_registry.storage.reference import read_rows
from population_registry.verification.asking import Caller
from population_registry.verification.catalogue import Catalogue
from population_registry.verification.deciding import Stamp
from population_registry.verification.releasing import Release, people_in, read_release, release
from web import Problem

ONLINE: Final = "Cơ quan đăng ký cư trú"
"""Who confirms where the person has no place: the request came to no commune's police."""
_POLICE: Final = {"phuong": "Công an phường", "xa": "Công an xã", "dac_khu": "Công an đặc khu"}
_KINDS: Final = {"phuong": "Phường", "xa": "Xã", "dac_khu": "Đặc khu"}


def read_order(body: Mapping[str, Any], caller: Caller, catalogue: Catalogue, now: datetime) -> Release:
    """A confirmation is a release of everything that it lists, about the person of the token.

    Raises:
        Refusal: as `read_release`.
    """
    return read_release({**body, "fields": list(LISTED_FIELDS)}, caller, catalogue, now)


@dataclass(frozen=True, slots=True)
class Communes:
    """Names of communes as a form writes them, and of the police who keep their residence data."""

    names: Mapping[str, str]
    police: Mapping[str, str]

    @classmethod
    @cache
    def load(cls) -> "Communes":
        """Read the list of communes; once in a process."""
        names, police = {}, {}
        for row in read_rows("communes_2026.csv"):
            names[row["code"]] = f"{_KINDS[row['kind']]} {row['name_vi']}, {row['province_name_vi']}"
            police[row["code"]] = f"{_POLICE[row['kind']]} {row['name_vi']}, {row['province_name_vi']}"
        return cls(names, police)

    def authority_for(self, facts: RegistryFacts, stamping: Stamping) -> str:
        """The commune police of the place where the subject is registered, permanently before temporarily."""
        person = facts.subject
        for kind in ResidenceKind:
            found = None if person is None else person.residence(kind, stamping.today)
            if found is not None:
                return self.police.get(found.address.commune_code, ONLINE)
        return ONLINE


class _Transacting(Protocol):
    def acquire(self) -> AbstractAsyncContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Confirming:
    """Everything that issuing and giving out needs of the outside."""

    database: Database
    ring: KeyRing
    positions: StatusPositions
    communes: Communes
    issuer: str
    clock: Callable[[], datetime]

    async def issue(
        self, caller: Caller, wanted: Release, correlation_id: str, repetition: Repetition | None
    ) -> bytes:
        """A new paper, or the one that this Idempotency-Key already got; committed before it is returned.

        Raises:
            Refusal: `person-unknown`, `nothing-to-confirm`, `idempotency-key-reused`.
            Problem: 503, the database is away, or the same key was used twice at this very moment.
        """
        self.ring.reload_if_changed()
        async with self.database.pool() as pool:
            if repetition is not None and (said := await self._said(pool, repetition)) is not None:
                return said
            issued = await self._prepare(pool, caller, wanted, correlation_id)
            body = orjson.dumps(issued.document())
            if await self._commit(pool, issued, body, repetition):
                return body
            # Another request with the same key was faster: its answer is ours.
            if repetition is not None and (said := await self._said(pool, repetition)) is not None:
                return said
        raise Problem(503, "busy", headers={"Retry-After": str(RETRY_AFTER)})

    async def decided(
        self, connection: Connection, caller: Caller, wanted: Release, correlation_id: str
    ) -> ConfirmationRow:
        """The paper of a decision, in the transaction of that decision: there with it or not at all.

        Raises:
            Refusal: `person-unknown`, `nothing-to-confirm`.
        """
        self.ring.reload_if_changed()
        issued = await self._prepare(connection, caller, wanted, correlation_id, connection)
        await record_access(connection, issued.records)
        await keep_confirmation(connection, issued.row)
        return issued.row

    async def kept(self, confirmation_id: UUID) -> ConfirmationRow:
        """A paper that was issued; whose it is, the caller must judge.

        Raises:
            Problem: 404, there is none of that id; 503.
        """
        async with self.database.pool() as pool:
            row = await read_confirmation(pool, confirmation_id)
        if row is None:
            raise Problem(404, "not-found")
        return row

    async def _prepare(
        self,
        pool: Connection,
        caller: Caller,
        wanted: Release,
        correlation_id: str,
        held: Connection | None = None,
    ) -> Issued:
        """`held`: the connection of the caller's transaction, who then needs no second one."""
        now = self.clock()
        facts = await load_with_household(pool, wanted.number)
        position = await self.positions.take(self.database, held)
        stamping = Stamping(now, self.issuer, uuid4(), code_of(token_bytes(BYTES)), position)
        ids = tuple(uuid4() for _ in range(people_in(wanted, facts)))
        _, entries = release(wanted, caller, facts, Stamp(now, uuid4(), uuid4(), ids, correlation_id))
        return issue_confirmation(
            facts,
            caller,
            wanted.context,
            stamping,
            entries,
            ring=self.ring,
            communes=self.communes.names,
            authority=self.communes.authority_for(facts, stamping),
        )

    async def _said(self, pool: Pool, repetition: Repetition) -> bytes | None:
        kept = await recall_answer(pool, repetition.key, self.clock())
        return None if kept is None else repetition.recalled(kept, self.ring)

    async def _commit(self, pool: Pool, issued: Issued, body: bytes, repetition: Repetition | None) -> bool:
        """Log rows, receipt, paper and remembered answer, all or none; False when the key was answered meanwhile."""
        async with cast("_Transacting", pool).acquire() as connection:
            transaction: asyncpg.transaction.Transaction = connection.transaction()
            await transaction.start()
            try:
                await record_access(connection, issued.records)
                await keep_confirmation(connection, issued.row)
                accepted = repetition is None or await remember(
                    connection, repetition.kept(body, self.ring, issued.row.issued_at)
                )
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.commit() if accepted else transaction.rollback())
            return accepted
