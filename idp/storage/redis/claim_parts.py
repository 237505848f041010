"""What the writes that may lose a race have in common: commands, the judgement of their replies, the way back."""

from collections.abc import Callable, Iterable
from typing import Final

from idp.domain.grant import AccessState
from idp.domain.values import frozen
from idp.domain.writes import Write
from idp.storage import codecs
from idp.storage.redis import keys
from idp.storage.redis.pipelining import Command, Reply
from idp.storage.vault import Vault

WITHOUT_REFRESH: Final = 3_600
"""Seconds that a grant without refresh token stays after its code was redeemed, at least."""
INDEX_KEPT: Final = 31 * 86_400_000
"""Milliseconds that the index of an account outlives its last entry."""


@frozen
class Moment:
    """When commands are made, by whose seals, and since when Redis remembers."""

    now: int
    born: int
    vault: Vault


@frozen
class Claim:
    """Commands of one write; ``granted`` judges their replies; ``undo`` takes back what they granted."""

    write: Write
    commands: tuple[Command, ...]
    granted: Callable[[list[Reply]], bool]
    undo: Callable[[list[Reply]], Iterable[Command]]


def all_granted(replies: list[Reply]) -> bool:
    """Whether every reply says yes."""
    return all(reply != 0 and reply is not None for reply in replies)


def nothing(_: list[Reply]) -> Iterable[Command]:
    """Nothing to take back."""
    return ()


def milliseconds(end: int, now: int) -> int:
    """Milliseconds from now to the end, at least a second."""
    return max(end - now, 1) * 1000


def access_of(grant_id: str, access: AccessState | None, now: int) -> tuple[str, bytes, int]:
    """Key, body and milliseconds of an access token; an empty body for none."""
    if access is None:
        return keys.access_token(grant_id, b""), b"", 0
    name = keys.access_token(grant_id, access.token_hash)
    return name, codecs.access(access), milliseconds(access.expires_at, now)


def kept_without_refresh(access: AccessState | None, now: int) -> int:
    """Milliseconds that a grant without refresh token is kept."""
    return max(access.expires_at - now if access is not None else 0, WITHOUT_REFRESH) * 1000


def index(name: str, member: str, end: int, now: int) -> tuple[Command, ...]:
    """Put a member with an end of life into an index of an account."""
    return (
        ("ZREMRANGEBYSCORE", name, "-inf", now),
        ("ZADD", name, end, member),
        ("PEXPIRE", name, INDEX_KEPT),
    )
