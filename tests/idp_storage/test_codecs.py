"""Stored values come back as they went in, whatever they hold; an unknown version reads as absent."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.account import Account, AccountStatus, AccountType
from idp.domain.authorization import AuthorizationRequest, ClaimRequest, ClaimsRequest
from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.session import AuthenticationEvent, Challenge, Interaction, Session
from idp.domain.writes import SendMail
from idp.storage import codecs
from keys import base64url

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
MAYBE = st.none() | TEXT
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
TIME = st.integers(0, 2**53)
HASH = st.binary(min_size=32, max_size=32).filter(any)
THUMBPRINT = st.none() | HASH.map(lambda data: base64url.encode(data).decode())
PLAIN = st.none() | st.booleans() | TIME | TEXT
WISH = st.builds(ClaimRequest, st.booleans(), PLAIN, st.lists(PLAIN, max_size=2).map(tuple))
OBJECT = st.dictionaries(TEXT, PLAIN, max_size=2)
OBJECTS = st.lists(OBJECT, max_size=2).map(tuple)
CLAIMS = st.builds(
    ClaimsRequest,
    st.dictionaries(TEXT, WISH, max_size=2),
    st.dictionaries(TEXT, WISH, max_size=2),
    *(OBJECTS, OBJECTS),
)
GRANT = st.builds(
    Grant,
    *(TEXT, TEXT, TEXT, TEXT, TEXTS, TIME, TIME, TEXTS, TEXT, MAYBE, MAYBE, MAYBE, TEXTS),
    *(st.none() | TIME, MAYBE, st.booleans(), CLAIMS, MAYBE, MAYBE, OBJECTS, st.none() | OBJECT, TEXTS),
)
EVENTS = st.lists(st.builds(AuthenticationEvent, TEXT, TIME), max_size=3).map(tuple)
REQUEST = st.builds(
    AuthorizationRequest,
    *(TEXT, TEXT, TEXT, TEXT, TEXTS, TEXTS, MAYBE, MAYBE, MAYBE, st.frozensets(TEXT, max_size=2)),
    *(st.none() | TIME, TEXTS, CLAIMS, MAYBE, MAYBE, TEXTS, MAYBE, OBJECTS, MAYBE),
)
INTERACTION = st.builds(
    Interaction,
    interaction_id=TEXT,
    browser_hash=HASH,
    request=st.none() | REQUEST,
    created_at=TIME,
    expires_at=TIME,
    step=TEXT,
    account_id=MAYBE,
    events=EVENTS,
    required_level=st.integers(1, 4),
    failures=st.integers(0, 9),
    otp_hash=st.none() | HASH,
    otp_expires_at=TIME,
    next_path=MAYBE,
    locale=TEXT,
    withheld=st.booleans(),
    consented_at=TIME,
    refusal=MAYBE,
    challenge=st.none() | st.builds(Challenge, HASH, TEXT, TIME, st.binary(max_size=64)),
)


@given(GRANT)
def test_grants(value: Grant) -> None:
    """A grant comes back equal."""
    assert codecs.read_grant(codecs.grant(value)) == value


@given(st.builds(CodeState, HASH, TIME, st.booleans()))
def test_codes(value: CodeState) -> None:
    """A code comes back equal; its hash stands where the scripts compare it."""
    data = codecs.code(value)
    assert data[:32] == value.code_hash
    assert codecs.read_code(data, spent=value.spent) == value


@given(
    st.builds(
        RefreshState, HASH, TIME, st.none() | HASH, TIME, st.binary(max_size=90), THUMBPRINT, THUMBPRINT
    )
)
def test_refresh_families(value: RefreshState) -> None:
    """A family comes back equal, keys and all; current and previous hash stand where the scripts compare them."""
    data = codecs.refresh(value)
    assert data[:32] == value.current_hash
    assert data[48:80] == (value.previous_hash or bytes(32))
    assert codecs.read_refresh(data) == value


@given(st.builds(AccessState, HASH, TEXTS, TEXTS, TIME, TIME, MAYBE, MAYBE))
def test_access_tokens(value: AccessState) -> None:
    """An access token comes back equal; its hash is in the name of the key."""
    assert codecs.read_access(codecs.access(value), value.token_hash) == value


@given(st.builds(Session, TEXT, TEXT, EVENTS, TIME, TIME, TEXT))
def test_sessions(value: Session) -> None:
    """A session comes back equal."""
    assert codecs.read_session(codecs.session(value)) == value


@given(INTERACTION)
def test_interactions(value: Interaction) -> None:
    """An interaction comes back equal with every field, so a new field cannot be forgotten here."""
    assert codecs.read_interaction(codecs.interaction(value)) == value


@given(
    st.builds(
        Account,
        *(TEXT, st.integers(1, 2), st.sampled_from(AccountStatus), st.sampled_from(AccountType), TEXT),
        *(st.dictionaries(TEXT, PLAIN), st.dictionaries(TEXT, st.frozensets(TEXT)), TIME, TEXT),
        st.integers(0, 2),
    )
)
def test_accounts(value: Account) -> None:
    """An account comes back equal under the epoch that stands beside it."""
    assert codecs.read_account(codecs.account(value, 7), value.epoch) == (value, 7)


@given(st.builds(SendMail, TEXT, TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)))
def test_messages(value: SendMail) -> None:
    """A message comes back equal."""
    assert codecs.read_message(codecs.message(value)) == value


@given(GRANT, st.integers(0, 99).filter(lambda version: version != codecs.VERSION))
def test_an_unknown_version_reads_as_absent(value: Grant, version: int) -> None:
    """A newer process may write what an older one does not know: it is as if it were not there."""
    parts = orjson.loads(codecs.grant(value))
    assert codecs.read_grant(orjson.dumps([version, *parts[1:], "new"])) is None


def test_every_field_of_a_stored_value_is_drawn() -> None:
    """The strategies above fill every field, so that a forgotten one fails."""
    assert len(Interaction.__slots__) == 18
    assert len(Grant.__slots__) == 22
    assert len(AuthorizationRequest.__slots__) == 19
