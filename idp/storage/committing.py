"""Makes a decision true: the only place that commits.

In stages, each one round trip, each only when the one before it was granted whole: single-use items; counted
attempts; interactions; then grants and sessions together with whatever cannot lose. Single-use items that pay for a
grant travel with it. Then the rows and audit
events, in one PostgreSQL transaction. Most requests have one stage. When PostgreSQL fails, what Redis granted is
taken back: nothing is granted without its audit row.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Final

from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.writes import (
    CreateGrant,
    EndSession,
    EndSessionsOf,
    KillGrantsOf,
    RedeemDecoupled,
    SaveSession,
    SpendOnce,
    SpendPushed,
    WithdrawConsent,
    Write,
)
from idp.ports import Unavailable
from idp.storage import screens
from idp.storage.accounts import Accounts
from idp.storage.clients import Clients
from idp.storage.group_commit import GroupCommit
from idp.storage.lasting import CHANGES_ACCOUNT, LASTING, Lasting
from idp.storage.owners import Owners
from idp.storage.postgres import audit_log
from idp.storage.redis.birth import TOLERANCE, Birth
from idp.storage.redis.claim_parts import Claim, Moment
from idp.storage.redis.claims import CERTAIN, CLAIMS, STAGES, TAKEN_BACK, replaced_session, unconditional
from idp.storage.redis.decoupled_claims import DECOUPLED_CERTAIN, DECOUPLED_CLAIMS
from idp.storage.redis.pipelining import Command, PipeliningConnection, Reply
from idp.storage.redis.scripts import run
from idp.storage.redis.sweeping import end_sessions, end_sessions_of, kill_grants_of
from idp.storage.registrations import CHANGES_CLIENTS, RowGone
from idp.storage.vault import Vault

LONGEST_ITEM: Final = 330
"""Seconds that a single-use item lives at most, where nobody says when it was issued."""

Granted = list[tuple[Claim, list[Reply]]]
_CLAIMS: Final = {**CLAIMS, **DECOUPLED_CLAIMS, **screens.SCREEN_CLAIMS}
_CERTAIN: Final = {**CERTAIN, **DECOUPLED_CERTAIN}


def round_trips(stages: Sequence[list[Claim]]) -> list[list[Claim]]:
    """The stages that have claims, each a round trip; single-use items travel with the grant that they pay for.

    That costs nothing of safety: a grant whose item turns out to be spent is taken back before anybody heard of it,
    and only somebody who presented the same secrets at the same moment loses it.
    """
    items, counts, steps, grants = stages
    if items and not counts and not steps and all(type(claim.write) in TAKEN_BACK for claim in grants):
        return [items + grants]
    return [stage for stage in stages if stage]


class RedisPostgresCommitting:
    """The adapter of :class:`idp.ports.Committing`."""

    def __init__(
        self,
        redis: PipeliningConnection,
        accounts: Accounts,
        birth: Birth,
        vault: Vault,
        audit: GroupCommit,
        lasting: Lasting,
        owners: Owners,
        clients: Clients,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._accounts = accounts
        self._birth = birth
        self._vault = vault
        self._audit = audit
        self._lasting = lasting
        self._owners = owners
        self._clients = clients
        self._now = now

    async def commit(self, decision: Decision[object]) -> Committed | Conflict:
        """Claims first, atomically; then rows and audit events. Raises :class:`Unavailable`."""
        granted: Granted = []
        try:
            if decision.writes:
                conflict = await self._claim(decision.writes, granted)
                if conflict is not None:
                    await self._take_back(granted)
                    return conflict
                await self._sweep(decision.writes, granted)
            await self._keep(decision)
        except RowGone as lost:
            await self._take_back(granted)
            return Conflict(lost.what)
        except BaseException:
            await self._take_back(granted)
            raise
        return Committed()

    # ------------------------------------------------------------ Redis

    async def _claim(self, writes: Sequence[Write], granted: Granted) -> Conflict | None:
        if not self._birth.known:
            await self._birth.learn()
        moment = Moment(int(self._now()), self._birth.at, self._vault)
        stages: list[list[Claim]] = [[] for _ in range(STAGES)]
        certain: list[Command] = []
        for write in writes:
            self._place(write, moment, stages, certain)
        for stage in round_trips(stages):
            if (conflict := await self._run_stage(stage, granted)) is not None:
                return conflict
        if certain:
            await run(self._redis, *certain)
        return None

    def _place(self, write: Write, moment: Moment, stages: list[list[Claim]], certain: list[Command]) -> None:
        """Put the commands of a write where they belong; what sweeps or lasts comes after the claims."""
        kind = type(write)
        if kind in _CERTAIN:
            certain.append(_CERTAIN[kind](write, moment))
        elif kind in _CLAIMS:
            if isinstance(write, SpendOnce | SpendPushed):
                self._refuse_forgotten(write)
            elif isinstance(write, CreateGrant | RedeemDecoupled):
                self._owners.remember(write.grant.grant_id, write.grant.account_id)
            place, build = _CLAIMS[kind]
            if unconditional(write):
                certain += build(write, moment).commands
            else:
                stages[place].append(build(write, moment))

    def _refuse_forgotten(self, write: SpendOnce | SpendPushed) -> None:
        """Refuse what may have been spent in a memory that was lost (fail closed)."""
        issued_at = write.issued_at if write.issued_at is not None else write.expires_at - LONGEST_ITEM
        if self._birth.at and issued_at <= self._birth.at:
            raise Unavailable("redis: spent items were forgotten", retry_after=TOLERANCE)

    async def _run_stage(self, stage: list[Claim], granted: Granted) -> Conflict | None:
        replies = await run(self._redis, *(command for claim in stage for command in claim.commands))
        conflict: Conflict | None = None
        start = 0
        for claim in stage:
            own = replies[start : start + len(claim.commands)]
            start += len(claim.commands)
            granted.append((claim, own))
            if conflict is None and not claim.granted(own):
                conflict = Conflict(type(claim.write).__name__)
        return conflict

    async def _take_back(self, granted: Granted) -> None:
        """Kill what was granted. When Redis is away too, nothing of it ever left this process."""
        commands = [command for claim, replies in granted for command in claim.undo(replies)]
        if commands:
            with suppress(Unavailable):
                await run(self._redis, *commands)

    async def _sweep(self, writes: Sequence[Write], granted: Granted) -> None:
        """Revocations are true at once, even when their audit row cannot be written afterwards."""
        for write in writes:
            match write:
                case EndSession():
                    await end_sessions(self._redis, (write.session_id, write.digest))
                case EndSessionsOf():
                    await self._accounts.move_epoch(write.account_id)
                    await end_sessions_of(
                        self._redis, write.account_id, only=write.only, besides=write.besides
                    )
                case KillGrantsOf():
                    await self._accounts.move_epoch(write.account_id)
                    await kill_grants_of(self._redis, write.account_id, write.client_id)
                case _:
                    pass
        for claim, replies in granted:
            if isinstance(claim.write, SaveSession) and claim.write.replaces is not None:
                former = replaced_session(claim.write, replies)
                if former is not None:
                    await end_sessions(self._redis, (former, claim.write.replaces))

    # ------------------------------------------------------------ PostgreSQL

    async def _keep(self, decision: Decision[object]) -> None:
        at = int(self._now() * 1000)
        rows = [audit_log.row(event, at) for event in decision.audit]
        lasting = [write for write in decision.writes if isinstance(write, LASTING)]
        if lasting:
            changed = {write.account_id for write in lasting if isinstance(write, CHANGES_ACCOUNT)}
            clients = any(isinstance(write, CHANGES_CLIENTS) for write in lasting)
            async with (
                self._accounts.change(*changed),
                self._clients.changing() if clients else nullcontext(),
            ):
                await self._lasting.write(lasting, rows)
            for write in decision.writes:
                if isinstance(write, EndSessionsOf) and changed:
                    # A session that was born of what has just changed (a password) must not outlive it.
                    await end_sessions_of(
                        self._redis, write.account_id, only=write.only, besides=write.besides
                    )
            for write in lasting:
                if isinstance(write, WithdrawConsent):
                    await kill_grants_of(self._redis, write.account_id, write.client_id)
        elif rows:
            await self._audit.append(rows)
