"""RFC 8628: a device shows a code, its person answers on a telephone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.domain.audit import AuditKind
from idp.domain.client import PartyKind
from idp.domain.decoupled import (
    USER_CODE_LETTERS,
    Flow,
    LoadedDecoupled,
    Status,
    read_user_code,
    shown_user_code,
    user_code,
)
from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.outcomes import DeviceCodes, IssuedTokens
from idp.domain.writes import (
    CountAttempt,
    DecideDecoupled,
    KeepApproved,
    KillGrant,
    NotePoll,
    OpenDecoupled,
    RedeemDecoupled,
    RememberConsent,
)
from idp.protocol import user_codes
from idp.protocol.decoupled_answers import Answer, Answered, ProveAgain
from idp.protocol.decoupled_grant import CIBA
from idp.protocol.user_codes import LookRefused, LookUp, Shown
from tests.idp_protocol.acts import error_of
from tests.idp_protocol.decoupled_world import (
    CALL,
    DEVICE,
    SECRET_NAME,
    TV,
    answer,
    device,
    loaded,
    poll,
    written,
    yes,
)
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    L2A2,
    LOCKED,
    NOW,
    POLICY,
    SESSION,
    STRONG,
    basic,
    facts,
    sha,
)


def test_a_device_gets_its_codes() -> None:
    """3.2: device_code, user_code, verification_uri, its complete form, expires_in and interval."""
    decision = device(agent="Tivi Sony\x00\u202e")
    codes = decision.outcome
    assert codes.verification_uri == "https://dinhdanh.example/device"
    assert codes.verification_uri_complete.endswith(f"?user_code={codes.user_code}")
    assert (codes.expires_in, codes.interval) == (600, 5)
    (opened,) = written(decision, OpenDecoupled)
    assert opened.request.secret_hash == sha(codes.device_code)
    assert opened.request.account_id is None
    assert opened.request.flow is Flow.DEVICE
    assert shown_user_code(opened.request.user_code) == codes.user_code
    assert opened.request.agent == "Tivi Sony"
    assert codes.device_code not in repr(decision)


@given(st.binary(min_size=16, max_size=16))
def test_a_user_code_is_typed_anyhow(block: bytes) -> None:
    """6.1: eight consonants; case, spaces and punctuation of what is typed do not count."""
    plain = user_code(block)
    assert set(plain) <= set(USER_CODE_LETTERS)
    assert read_user_code(shown_user_code(plain)) == plain
    assert read_user_code(f"  {plain[:3].lower()} {plain[3:]}–") == plain


@pytest.mark.parametrize("text", ["", "WDJB-MJH", "WDJB-MJHTX", "WDJB-MJHA", "WDJB-MJH1", "Ð" * 8, "W" * 99])
def test_what_cannot_be_a_user_code(text: str) -> None:
    """6.1: nothing else is looked up."""
    assert read_user_code(text) is None


def test_who_may_ask() -> None:
    """3.1: confidential clients authenticate, public clients name themselves, both registered the grant."""
    assert error_of(device(client_id=None)) == "invalid_client"
    assert error_of(device(facts(client=replace(TV, grant_types=frozenset())))) == "unauthorized_client"
    confidential = replace(
        TV, token_endpoint_auth_method="client_secret_basic", secret_hash=CLIENT.secret_hash
    )
    assert error_of(device(facts(client=confidential))) == "invalid_client"
    assert device(facts(client=confidential), auth=basic("tv")).outcome.interval == 5
    assert error_of(device(facts(client=replace(TV, disabled=True)))) == "invalid_client"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"scope": ["openid", "profile"]}, "invalid_request"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "openid " * 400}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
    ],
)
def test_what_is_refused_at_once(values: dict[str, object], code: str) -> None:
    """3.1 and RFC 6749 5.2: each with its code; nothing waits."""
    decision = device(**values)
    assert error_of(decision) == code
    assert not written(decision, OpenDecoupled)


@pytest.mark.attack
def test_no_scope_beyond_the_registered_ones() -> None:
    """Attack 18, authentik CVE-2024-52287: a device grant gives no scope that the client is not registered for."""
    (opened,) = written(device(scope="openid profile pid registry:verify address"), OpenDecoupled)
    assert opened.request.request.scopes == ("openid", "profile", "address")
    issued = poll(facts(client=TV, decoupled=yes()), scope="openid profile address pid").outcome
    assert isinstance(issued, IssuedTokens)
    assert issued.scopes == ("openid", "profile")


def test_requests_of_one_address_are_bounded() -> None:
    """5.1: nobody fills the store: 429 beyond sixty a minute of one client from one address."""
    (count,) = [each for each in written(device(), CountAttempt) if each.bucket.startswith("device:")]
    full = device(facts(client=TV, throttles={count.bucket: 60}))
    assert (error_of(full), full.outcome.status) == ("slow_down", 429)


def test_polling_while_nobody_answered() -> None:
    """3.5: authorization_pending, and the poll is noted against the one before."""
    decision = poll(facts(client=TV, decoupled=loaded(polled_at=NOW - 5)))
    assert error_of(decision) == "authorization_pending"
    assert decision.outcome.status == 400
    assert written(decision, NotePoll) == [NotePoll(DEVICE.request_id, NOW, NOW - 5)]


def test_polling_too_fast() -> None:
    """3.5: slow_down, and the interval grows by five seconds for this and all later requests."""
    decision = poll(facts(client=TV, decoupled=loaded(polled_at=NOW - 4)))
    assert error_of(decision) == "slow_down"
    assert decision.outcome.status == 400
    assert written(decision, NotePoll) == [NotePoll(DEVICE.request_id, NOW, None, 5)]
    assert error_of(poll(facts(client=TV, decoupled=loaded(polled_at=NOW - 9, interval=10)))) == "slow_down"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (loaded(status=Status.DENIED), "access_denied"),
        (loaded(replace(DEVICE, expires_at=NOW)), "expired_token"),
        (yes(replace(DEVICE, expires_at=NOW)), "expired_token"),
        (yes(status=Status.REDEEMED), "invalid_grant"),
        (yes(replace(DEVICE, request=replace(DEVICE.request, client_id="other"))), "invalid_grant"),
        (yes(replace(DEVICE, secret_hash=b"0" * 32)), "invalid_grant"),
        (yes(replace(DEVICE, flow=Flow.CIBA)), "invalid_grant"),
        (None, "invalid_grant"),
    ],
)
def test_what_polling_answers(state: object, code: str) -> None:
    """3.5 and RFC 6749 5.2: each state its code; another client's or an unknown code is invalid_grant."""
    decision = poll(facts(client=TV, decoupled=state))
    assert error_of(decision) == code
    assert not written(decision, RedeemDecoupled)


def test_malformed_polls() -> None:
    """3.4: device_code is REQUIRED; what we never issued is invalid_grant; the grant must be registered."""
    assert error_of(poll(facts(client=TV), device_code=None)) == "invalid_request"
    assert error_of(poll(facts(client=TV, decoupled=yes()), device_code="x" * 90)) == "invalid_grant"
    without = replace(TV, grant_types=frozenset({"authorization_code"}))
    assert error_of(poll(facts(client=without, decoupled=yes()))) == "unauthorized_client"


def test_tokens_for_the_device() -> None:
    """3.5: an approved request gives tokens once; no browser session hangs on them; ID token says how and when."""
    decision = poll(facts(client=TV, decoupled=yes()))
    issued = decision.outcome
    assert isinstance(issued, IssuedTokens)
    assert issued.refresh_token
    (redeemed,) = written(decision, RedeemDecoupled)
    assert redeemed.grant.grant_id == DEVICE.request_id
    assert redeemed.grant.session_id is None
    assert redeemed.account_epoch == ACCOUNT.epoch
    assert issued.id_token is not None
    claims = issued.id_token.claims
    assert claims["auth_time"] == NOW - 15
    assert claims["amr"] == ["pwd"]
    assert "sid" not in claims
    assert [event.kind for event in decision.audit] == [AuditKind.TOKENS_ISSUED]


def test_tokens_of_a_bound_client_need_its_key() -> None:
    """RFC 9449 5.2, RFC 8705 3.4: no grant forgets the binding; what was refused is not spent."""
    for bound, code in (
        ({"dpop_bound_access_tokens": True}, "invalid_dpop_proof"),
        ({"tls_client_certificate_bound_access_tokens": True}, "invalid_request"),
    ):
        decision = poll(facts(client=replace(TV, **bound), decoupled=yes()))
        assert error_of(decision) == code
        assert not written(decision, RedeemDecoupled)


@pytest.mark.attack
@pytest.mark.parametrize("account", [None, LOCKED, replace(ACCOUNT, account_id="account-2")])
def test_a_locked_account_gets_no_tokens_by_a_device(account: object) -> None:
    """Attack 38, Keycloak CVE-2026-9798 and CVE-2026-16103: locked between the approval and the redemption."""
    decision = poll(facts(client=TV, account=account, decoupled=yes()))
    assert error_of(decision) == "invalid_grant"
    assert not written(decision, RedeemDecoupled)


def test_a_second_redemption_kills_the_first() -> None:
    """As RFC 6749 4.1.2 for codes: a device code that comes twice was stolen."""
    decision = poll(facts(client=TV, decoupled=yes(status=Status.REDEEMED)))
    assert written(decision, KillGrant) == [KillGrant(DEVICE.request_id, "decoupled_replayed")]
    assert [event.kind for event in decision.audit] == [AuditKind.REPLAY_DETECTED]


def test_the_person_says_yes() -> None:
    """3.3: approved by who is signed in, under the epoch that was judged, at the level they had reached."""
    decision = answer(facts(client=TV, session=STRONG, decoupled=loaded()))
    assert decision.outcome == Answered(Answer.APPROVE)
    (decided,) = written(decision, DecideDecoupled)
    assert decided.approval.account_id == ACCOUNT.account_id
    assert decided.approval.acr == L2A2
    assert written(decision, KeepApproved) == [KeepApproved(DEVICE, ACCOUNT.account_id, ACCOUNT.epoch)]
    assert AuditKind.APPROVAL_GIVEN in [event.kind for event in decision.audit]


def test_the_person_says_no() -> None:
    """3.3 and 3.5: the device hears access_denied; nothing else is written."""
    decision = answer(facts(client=TV, decoupled=loaded()), Answer.DENY)
    (decided,) = written(decision, DecideDecoupled)
    assert decided.approval is None
    assert [event.kind for event in decision.audit] == [AuditKind.APPROVAL_REFUSED]


def test_a_private_party_is_given_consent_by_name() -> None:
    """Decree 69/2024 Art. 19: what the page listed is remembered as consent; the State's own portal needs none."""
    private = replace(TV, party_kind=PartyKind.PRIVATE)
    decision = answer(facts(client=private, decoupled=loaded()))
    assert written(decision, RememberConsent) == [
        RememberConsent(ACCOUNT.account_id, "tv", frozenset({"profile"}))
    ]
    assert not written(answer(facts(client=TV, decoupled=loaded())), RememberConsent)


def test_the_asked_level_is_needed() -> None:
    """The level is judged as at the authorization endpoint: a wish that the person can reach must be reached."""
    asked = replace(DEVICE, request=replace(DEVICE.request, acr_values=(L2A2,)))
    from idp.domain.account import Credentials

    able = Credentials("x", totp_secret=b"t" * 20)
    known = facts(client=TV, decoupled=loaded(asked), credentials=able)
    assert answer(known).outcome == ProveAgain(2)
    assert not answer(known).writes
    assert answer(replace(known, session=STRONG)).outcome == Answered(Answer.APPROVE)
    assert answer(replace(known, credentials=Credentials("x"))).outcome == Answered(Answer.APPROVE)


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"session": None},
        {"account": LOCKED},
        {"decoupled": None},
        {"decoupled": loaded(status=Status.APPROVED)},
        {"decoupled": loaded(status=Status.DENIED)},
        {"decoupled": loaded(replace(DEVICE, expires_at=NOW))},
        {"decoupled": loaded(replace(CALL, account_id="account-2"))},
        {"decoupled": loaded(replace(CALL, account_id=""))},
        {"client": replace(TV, disabled=True)},
        {"client": None},
        {"session": replace(SESSION, expires_at=NOW)},
    ],
)
@pytest.mark.parametrize("said", list(Answer))
def test_nobody_else_and_nothing_else_is_answered(changes: dict[str, object], said: Answer) -> None:
    """Attack 43: an answer counts only from the signed-in, usable person for a request that waits for them."""
    with pytest.raises(PageProblem):
        answer(facts(**{"client": TV, "decoupled": loaded()} | changes), said)


@pytest.mark.attack
def test_only_the_code_that_was_compared_is_approved() -> None:
    """Attack 45: a link or a forged hidden field cannot make the person approve another request than they saw."""
    for code in ("", "BBBBBBBB"):
        with pytest.raises(PageProblem):
            answer(facts(client=TV, decoupled=loaded()), code=code)


def test_looking_a_code_up_always_costs() -> None:
    """5.1: right and wrong looks are counted alike and both refuse at the limit, for the person and the address."""
    asked = LookUp(b"x" * 32, "WDJBMJHT", "hash", ACCOUNT.account_id)
    right = user_codes.look_up(asked, facts(client=TV, decoupled=loaded()), POLICY)
    wrong = user_codes.look_up(asked, facts(client=None), POLICY)
    assert isinstance(right.outcome, Shown)
    assert wrong.outcome is LookRefused.UNKNOWN
    assert right.writes == wrong.writes == asked.counts
    assert all(count.limit for count in asked.counts)
    for count in asked.counts:
        full = facts(client=TV, decoupled=loaded(), throttles={count.bucket: count.limit})
        assert user_codes.look_up(asked, full, POLICY).outcome is LookRefused.TOO_MANY
    with pytest.raises(PageProblem):
        user_codes.look_up(asked, facts(client=TV, decoupled=loaded(), session=None), POLICY)


def test_a_code_of_another_flow_leads_nowhere() -> None:
    """A device code is no auth_req_id: each grant type redeems its own kind only."""
    both = replace(TV, grant_types=TV.grant_types | {CIBA}, backchannel_token_delivery_mode="poll")
    confidential = replace(
        both, token_endpoint_auth_method="client_secret_basic", secret_hash=CLIENT.secret_hash
    )
    decision = poll(
        facts(client=confidential, decoupled=yes()), CIBA, auth=basic("tv"), auth_req_id=SECRET_NAME
    )
    assert error_of(decision) == "invalid_grant"


VALUES = st.dictionaries(
    st.sampled_from(["scope", "resource", "acr_values", "authorization_details", "device_code", "client_id"]),
    st.one_of(st.sampled_from(["openid", "tv", SECRET_NAME, "[]", "{}"]), st.text(min_size=1, max_size=60)),
)


@given(VALUES, st.sampled_from([None, loaded(), yes(), loaded(status=Status.DENIED)]))
@settings(max_examples=200, deadline=None)
def test_any_request_gets_an_answer(values: dict[str, str], state: LoadedDecoupled | None) -> None:
    """Whatever a device says, at either endpoint, it gets codes, tokens or an error of the RFC; nothing raises."""
    known = facts(client=TV, decoupled=state)
    for decision in (device(known, **values), poll(known, **values)):
        outcome = decision.outcome
        assert isinstance(outcome, DeviceCodes | IssuedTokens | ProtocolError)
        if isinstance(outcome, ProtocolError):
            assert outcome.description.isascii()
