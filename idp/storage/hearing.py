"""Events of the population registry, each applied once: the account's row orders them, their ``jti`` counts them."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from idp.accounts.life import NotAllowed
from idp.accounts.registry_events import MisuseAnswer, RegistryEvent, RegistryEventKind, act_of
from idp.storage.accounts import Accounts
from idp.storage.lives import Lives
from idp.storage.misuse import keep_answer
from idp.storage.postgres.tables import ACCOUNT_ALIAS, REGISTRY_EVENT
from idp.storage.vault import Vault

NOBODY: Final = "nobody"
APPLIED: Final = "applied"
REPEATED: Final = "repeated"
OLDER: Final = "older"
TAKEN: Final = "number_taken"
"""The new number has an account of its own; an operator must look at both."""


class Hearing:
    """The adapter of :class:`idp.ports.RegistryHearing`."""

    def __init__(self, lives: Lives, accounts: Accounts, vault: Vault) -> None:
        self._lives = lives
        self._accounts = accounts
        self._vault = vault

    async def hear(self, event: RegistryEvent) -> str:
        """Apply one event; what became of it. Raises :class:`idp.ports.Unavailable`."""
        account_id = await self._accounts.find_account_by_number(event.number)
        if account_id is None:
            return await self._note(event, None, NOBODY)
        if event.answer is not None:
            return await self._answer(event, account_id, event.answer)
        if event.new_number is not None:
            holder = await self._accounts.holder_of(event.new_number)
            if holder is not None and holder != account_id:
                return await self._note(event, account_id, TAKEN)
        outcome = APPLIED

        async def first(connection: AsyncConnection) -> bool:
            nonlocal outcome
            newest = select(func.max(REGISTRY_EVENT.c.at)).where(
                REGISTRY_EVENT.c.account_id == account_id, REGISTRY_EVENT.c.family == event.family
            )
            before = (await connection.execute(newest)).scalar_one()
            outcome = OLDER if before is not None and before > event.at else APPLIED
            if not await keep(connection, event, account_id, outcome):
                outcome = REPEATED
            return outcome == APPLIED

        async def alias(connection: AsyncConnection) -> None:
            if event.new_number is not None:
                await self._alias(connection, account_id, event.number)

        try:
            await self._lives.apply(
                account_id, act_of(event), changes=self._changes(event, account_id), first=first, also=alias
            )
        except NotAllowed as refused:  # closed: the event is true, and changes nothing any more
            return await self._note(event, account_id, refused.code)
        return outcome

    async def _answer(self, event: RegistryEvent, account_id: str, answer: MisuseAnswer) -> str:
        """What the reviewers said of a report, beside the report; what is answered stays as it is."""
        outcome = APPLIED

        async def work(connection: AsyncConnection) -> bool:
            nonlocal outcome
            if not await keep(connection, event, account_id, APPLIED):
                outcome = REPEATED
            elif not await keep_answer(connection, account_id, answer, self._vault, event.at):
                outcome = OLDER
            return True

        await self._lives.remember(work)
        return outcome

    def _changes(self, event: RegistryEvent, account_id: str) -> dict[str, object]:
        anew: dict[str, object] = {"profile_at": 0}
        match event.kind:
            case RegistryEventKind.RECORD_CHANGED:
                return anew
            case RegistryEventKind.NUMBER_REESTABLISHED if event.new_number is not None:
                return anew | self._accounts.numbered(account_id, event.new_number)
            case _:
                return {}

    async def _alias(self, connection: AsyncConnection, account_id: str, number: str) -> None:
        former = {
            "number_index": self._accounts.numbered(account_id, number)["number_index"],
            "account_id": account_id,
        }
        await connection.execute(
            insert(ACCOUNT_ALIAS).values(former).on_conflict_do_nothing(index_elements=["number_index"])
        )

    async def _note(self, event: RegistryEvent, account_id: str | None, outcome: str) -> str:
        fresh = await self._lives.remember(lambda connection: keep(connection, event, account_id, outcome))
        return outcome if fresh else REPEATED


async def keep(
    connection: AsyncConnection, event: RegistryEvent, account_id: str | None, outcome: str
) -> bool:
    """Remember an event; False when it was heard before (RFC 8417 section 2.2: ``jti`` is unique)."""
    row = {
        "jti": event.jti,
        "kind": event.kind.value,
        "account_id": account_id,
        "family": event.family,
        "at": event.at,
        "outcome": outcome,
    }
    statement = insert(REGISTRY_EVENT).values(row).on_conflict_do_nothing(index_elements=["jti", "kind"])
    return (await connection.execute(statement)).rowcount == 1
