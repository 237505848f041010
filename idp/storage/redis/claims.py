"""Writes that may lose a race, as commands; and how to take back what was granted when a later part fails.

One list of commands per write, with a test of their replies. All keys of one command share a hash tag.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from idp.domain.grant import Grant
from idp.domain.writes import (
    ClearAttempts,
    CountAttempt,
    CreateGrant,
    FinishInteraction,
    KillGrant,
    RedeemCode,
    RevokeAccess,
    SaveInteraction,
    SavePushed,
    SaveSession,
    SpendOnce,
    SpendPushed,
    UseRefresh,
    Write,
)
from idp.storage import codecs
from idp.storage.redis import keys, reading
from idp.storage.redis.claim_parts import Claim, Moment
from idp.storage.redis.claim_parts import access_of as _access
from idp.storage.redis.claim_parts import all_granted as _all
from idp.storage.redis.claim_parts import index as _index
from idp.storage.redis.claim_parts import kept_without_refresh as _kept_without_refresh
from idp.storage.redis.claim_parts import milliseconds as _milliseconds
from idp.storage.redis.claim_parts import nothing as _nothing
from idp.storage.redis.pipelining import Command, Reply
from idp.storage.redis.scripts import script

MARGIN: Final = 60
"""Seconds that a spent item is remembered beyond its end, for clocks that disagree."""
_CODE_KEPT: Final = 60
_REPLACED_AT: Final = 3
"""Place of the replaced session among the replies of :func:`save_session`, after the three of the index."""


def spend_once(write: SpendOnce, moment: Moment) -> Claim:
    """SET NX in the item's own namespace."""
    keep = _milliseconds(write.expires_at + MARGIN, moment.now)
    return Claim(write, (("SET", keys.replay(write.key), "1", "NX", "PX", keep),), _all, _nothing)


def count_attempt(write: CountAttempt, moment: Moment) -> Claim:
    """A count that is refused at the limit."""
    name = keys.throttle(moment.vault.bucket(write.bucket))
    command = script("count_attempt", (name,), write.window * 1000, write.limit or 0)
    return Claim(write, (command,), _all, _nothing)


def save_interaction(write: SaveInteraction, moment: Moment) -> Claim:
    """Compare the step, then keep; undone, the step before may be answered again."""
    value = write.interaction
    key, kept = keys.interaction(value.interaction_id), _milliseconds(value.expires_at, moment.now)
    command = script(
        "save_interaction",
        (key,),
        *(write.expected_step or "", value.step, moment.vault.interaction(value), kept),
    )

    def undo(replies: list[Reply]) -> list[Command]:
        before = replies[0]
        if not before:
            return []
        return [script("restore_interaction", (key,), value.step, *before, kept)]

    return Claim(write, (command,), _all, undo)


def finish_interaction(write: FinishInteraction, _: Moment) -> Claim:
    """Whoever deletes it has it; undone, it waits again."""
    key = keys.interaction(write.interaction_id)

    def undo(replies: list[Reply]) -> list[Command]:
        return [script("restore_interaction", (key,), "", *replies[0])] if replies[0] else []

    return Claim(write, (script("finish_interaction", (key,)),), _all, undo)


def spend_pushed(write: SpendPushed, moment: Moment) -> Claim:
    """Whoever puts the mark has it; undone, the request waits again for as long as it still had."""
    key = keys.pushed(write.pushed_id)
    command = script("spend_pushed", (key,), codecs.SPENT, _milliseconds(write.expires_at, moment.now))

    def undo(replies: list[Reply]) -> Iterable[Command]:
        if not replies[0]:
            return ()
        body, left = replies[0]
        return (("SET", key, body, "PX", max(int(left), 1)) if body else ("DEL", key),)

    return Claim(write, (command,), _all, undo)


def save_pushed(write: SavePushed, moment: Moment) -> Claim:
    """Sealed: it may carry a login hint. It cannot lose; undone, nobody ever heard its name."""
    key, body = keys.pushed(write.pushed_id), moment.vault.pushed(write.pushed, write.pushed_id)
    command = ("SET", key, body, "PX", _milliseconds(write.expires_at, moment.now))
    return Claim(write, (command,), _all, lambda _: (("DEL", key),))


def create_grant(write: CreateGrant, moment: Moment) -> Claim:
    """Into the account's index first, then born, then into its session, then the epoch is looked at again.

    Whoever locks the account or ends the session moves the epoch or closes the session first and sweeps
    afterwards: either the sweep finds this grant, or this grant finds the door closed.
    """
    grant, now = write.grant, moment.now
    token, body, token_kept = _access(grant.grant_id, write.access, now)
    if write.code is not None:
        # In the hybrid flow an access token came with the code; both hang on the grant.
        end = write.access.expires_at if write.access is not None else 0
        kept = _milliseconds(max(write.code.expires_at + _CODE_KEPT, end), now)
    else:
        kept = _kept_without_refresh(write.access, now)
    commands: list[Command] = []
    if grant.account_id:
        member = f"{grant.grant_id}:{grant.client_id}"
        commands += _index(keys.account_grants(grant.account_id), member, grant.expires_at, now)
    first = len(commands)
    commands.append(
        script(
            "create_grant",
            (keys.grant(grant.grant_id), token),
            *(moment.vault.grant(grant), grant.created_at),
            *(b"" if write.code is None else codecs.code(write.code), kept, body, token_kept),
        )
    )
    # A delegated grant looks at its parents once more after it was born; whoever loads it later looks again.
    lineage = len(commands)
    commands += map(reading.parent, grant.parents)
    if grant.session_id is not None:
        commands.append(_join(grant, grant.session_id))
    if write.account_epoch is not None and grant.account_id:
        commands.append(script("check_epoch", (keys.account(grant.account_id),), write.account_epoch))

    def granted(replies: list[Reply]) -> bool:
        parents = replies[lineage : lineage + len(grant.parents)]
        return _all(replies[first:]) and reading.alive(grant.parents, parents)

    def undo(replies: list[Reply]) -> Iterable[Command]:
        return (kill(grant.grant_id),) if replies[first] == 1 else ()

    return Claim(write, tuple(commands), granted, undo)


def _join(grant: Grant, session_id: str) -> Command:
    entry = codecs.participant(grant.client_id, grant.subject, offline=grant.offline)
    return script("join_session", (keys.participants(session_id),), grant.grant_id, entry)


def redeem_code(write: RedeemCode, moment: Moment) -> Claim:
    """Spend the code and issue, in one step."""
    now = moment.now
    token, body, token_kept = _access(write.grant_id, write.access, now)
    if write.refresh is not None:
        refresh, kept = codecs.refresh(write.refresh), _milliseconds(write.refresh.expires_at, now)
    else:
        refresh, kept = b"", _kept_without_refresh(write.access, now)
    command = script(
        "redeem_code",
        (keys.grant(write.grant_id), token),
        *(write.code_hash, body, token_kept, refresh, kept, moment.born),
    )
    return Claim(write, (command,), _all, lambda replies: _kill_if(write.grant_id, replies))


def _kill_if(grant_id: str, replies: list[Reply]) -> Iterable[Command]:
    return (kill(grant_id),) if replies[0] == 1 else ()


def use_refresh(write: UseRefresh, moment: Moment) -> Claim:
    """Rotate and issue, in one step; taken back by putting the former family state again."""
    now = moment.now
    token, body, token_kept = _access(write.grant_id, write.access, now)
    names = (keys.grant(write.grant_id), token)
    after = codecs.refresh(write.refresh)
    command = script(
        "use_refresh",
        names,
        *(write.presented_hash, write.expected_current, body, token_kept),
        *(after, _milliseconds(write.refresh.expires_at, now)),
    )

    def undo(replies: list[Reply]) -> Iterable[Command]:
        return (script("undo_refresh", names, after, replies[0]),) if isinstance(replies[0], bytes) else ()

    return Claim(write, (command,), _all, undo)


def save_session(write: SaveSession, moment: Moment) -> Claim:
    """Into the account's index first; the replaced session dies; then the epoch is looked at again."""
    session, now = write.session, moment.now
    kept = _milliseconds(session.expires_at, now)
    member = f"{session.session_id}:{write.digest.hex()}"
    commands = list(_index(keys.account_sessions(session.account_id), member, session.expires_at, now))
    if write.replaces is not None:
        commands.append(("GETDEL", keys.session(write.replaces)))
    commands += [
        ("SET", keys.session(write.digest), codecs.session(session), "PX", kept),
        script("open_session", (keys.participants(session.session_id),), kept),
    ]
    guarded = write.account_epoch is not None
    if guarded:
        commands.append(script("check_epoch", (keys.account(session.account_id),), write.account_epoch or 0))

    def granted(replies: list[Reply]) -> bool:
        return not guarded or replies[-1] == 1

    def undo(_: list[Reply]) -> Iterable[Command]:
        return (
            ("DEL", keys.session(write.digest)),
            script("end_session", (keys.participants(session.session_id),)),
        )

    return Claim(write, tuple(commands), granted, undo)


def replaced_session(write: SaveSession, replies: list[Reply]) -> str | None:
    """The id of the session that :func:`save_session` replaced, when it was another one: it is over."""
    data = replies[_REPLACED_AT] if write.replaces is not None else None
    former = codecs.read_session(data) if data is not None else None
    return former.session_id if former is not None and former.session_id != write.session.session_id else None


def kill(grant_id: str) -> Command:
    """The grant and every token of it are dead at once."""
    return ("DEL", keys.grant(grant_id))


def unconditional(write: Write) -> bool:
    """Whether a write that could lose a race was asked for without a condition."""
    match write:
        case CountAttempt():
            return write.limit is None
        case SaveInteraction():
            return write.expected_step is None
        case _:
            return False


STAGES: Final = 4
CLAIMS: Final[Mapping[type, tuple[int, Callable[[Any, Moment], Claim]]]] = {
    SpendOnce: (0, spend_once),
    CountAttempt: (1, count_attempt),
    SaveInteraction: (2, save_interaction),
    FinishInteraction: (2, finish_interaction),
    CreateGrant: (3, create_grant),
    RedeemCode: (3, redeem_code),
    UseRefresh: (3, use_refresh),
    SaveSession: (3, save_session),
    SavePushed: (3, save_pushed),
    SpendPushed: (3, spend_pushed),
}
"""The stage and the commands of each claim. A stage runs when the one before it was granted whole."""

TAKEN_BACK: Final = frozenset({CreateGrant, RedeemCode, UseRefresh, SavePushed})
"""What can be taken back whole, so that it need not wait for the stages before it."""

CERTAIN: Final[Mapping[type, Callable[[Any, Moment], Command]]] = {
    KillGrant: lambda write, _: kill(write.grant_id),
    RevokeAccess: lambda write, _: ("DEL", keys.access_token(write.grant_id, write.token_hash)),
    ClearAttempts: lambda write, moment: ("DEL", keys.throttle(moment.vault.bucket(write.bucket))),
}
"""Writes that cannot lose: one command each, after the claims."""
