"""Writes about decoupled requests, as commands; the counterpart of :mod:`idp.storage.redis.claims` for them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from idp.domain.decoupled import MOST_WAITING, Status
from idp.domain.writes import (
    BlockClient,
    DecideDecoupled,
    KeepApproved,
    NotePoll,
    OpenDecoupled,
    RedeemDecoupled,
    RememberSubject,
)
from idp.storage import codecs
from idp.storage.redis import keys, reading
from idp.storage.redis.claim_parts import (
    INDEX_KEPT,
    Claim,
    Moment,
    access_of,
    all_granted,
    index,
    kept_without_refresh,
    milliseconds,
    nothing,
)
from idp.storage.redis.pipelining import Command, Reply
from idp.storage.redis.scripts import script

KEPT: Final = 120
"""Seconds that a request is known beyond its end: its client hears that it expired, not that it never was."""
SUBJECT_KEPT: Final = 400 * 86_400
"""Seconds that a pseudonym leads to its account after its last grant."""


def open_decoupled(write: OpenDecoupled, moment: Moment) -> Claim:
    """The user code's name, a place among the person's waiting requests, then the request itself."""
    value, now = write.request, moment.now
    commands: list[Command] = []
    undone: list[Command] = [("DEL", keys.decoupled(value.request_id))]
    if value.user_code is not None:
        name = keys.user_code(moment.vault.bucket(f"user-code:{value.user_code}"))
        commands.append(("SET", name, value.request_id, "NX", "PX", milliseconds(value.expires_at, now)))
        undone.append(script("delete_if", (name,), value.request_id))
    if value.account_id:
        member = waiting_member(value.request_id, value.client_id)
        commands.append(
            script(
                "wait_for_person",
                (keys.waiting(value.account_id), keys.blocked(value.account_id, value.client_id)),
                *(member, value.expires_at, now, MOST_WAITING, INDEX_KEPT),
            )
        )
        undone.append(("ZREM", keys.waiting(value.account_id), member))
    kept = milliseconds(value.expires_at + KEPT, now)
    commands.append(
        script(
            "open_decoupled",
            (keys.decoupled(value.request_id),),
            *(moment.vault.decoupled(value), value.created_at, write.interval, kept),
        )
    )
    return Claim(write, tuple(commands), all_granted, lambda _: undone)


def note_poll(write: NotePoll, _: Moment) -> Claim:
    """Compare the last poll, then note this one."""
    last = "" if write.last is None else str(write.last)
    command = script("note_poll", (keys.decoupled(write.request_id),), write.at, last, write.slower)
    return Claim(write, (command,), all_granted, nothing)


def decide_decoupled(write: DecideDecoupled, moment: Moment) -> Claim:
    """The answer; the request waits no more, and its user code leads nowhere."""
    value, approval = write.request, write.approval
    status = Status.DENIED if approval is None else Status.APPROVED
    key, member = keys.decoupled(value.request_id), waiting_member(value.request_id, value.client_id)
    name = keys.user_code(moment.vault.bucket(f"user-code:{value.user_code or ''}"))
    sealed = b"" if approval is None else moment.vault.approval(approval, value.request_id)
    commands = [script("decide_decoupled", (key,), status, sealed)]
    if value.account_id:
        commands.append(("ZREM", keys.waiting(value.account_id), member))
    if value.user_code is not None:
        commands.append(script("delete_if", (name,), value.request_id))

    def undo(replies: list[Reply]) -> Iterable[Command]:
        if replies[0] != 1:
            return
        yield script("undo_decision", (key,), status)
        if value.account_id:
            yield ("ZADD", keys.waiting(value.account_id), value.expires_at, member)
        if value.user_code is not None:
            left = milliseconds(value.expires_at, moment.now)
            yield ("SET", name, value.request_id, "NX", "PX", left)

    return Claim(write, tuple(commands), lambda replies: replies[0] == 1, undo)


def keep_approved(write: KeepApproved, moment: Moment) -> Claim:
    """Into the account's index of grants, so that a lock sweeps it; then the epoch is looked at again.

    A stage after the answer: whoever lost it must not find somebody else's request in their own index.
    """
    value = write.request
    member = waiting_member(value.request_id, value.client_id)
    name = keys.account_grants(write.account_id)
    commands = (
        *index(name, member, value.expires_at, moment.now),
        script("check_epoch", (keys.account(write.account_id),), write.account_epoch),
    )
    return Claim(write, commands, lambda replies: replies[-1] == 1, lambda _: (("ZREM", name, member),))


_LINEAGE: Final = 4


def redeem_decoupled(write: RedeemDecoupled, moment: Moment) -> Claim:
    """For longer in the account's index, then born with its tokens, then the epoch is looked at again."""
    grant, now = write.grant, moment.now
    token, body, token_kept = access_of(grant.grant_id, write.access, now)
    if write.refresh is not None:
        refresh, kept = codecs.refresh(write.refresh), milliseconds(write.refresh.expires_at, now)
    else:
        refresh, kept = b"", kept_without_refresh(write.access, now)
    member = waiting_member(grant.grant_id, grant.client_id)
    # XX: the approval put it there; if a sweep took it away, the request is gone too.
    commands: tuple[Command, ...] = (
        ("ZADD", keys.account_grants(grant.account_id), "XX", grant.expires_at, member),
        script(
            "redeem_decoupled",
            (keys.decoupled(grant.grant_id), keys.grant(grant.grant_id), token),
            *(moment.vault.grant(grant), grant.created_at, body, token_kept, refresh, kept, moment.born),
        ),
        script("check_epoch", (keys.account(grant.account_id),), write.account_epoch),
        ("PEXPIRE", keys.account_grants(grant.account_id), INDEX_KEPT),
        # What a helper does dies with the helper's sign-in; looked at after the birth, as everywhere.
        *map(reading.parent, grant.parents),
    )

    def granted(replies: list[Reply]) -> bool:
        return all_granted(replies[1:3]) and reading.alive(grant.parents, replies[_LINEAGE:])

    def undo(replies: list[Reply]) -> Iterable[Command]:
        return (("DEL", keys.grant(grant.grant_id)),) if replies[1] == 1 else ()

    return Claim(write, commands, granted, undo)


def waiting_member(request_id: str, client_id: str) -> str:
    """How an account's indexes name a request, as they name a grant."""
    return f"{request_id}:{client_id}"


BEFORE: Final = 2
STAGE: Final = 3
DECOUPLED_CLAIMS: Final[Mapping[type, tuple[int, Callable[[Any, Moment], Claim]]]] = {
    OpenDecoupled: (STAGE, open_decoupled),
    NotePoll: (STAGE, note_poll),
    DecideDecoupled: (BEFORE, decide_decoupled),
    KeepApproved: (STAGE, keep_approved),
    RedeemDecoupled: (STAGE, redeem_decoupled),
}
DECOUPLED_CERTAIN: Final[Mapping[type, Callable[[Any, Moment], Command]]] = {
    BlockClient: lambda write, _: (
        *("SET", keys.blocked(write.account_id, write.client_id), "1", "PX", write.seconds * 1000),
    ),
    RememberSubject: lambda write, _: (
        *("SET", keys.subject(write.subject), write.account_id, "EX", SUBJECT_KEPT),
    ),
}
