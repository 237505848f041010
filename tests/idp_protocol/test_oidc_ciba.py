"""CIBA Core 1.0 and FAPI-CIBA: a client asks, the person answers in the account centre."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.account import Credentials
from idp.domain.audit import AuditKind
from idp.domain.client import PartyKind
from idp.domain.decoupled import MOST_WAITING, Status
from idp.domain.errors import PageProblem
from idp.domain.outcomes import BackchannelAnswer, IssuedTokens
from idp.domain.writes import (
    BlockClient,
    CountAttempt,
    DecideDecoupled,
    OpenDecoupled,
    PingClient,
    RedeemDecoupled,
    RememberSubject,
)
from idp.protocol.decoupled_answers import Answer, Answered, ProveAgain
from idp.protocol.decoupled_grant import CIBA
from idp.protocol.hinted_subjects import SUBJECT as SUBJECT_SHAPE
from idp.protocol.oidc_ciba import Search
from tests.idp_protocol.acts import error_of, redeem
from tests.idp_protocol.decoupled_world import (
    CALL,
    DESK,
    NUMBER,
    POLICE,
    RINGING,
    SUBJECT,
    admit,
    answer,
    ask,
    loaded,
    poll,
    written,
    yes,
)
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    L2A1,
    L2A2,
    LOADED,
    LOCKED,
    NOW,
    SESSION,
    STRONG,
    basic,
    facts,
    sha,
)

FRESH = replace(SESSION, events=tuple(replace(event, at=NOW - 30) for event in SESSION.events))


def test_a_request_begins_to_wait() -> None:
    """7.3: auth_req_id of 256 bits, expires_in, interval; only its hash is kept; it waits for its person."""
    decision = ask(binding_message="Quầy 3, mã 4821")
    said = decision.outcome
    assert isinstance(said, BackchannelAnswer)
    assert (said.expires_in, said.interval) == (300, 5)
    (opened,) = written(decision, OpenDecoupled)
    made = opened.request
    assert made.secret_hash == sha(said.auth_req_id)
    assert made.auth_req_id is None
    assert made.account_id == ACCOUNT.account_id
    assert made.binding_message == "Quầy 3, mã 4821"
    assert made.request.max_age == 300
    assert [event.kind for event in decision.audit] == [AuditKind.APPROVAL_ASKED]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint_token": "a.b.c"}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"login_hint": None, "id_token_hint": "a.b.c"}, "invalid_request"),
        ({"login_hint": None, "login_hint_token": "a.b.c"}, "invalid_request"),
        ({"login_hint": [SUBJECT, SUBJECT]}, "invalid_request"),
        ({"requested_expiry": "0"}, "invalid_request"),
        ({"requested_expiry": "-1"}, "invalid_request"),
        ({"requested_expiry": "soon"}, "invalid_request"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"request": "a.b.c"}, "invalid_request"),
        ({"binding_message": "x" * 61}, "invalid_binding_message"),
        ({"binding_message": "two\nlines"}, "invalid_binding_message"),
        ({"binding_message": "https://evil.example"}, "invalid_binding_message"),
        ({"binding_message": "www.evil.example"}, "invalid_binding_message"),
        ({"binding_message": "<b>4821</b>"}, "invalid_binding_message"),
        ({"binding_message": "4821 \u202e1284"}, "invalid_binding_message"),
        ({"binding_message": "Раураl"}, "invalid_binding_message"),
        ({"binding_message": "👍"}, "invalid_binding_message"),
    ],
)
def test_what_is_refused_at_once(values: dict[str, Any], code: str) -> None:
    """7.1, 7.2 and 13: each fault has its code, 400, and nothing waits."""
    decision = admit(**values)
    assert error_of(decision) == code
    assert decision.outcome.status == 400
    assert not written(decision, OpenDecoupled)


@pytest.mark.parametrize(
    "message", ["4821", "Quầy số 3: mã 4821", "MÃ-Đ7K2", "Nộp hồ sơ 12/2026 (lần 2)", "a" * 60]
)
def test_binding_messages_that_people_read(message: str) -> None:
    """7.1: short plain text, every Vietnamese letter included."""
    assert admit(binding_message=message).outcome.binding_message == message


def test_how_long_it_lives() -> None:
    """7.1: requested_expiry, within our bounds."""
    assert admit(requested_expiry="120").outcome.lifetime == 120
    assert admit(requested_expiry="1").outcome.lifetime == 30
    assert admit(requested_expiry="9999999").outcome.lifetime == 900


def test_who_may_ask() -> None:
    """7.1 and 13: authenticated confidential clients of this flow, in a mode that has something to poll for."""
    assert error_of(admit(auth=None, client_id="desk")) == "invalid_client"
    assert error_of(admit(auth=basic("desk", "wrong"))) == "invalid_client"
    for change in (
        {"grant_types": frozenset({"authorization_code"})},
        {"backchannel_token_delivery_mode": "push"},
        {"backchannel_token_delivery_mode": None},
    ):
        assert error_of(admit(facts(client=replace(DESK, **change)))) == "unauthorized_client"
        known = facts(client=replace(DESK, **change), decoupled=yes(CALL))
        assert error_of(poll(known, CIBA)) == "unauthorized_client"
    public = replace(DESK, token_endpoint_auth_method="none", secret_hash=None)
    assert error_of(admit(facts(client=public), auth=None, client_id="desk")) == "invalid_client"


def test_hints() -> None:
    """7.1: a pseudonym of this client, an ID token of ours for this client; a number only from who may have it."""
    assert admit().outcome.hint.subject == SUBJECT
    assert admit(login_hint="somebody").outcome.hint.subject is None
    assert admit(login_hint=NUMBER).outcome.hint.number is None
    assert admit(facts(client=POLICE), login_hint=NUMBER).outcome.hint.number == NUMBER
    private = replace(POLICE, party_kind=PartyKind.PRIVATE)
    assert admit(facts(client=private), login_hint=NUMBER).outcome.hint.number is None
    hint = {"login_hint": None, "id_token_hint": "any"}
    own = admit(id_token={"aud": "desk", "sub": SUBJECT}, **hint)
    assert own.outcome.hint.subject == SUBJECT
    assert error_of(admit(id_token={"aud": "other", "sub": SUBJECT}, **hint)) == "invalid_request"


def test_pings_need_a_token() -> None:
    """7.1: client_notification_token is REQUIRED for ping, at most 1024 characters of a bearer token."""
    for token in (None, "x" * 1025, "no spaces", "é"):
        decision = admit(facts(client=RINGING), client_notification_token=token)
        assert error_of(decision) == "invalid_request"
    decision = ask(facts(client=RINGING), client_notification_token="Token-1._~+/==")
    (opened,) = written(decision, OpenDecoupled)
    assert opened.request.notification_token == "Token-1._~+/=="
    assert opened.request.auth_req_id == decision.outcome.auth_req_id
    assert decision.outcome.auth_req_id not in repr(decision)


# ---------------------------------------------------------------- whom it reaches


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"account": None},
        {"account": LOCKED},
        {"blocked": True},
        {"waiting": (loaded(CALL),) * MOST_WAITING},
    ],
)
def test_a_client_cannot_tell_who_has_an_account(changes: dict[str, Any]) -> None:
    """Attacks 38, 40 and 45: unknown, locked, blocking and overrun people look like anybody; nobody is asked."""
    known = facts(**{"client": DESK, "session": None} | changes)
    decision, usual = ask(known), ask()
    assert decision.outcome == usual.outcome
    (opened,) = written(decision, OpenDecoupled)
    assert opened.request.account_id == ""
    assert [type(write) for write in decision.writes] == [type(write) for write in usual.writes]
    assert len(decision.audit) == len(usual.audit)
    assert all(event.account_id is None for event in decision.audit)


def test_a_state_authority_hears_the_truth() -> None:
    """13: unknown_user_id for who may have the number anyway; access_denied (403) where the person has enough."""
    for account in (None, LOCKED):
        decision = ask(facts(client=POLICE, account=account), login_hint=NUMBER)
        assert (error_of(decision), decision.outcome.status) == ("unknown_user_id", 400)
    for changes in ({"blocked": True}, {"waiting": (loaded(CALL),) * MOST_WAITING}):
        decision = ask(facts(client=POLICE, **changes), login_hint=NUMBER)
        assert (error_of(decision), decision.outcome.status) == ("access_denied", 403)
        assert not written(decision, OpenDecoupled)


@pytest.mark.attack
def test_one_client_cannot_wear_one_person_down() -> None:
    """Attack 45: ten requests in ten minutes for one hint, whether somebody is behind it or not."""
    for account in (ACCOUNT, None):
        (count,) = written(ask(facts(client=DESK, account=account)), CountAttempt)
        known = facts(client=DESK, account=account, throttles={count.bucket: 10})
        decision = ask(known)
        assert (error_of(decision), decision.outcome.status) == ("slow_down", 429)


@pytest.mark.attack
def test_only_clients_of_the_flow_make_us_look_somebody_up() -> None:
    """Attack 40: the first decision needs no person; the second one names the hint."""
    asked = admit(facts(client=POLICE), login_hint=NUMBER).outcome
    needs = Search(asked).needs
    assert needs.personal_number == NUMBER
    assert admit(facts(client=POLICE), auth=None, login_hint=NUMBER).outcome.code == "invalid_client"


# ---------------------------------------------------------------- the answer


def test_the_person_approves_with_a_fresh_sign_in() -> None:
    """A sign-in of five minutes at most counts; an older one is asked to prove itself again, to the asked level."""
    known = facts(client=DESK, decoupled=loaded(CALL), session=FRESH)
    assert answer(known).outcome == Answered(Answer.APPROVE)
    old = replace(SESSION, events=tuple(replace(event, at=NOW - 301) for event in SESSION.events))
    assert answer(replace(known, session=old)).outcome == ProveAgain(1)
    asked = replace(CALL, request=replace(CALL.request, acr_values=(L2A2,)))
    able = replace(known, decoupled=loaded(asked), credentials=Credentials("x", totp_secret=b"t" * 20))
    assert answer(able).outcome == ProveAgain(2)
    assert answer(replace(able, session=old)).outcome == ProveAgain(2)
    assert answer(replace(able, session=STRONG)).outcome == Answered(Answer.APPROVE)
    # A no needs no fresh sign-in.
    assert answer(replace(known, session=old), Answer.DENY).outcome == Answered(Answer.DENY)


def test_a_wish_for_a_passkey_is_met_or_let_go() -> None:
    """EAP ACR Values 1.0: a session with a passkey says phr; signing in anew for an approval cannot ask for one."""
    asked = replace(CALL, request=replace(CALL.request, acr_values=("phr",)))
    holder = replace(facts().account, resistance=1)
    known = facts(client=DESK, decoupled=loaded(asked), session=FRESH, account=holder)
    assert answer(known).outcome == Answered(Answer.APPROVE)
    for session, acr in (
        (FRESH, L2A1),
        (
            replace(FRESH, events=tuple(replace(FRESH.events[0], method=each) for each in ("pop", "mfa"))),
            "phr",
        ),
    ):
        (decided,) = written(answer(replace(known, session=session)), DecideDecoupled)
        assert decided.approval.acr == acr


@pytest.mark.attack
def test_this_was_not_me() -> None:
    """Attack 45: everything of that client is refused, it is silent for a day, and the log calls it a fraud."""
    second = replace(CALL, request_id="e" * 22)
    foreign = replace(CALL, request_id="f" * 22, request=replace(CALL.request, client_id="other"))
    waiting = tuple(loaded(each) for each in (CALL, second, foreign))
    decision = answer(facts(client=DESK, decoupled=loaded(CALL), waiting=waiting), Answer.NOT_ME)
    denied = written(decision, DecideDecoupled)
    assert [each.request.request_id for each in denied] == [CALL.request_id, second.request_id]
    assert all(each.approval is None for each in denied)
    assert written(decision, BlockClient) == [BlockClient(ACCOUNT.account_id, "desk", 86_400)]
    assert [event.kind for event in decision.audit] == [AuditKind.APPROVAL_REPORTED]


def test_the_client_is_pinged_whatever_the_answer() -> None:
    """10.2: a ping when the answer is ready; it carries the request and the client's own token, no more."""
    ringing = replace(CALL, notification_token="token", auth_req_id="id")
    for said in Answer:
        known = facts(client=RINGING, decoupled=loaded(ringing), session=FRESH)
        (ping,) = written(answer(known, said), PingClient)
        assert ping == PingClient("desk", "https://desk.example/ping", "id", "token", CALL.expires_at)
    assert not written(answer(facts(client=DESK, decoupled=loaded(CALL), session=FRESH)), PingClient)


# ---------------------------------------------------------------- the token endpoint


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (loaded(CALL, polled_at=NOW - 5), "authorization_pending"),
        (loaded(CALL, polled_at=NOW - 4), "slow_down"),
        (loaded(CALL, status=Status.DENIED), "access_denied"),
        (loaded(replace(CALL, expires_at=NOW)), "expired_token"),
        (yes(CALL, status=Status.REDEEMED), "invalid_grant"),
        (None, "invalid_grant"),
    ],
)
def test_what_polling_answers(state: object, code: str) -> None:
    """11: authorization_pending, slow_down, expired_token, access_denied; RFC 6749 5.2: invalid_grant."""
    decision = poll(facts(client=DESK, decoupled=state), CIBA)
    assert error_of(decision) == code
    assert decision.outcome.status == 400


def test_tokens_for_the_client() -> None:
    """10.1.1: tokens with an ID token; without urn:openid:params:jwt:claim:auth_req_id, which is for push alone."""
    decision = poll(facts(client=DESK, decoupled=yes(CALL)), CIBA)
    issued = decision.outcome
    assert isinstance(issued, IssuedTokens)
    assert issued.id_token is not None
    claims = issued.id_token.claims
    assert claims["aud"] == "desk"
    assert not [name for name in claims if name.startswith("urn:")]
    (redeemed,) = written(decision, RedeemDecoupled)
    assert written(decision, RememberSubject) == [RememberSubject(redeemed.grant.subject, ACCOUNT.account_id)]
    assert SUBJECT_SHAPE.match(redeemed.grant.subject)


@pytest.mark.attack
@pytest.mark.parametrize("account", [None, LOCKED])
def test_a_locked_account_gets_no_tokens_by_ciba(account: object) -> None:
    """Attack 38, Keycloak CVE-2026-16103: the incomplete fix left CIBA open; locked after approving is refused."""
    decision = poll(facts(client=DESK, account=account, decoupled=yes(CALL)), CIBA)
    assert error_of(decision) == "invalid_grant"
    assert not written(decision, RedeemDecoupled)


@pytest.mark.attack
def test_a_locked_person_approves_nothing() -> None:
    """Attack 38: the answer of a locked account does not count."""
    with pytest.raises(PageProblem):
        answer(facts(client=DESK, account=LOCKED, decoupled=loaded(CALL)))


def test_pseudonyms_are_kept_for_clients_of_the_flow_only() -> None:
    """A plain client's people stay unlinked: nothing leads from its pseudonyms back to an account."""
    assert not written(redeem(), RememberSubject)
    known = facts(client=replace(CLIENT, backchannel_token_delivery_mode="poll"), grant=LOADED)
    assert written(redeem(known), RememberSubject)
