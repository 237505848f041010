"""Grants and the states of their code and tokens to bytes and back."""

import base64
from typing import Final

import orjson

from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.storage.codecs.requests import claims_parts, read_claims
from idp.storage.codecs.version import VERSION, versioned

_NOTHING: Final = bytes(32)
_UNBOUND: Final = bytes(1)
_WITHOUT: Final = frozenset({b"", _UNBOUND})


def grant(value: Grant) -> bytes:
    """The grant itself, without its states."""
    return orjson.dumps(
        (
            *(VERSION, value.grant_id, value.client_id, value.account_id, value.subject, value.scopes),
            *(value.created_at, value.expires_at, value.resources, value.redirect_uri, value.nonce),
            *(value.code_challenge, value.acr, value.amr, value.auth_time, value.session_id, value.offline),
            *(
                claims_parts(value.claims),
                value.jkt,
                value.x5t_s256,
                value.authorization_details,
                value.actor,
            ),
            value.parents,
        )
    )


def read_grant(data: bytes) -> Grant | None:
    """The opposite of :func:`grant`."""
    parts = versioned(data)
    if parts is None:
        return None
    parts[5], parts[8], parts[13] = tuple(parts[5]), tuple(parts[8]), tuple(parts[13])
    parts[17], parts[20], parts[22] = read_claims(parts[17]), tuple(parts[20]), tuple(parts[22])
    return Grant(*parts[1:])


def code(value: CodeState) -> bytes:
    """Hash (32 bytes) and end (8 bytes); scripts compare the hash in place."""
    return value.code_hash + value.expires_at.to_bytes(8)


def read_code(data: bytes, *, spent: bool) -> CodeState:
    """The opposite of :func:`code`; the script keeps ``spent`` beside it."""
    return CodeState(data[:32], int.from_bytes(data[32:40]), spent)


def refresh(value: RefreshState) -> bytes:
    """Current hash (32), end (8), time of rotation (8), previous hash (32, zeros: none), binding, sealed successor.

    The binding is one byte that says which thumbprints follow, 32 bytes each. Scripts compare the hashes in place.
    """
    bound = _UNBOUND if value.jkt is None and value.x5t_s256 is None else _bound(value)
    return b"".join(
        (
            *(value.current_hash, value.expires_at.to_bytes(8), value.rotated_at.to_bytes(8)),
            *(value.previous_hash or _NOTHING, bound, value.sealed_current),
        )
    )


def _bound(value: RefreshState) -> bytes:
    thumbprints = [
        b"" if text is None else base64.urlsafe_b64decode(f"{text}=") for text in (value.jkt, value.x5t_s256)
    ]
    return bytes([sum(1 << at for at, each in enumerate(thumbprints) if each)]) + b"".join(thumbprints)


def read_refresh(data: bytes) -> RefreshState:
    """The opposite of :func:`refresh`."""
    previous = data[48:80]
    jkt, x5t_s256, rest = (None, None, data[81:]) if data[80:81] in _WITHOUT else _read_bound(data[80:])
    return RefreshState(
        data[:32],
        int.from_bytes(data[32:40]),
        None if previous == _NOTHING else previous,
        int.from_bytes(data[40:48]),
        rest,
        jkt,
        x5t_s256,
    )


def _read_bound(data: bytes) -> tuple[str | None, str | None, bytes]:
    rest = data[1:]
    found: list[str | None] = []
    for flag in (1, 2):
        bound = bool(data[0] & flag)
        found.append(base64.urlsafe_b64encode(rest[:32]).rstrip(b"=").decode() if bound else None)
        rest = rest[32:] if bound else rest
    return found[0], found[1], rest


def access(value: AccessState) -> bytes:
    """One opaque access token; its hash is in the name of the key."""
    return orjson.dumps(
        (
            *(VERSION, value.scopes, value.audience, value.issued_at, value.expires_at),
            *(value.jkt, value.x5t_s256),
        )
    )


def read_access(data: bytes, token_hash: bytes) -> AccessState | None:
    """The opposite of :func:`access`."""
    parts = versioned(data)
    if parts is None:
        return None
    return AccessState(token_hash, tuple(parts[1]), tuple(parts[2]), *parts[3:])
