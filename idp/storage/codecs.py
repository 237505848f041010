"""Values to bytes and back: compact JSON arrays with a version in front. An unknown version reads as absent."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import orjson

from idp.domain.account import Account, AccountStatus, AccountType
from idp.domain.authorization import AuthorizationRequest, ClaimRequest, ClaimsRequest, PushedRequest
from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.session import AuthenticationEvent, Challenge, Interaction, Participant, Session
from idp.domain.writes import SendMail

VERSION: Final = 2
SPENT: Final = b"spent"
"""What stands in the place of a pushed request after its completion; no seal begins so."""
_NOTHING: Final = bytes(32)
_UNBOUND: Final = bytes(1)
_WITHOUT: Final = frozenset({b"", _UNBOUND})
_NO_CLAIMS: Final = ClaimsRequest()


def _versioned(data: bytes) -> list[Any] | None:
    parts: list[Any] = orjson.loads(data)
    return parts if parts[0] == VERSION else None


# ---------------------------------------------------------------- claims parameter


def _claims(value: ClaimsRequest) -> Any:
    if value == _NO_CLAIMS:
        return None
    return [
        *(
            {name: [wish.essential, wish.value, wish.values] for name, wish in part.items()}
            for part in (value.id_token, value.userinfo)
        ),
        value.verified_id_token,
        value.verified_userinfo,
    ]


def _read_claims(data: Any) -> ClaimsRequest:
    if data is None:
        return _NO_CLAIMS
    id_token, userinfo = (
        {name: ClaimRequest(essential, one, tuple(many)) for name, (essential, one, many) in part.items()}
        for part in data[:2]
    )
    return ClaimsRequest(id_token, userinfo, tuple(data[2]), tuple(data[3]))


def names_values(claims: ClaimsRequest) -> bool:
    """Whether a value is asked for: it may be personal data, so the record must be sealed."""
    return bool(claims.verified_id_token or claims.verified_userinfo) or any(
        wish.value is not None or wish.values
        for part in (claims.id_token, claims.userinfo)
        for wish in part.values()
    )


# ---------------------------------------------------------------- grants


def grant(value: Grant) -> bytes:
    """The grant itself, without its states."""
    return orjson.dumps(
        (
            *(VERSION, value.grant_id, value.client_id, value.account_id, value.subject, value.scopes),
            *(value.created_at, value.expires_at, value.resources, value.redirect_uri, value.nonce),
            *(value.code_challenge, value.acr, value.amr, value.auth_time, value.session_id, value.offline),
            *(_claims(value.claims), value.jkt, value.x5t_s256, value.authorization_details, value.actor),
            value.parents,
        )
    )


def read_grant(data: bytes) -> Grant | None:
    """The opposite of :func:`grant`."""
    parts = _versioned(data)
    if parts is None:
        return None
    parts[5], parts[8], parts[13] = tuple(parts[5]), tuple(parts[8]), tuple(parts[13])
    parts[17], parts[20], parts[22] = _read_claims(parts[17]), tuple(parts[20]), tuple(parts[22])
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
    parts = _versioned(data)
    if parts is None:
        return None
    return AccessState(token_hash, tuple(parts[1]), tuple(parts[2]), *parts[3:])


# ---------------------------------------------------------------- sessions and interactions


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
    parts = _versioned(data)
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


def _request(value: AuthorizationRequest | None) -> Any:
    if value is None:
        return None
    return (
        *(value.client_id, value.redirect_uri, value.response_mode, value.response_type, value.scopes),
        *(
            value.resources,
            value.state,
            value.nonce,
            value.code_challenge,
            sorted(value.prompt),
            value.max_age,
        ),
        *(value.acr_values, _claims(value.claims), value.login_hint, value.hinted_subject, value.ui_locales),
        *(value.dpop_jkt, value.authorization_details, value.pushed_id),
    )


def _read_request(data: Any) -> AuthorizationRequest | None:
    if data is None:
        return None
    client_id, redirect_uri, mode, kind, scopes, resources, state, nonce, challenge = data[:9]
    prompt, max_age, acr_values, claims, login_hint, hinted_subject, ui_locales = data[9:16]
    dpop_jkt, authorization_details, pushed_id = data[16:]
    return AuthorizationRequest(
        *(client_id, redirect_uri, mode, kind, tuple(scopes), tuple(resources), state, nonce, challenge),
        *(frozenset(prompt), max_age, tuple(acr_values), _read_claims(claims), login_hint, hinted_subject),
        *(tuple(ui_locales), dpop_jkt, tuple(authorization_details), pushed_id),
    )


def pushed(value: PushedRequest) -> bytes:
    """A pushed request. May hold a login hint: to be sealed."""
    return orjson.dumps((VERSION, _request(value.request), value.created_at))


def read_pushed(data: bytes) -> PushedRequest | None:
    """The opposite of :func:`pushed`."""
    parts = _versioned(data)
    request = _read_request(parts[1]) if parts is not None else None
    return PushedRequest(request, parts[2]) if parts is not None and request is not None else None


def asked(value: AuthorizationRequest) -> Any:
    """A request as a plain value, for records that hold one."""
    return _request(value)


def read_asked(data: Any) -> AuthorizationRequest:
    """The opposite of :func:`asked`. Raises ValueError when there is none."""
    request = _read_request(data)
    if request is None:
        raise ValueError("no request")
    return request


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def interaction(value: Interaction) -> bytes:
    """A sign-in or consent in progress. May hold a login hint: to be sealed."""
    return orjson.dumps(
        (
            *(VERSION, value.interaction_id, _text(value.browser_hash), _request(value.request)),
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
    parts = _versioned(data)
    if parts is None:
        return None
    _, interaction_id, browser_hash, request, created_at, expires_at, step, account_id, events = parts[:9]
    level, failures, otp_hash, otp_expires_at, next_path, locale, withheld, consented_at = parts[9:17]
    refusal, *rest = parts[17:]
    return Interaction(
        *(interaction_id, base64.b64decode(browser_hash), _read_request(request), created_at, expires_at),
        *(step, account_id, _read_events(events), level, failures),
        *(None if otp_hash is None else base64.b64decode(otp_hash), otp_expires_at, next_path, locale),
        *(withheld, consented_at, refusal, *map(_read_challenge, rest)),
    )


# ---------------------------------------------------------------- accounts


def account(value: Account, read_at: int) -> bytes:
    """A snapshot of an account and when it was read from PostgreSQL. Personal data: to be sealed."""
    consents: Mapping[str, list[str]] = {client: sorted(items) for client, items in value.consents.items()}
    return orjson.dumps(
        (
            *(VERSION, value.account_id, value.level, value.status, value.account_type),
            *(value.personal_number, value.profile, consents, value.locale, read_at, value.resistance),
            *(value.role, value.agency),
        )
    )


def read_account(data: bytes, epoch: int) -> tuple[Account, int] | None:
    """The opposite of :func:`account`: the account under its present epoch, and when it was read."""
    parts = _versioned(data)
    if parts is None:
        return None
    _, account_id, level, status, kind, number, profile, consents, locale, read_at, *resistance = parts
    account_ = Account(
        *(account_id, level, AccountStatus(status), AccountType(kind), number, profile),
        *({client: frozenset(items) for client, items in consents.items()}, epoch, locale, *resistance),
    )
    return account_, read_at


# ---------------------------------------------------------------- mail


def message(value: SendMail) -> bytes:
    """A message to send. Holds an address and perhaps a code: to be sealed."""
    return orjson.dumps((VERSION, value.to, value.template, value.locale, value.values))


def read_message(data: bytes) -> SendMail:
    """The opposite of :func:`message`."""
    _, to, template, locale, values = orjson.loads(data)
    return SendMail(to, template, locale, tuple((name, value) for name, value in values))
