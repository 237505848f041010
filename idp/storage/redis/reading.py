"""The reads of the hot path as bytes of the wire, so that nothing is packed twice a request."""

from typing import Final

from idp.storage.redis import keys
from idp.storage.redis.pipelining import Command, Reply, packed

WATCH: Final = packed("MGET", keys.CLIENTS_VERSION, keys.BORN)
"""The version of the clients and the birth of Redis: part of every load."""

_NAME: Final = b"$%d\r\n%b\r\n"
_FIELD: Final = b"$1\r\n%b\r\n"
_GET: Final = b"*2\r\n$3\r\nGET\r\n" + _NAME
_GRANT: Final = (
    b"*6\r\n$5\r\nHMGET\r\n" + _NAME + b"".join(_FIELD % field for field in (b"b", b"c", b"x", b"r"))
)
_ACCOUNT: Final = b"*4\r\n$5\r\nHMGET\r\n" + _NAME + b"".join(_FIELD % field for field in (b"e", b"s"))


def grant(grant_id: str) -> bytes:
    """Body, code, spent, refresh family."""
    name = keys.grant(grant_id).encode()
    return _GRANT % (len(name), name)


def access_token(grant_id: str, token_hash: bytes) -> bytes:
    """One access token."""
    name = keys.access_token(grant_id, token_hash).encode()
    return _GET % (len(name), name)


def parent(name: str) -> Command:
    """How many of the keys behind a parent of a grant exist; both live in one slot (:attr:`Grant.parents`)."""
    return ("EXISTS", *keys.parent(name))


def alive(parents: tuple[str, ...], replies: list[Reply]) -> bool:
    """Whether every parent is, by the replies to :func:`parent`."""
    return all(len(keys.parent(name)) == reply for name, reply in zip(parents, replies, strict=True))


def session(digest: bytes) -> bytes:
    """A browser session."""
    name = keys.session(digest).encode()
    return _GET % (len(name), name)


def account(account_id: str) -> bytes:
    """Epoch and sealed snapshot."""
    name = keys.account(account_id).encode()
    return _ACCOUNT % (len(name), name)
