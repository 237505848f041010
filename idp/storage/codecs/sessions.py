"""Browser sessions, who took part in them, and interactions to bytes and back."""

import base64
from typing import Any

import orjson

from idp.domain.session import AuthenticationEvent, Challenge, Interaction, Participant, Session
from idp.storage.codecs.requests import read_request, request_parts
from idp.storage.codecs.version import VERSION, versioned


def _events(events: tuple[AuthenticationEvent, ...]) -> list[tuple[str, int]]:
    return [(event.method, event.at) for event in events]


def _read_events(data: list[list[Any]]) -> tuple[AuthenticationEvent, ...]:
    return tuple(AuthenticationEvent(method, at) for method, at in data)


def session(value: Session) -> bytes:
    """A browser session."""
    return orjson.dumps(
        (
            *(VERSION, value.session_id, value.account_id, _events(value.events), value.created_at),
            *(value.expires_at, value.locale, value.agent),
        )
    )


def read_session(data: bytes) -> Session | None:
    """The opposite of :func:`session`."""
    parts = versioned(data)
    if parts is None:
        return None
    _, session_id, account_id, events, *rest = parts
    return Session(session_id, account_id, _read_events(events), *rest)


def participant(client_id: str, subject: str, *, offline: bool) -> bytes:
    """A client that took part in a session; offline grants outlive it."""
    return orjson.dumps((client_id, subject, offline))


def read_participants(replies: list[bytes]) -> list[tuple[Participant, bool]]:
    """Participants with their ``offline``, from the flat list that HGETALL answers."""
    found = []
    for grant_id, data in zip(replies[::2], replies[1::2], strict=True):
        if grant_id:
            client_id, subject, offline = orjson.loads(data)
            found.append((Participant(client_id, subject, grant_id.decode()), offline))
    return found


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def interaction(value: Interaction) -> bytes:
    """A sign-in or consent in progress. May hold a login hint: to be sealed."""
    return orjson.dumps(
        (
            *(VERSION, value.interaction_id, _text(value.browser_hash), request_parts(value.request)),
            *(value.created_at, value.expires_at, value.step, value.account_id, _events(value.events)),
            *(value.required_level, value.failures, _text(value.otp_hash), value.otp_expires_at),
            *(value.next_path, value.locale, value.withheld, value.consented_at, value.refusal),
            _challenge(value.challenge),
        )
    )


def _challenge(value: Challenge | None) -> Any:
    if value is None:
        return None
    return (_text(value.value), value.step, value.expires_at, _text(value.user_handle))


def _read_challenge(data: Any) -> Challenge | None:
    if data is None:
        return None
    value, step, expires_at, handle = data
    return Challenge(base64.b64decode(value), step, expires_at, base64.b64decode(handle))


def read_interaction(data: bytes) -> Interaction | None:
    """The opposite of :func:`interaction`."""
    parts = versioned(data)
    if parts is None:
        return None
    _, interaction_id, browser_hash, request, created_at, expires_at, step, account_id, events = parts[:9]
    level, failures, otp_hash, otp_expires_at, next_path, locale, withheld, consented_at = parts[9:17]
    refusal, *rest = parts[17:]
    return Interaction(
        *(interaction_id, base64.b64decode(browser_hash), read_request(request), created_at, expires_at),
        *(step, account_id, _read_events(events), level, failures),
        *(None if otp_hash is None else base64.b64decode(otp_hash), otp_expires_at, next_path, locale),
        *(withheld, consented_at, refusal, *map(_read_challenge, rest)),
    )
