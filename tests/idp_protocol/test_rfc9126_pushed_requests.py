"""RFC 9126: what may be pushed, what the name of a pushed request is good for, and when it is spent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.authorization import AuthorizationRequest, PushedRequest
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.outcomes import Interact, Pushed, RedirectBack
from idp.domain.session import Interaction, Step
from idp.domain.writes import CreateGrant, FinishInteraction, SaveInteraction, SavePushed, SpendPushed
from idp.protocol import authorization, rfc9126_pushed_requests
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc9126_pushed_requests import URN, PushRequest
from tests.idp_protocol.acts import error_of, params_of, visit
from tests.idp_protocol.world import (
    CHALLENGE,
    CLIENT,
    FRESH,
    NOW,
    POLICY,
    PUBLIC,
    REDIRECT,
    authorize,
    basic,
    facts,
    parameters,
)

BROWSER = "b" * 43
NOBODY = {"session": None, "account": None}


def push(known: Facts | None = None, *, auth: str | None = "", **values: Any) -> Decision[Any]:
    """Push the good request of the world."""
    form = authorize(**values)
    header = basic() if auth == "" else auth
    request = PushRequest(form, read(form, header), "192.0.2.1")
    assert request.needs.client_id == read(form, header).client_id
    return rfc9126_pushed_requests.decide(request, known or facts(session=None, account=None), POLICY)


def kept(**values: Any) -> PushedRequest:
    """What a push leaves behind."""
    save = push(**values).writes[-1]
    assert isinstance(save, SavePushed)
    return save.pushed


def visit_pushed(known: Facts | None = None, **values: Any) -> Decision[Any]:
    """A browser comes with the name of the pushed request."""
    query = AuthorizationQuery(
        parameters(**{"client_id": "portal", "request_uri": URN + FRESH.pushed_id} | values),
        interaction_cookie=BROWSER,
    )
    return authorization.decide(query, known or facts(pushed=kept()), POLICY)


def test_a_push_is_answered_by_a_name_and_kept_for_its_client() -> None:
    """Section 2.2: the URN with 256 random bits, ninety seconds; the whole request is kept, typed, with its name."""
    decision = push()
    assert decision.outcome == Pushed(URN + FRESH.pushed_id, 90)
    assert len(FRESH.pushed_id) == 43
    (save,) = decision.writes
    assert save.pushed_id == FRESH.pushed_id
    assert save.expires_at == NOW + 90
    asked = save.pushed.request
    assert (asked.client_id, asked.redirect_uri, asked.pushed_id) == ("portal", REDIRECT, FRESH.pushed_id)
    assert (asked.state, asked.nonce, asked.code_challenge) == ("st-1", "n-1", CHALLENGE)
    assert asked.scopes == ("openid", "profile")


def test_a_client_that_authenticates_need_not_name_itself_again() -> None:
    """Section 2.1: with Basic the header says who asks; another client's name beside it is refused."""
    assert isinstance(push(client_id=None).outcome, Pushed)
    assert (push(client_id="app").outcome.code, push(client_id="app").outcome.status) == (
        "invalid_client",
        401,
    )


def test_a_public_client_pushes_with_its_name() -> None:
    """Section 2: every client type may push; PKCE is what protects a public one."""
    known = facts(client=PUBLIC, session=None, account=None)
    assert isinstance(push(known, auth=None, client_id="app").outcome, Pushed)
    assert push(known, auth=None, client_id="app", code_challenge=None).outcome.code == "invalid_request"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "registry:verify"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"response_mode": "postcard"}, "invalid_request"),
        ({"id_token_hint": "not.ours.x"}, "invalid_request"),
        ({"state": ["a", "b"]}, "invalid_request"),
        ({"state": "s" * 2_049}, "invalid_request"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"request_uri": URN + "x" * 43}, "invalid_request"),
        ({"request_uri": "https://portal.example/object"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
def test_what_the_authorization_endpoint_refuses_is_refused_at_once(
    values: dict[str, Any], code: str
) -> None:
    """Section 2.1 (3) and 2.3: judged as at the authorization endpoint, answered as JSON 400; nothing is kept."""
    decision = push(**values)
    assert (decision.outcome.code, decision.outcome.status) == (code, 400)
    assert decision.writes == ()


def test_a_wrong_secret_is_a_401_and_counted() -> None:
    """Section 2.1 (1): the client authenticates as at the token endpoint, throttled as there."""
    decision = push(auth=basic(secret="guessed"))
    assert (decision.outcome.code, decision.outcome.status) == ("invalid_client", 401)
    assert decision.outcome.challenge is not None
    assert [type(write).__name__ for write in decision.writes] == ["CountAttempt"]
    assert push(auth=None).outcome.code == "invalid_client"


def test_the_key_that_a_code_will_be_bound_to_is_read() -> None:
    """RFC 9449 section 10: dpop_jkt is a SHA-256 thumbprint."""
    assert kept(dpop_jkt="j" * 43).request.dpop_jkt == "j" * 43


def test_a_visit_with_the_name_alone_gets_a_code_and_spends_it() -> None:
    """Section 4: client_id and request_uri are all that travels; the answer goes where the pushed request says."""
    decision = visit_pushed(facts(pushed=kept(state="pushed-state")))
    assert isinstance(decision.outcome, RedirectBack)
    assert params_of(decision)["state"] == "pushed-state"
    assert "code" in params_of(decision)
    spend, create = decision.writes
    assert isinstance(spend, SpendPushed)
    assert (spend.pushed_id, spend.issued_at) == (FRESH.pushed_id, NOW)
    assert spend.expires_at >= NOW + POLICY.interaction_lifetime
    assert isinstance(create, CreateGrant)


@pytest.mark.attack
def test_what_else_the_browser_brings_counts_for_nothing() -> None:
    """Attack 15, Keycloak CVE-2024-4540, EUDI#129: the query beside a pushed request is ignored, repeated or not."""
    decision = visit_pushed(
        redirect_uri="https://evil.example/",
        scope="openid profile address offline_access",
        state="other",
        code_challenge="A" * 43,
        response_mode="form_post",
        prompt="none",
        nonce=["x", "y"],
    )
    assert decision.outcome == visit_pushed().outcome
    (create,) = [write for write in decision.writes if isinstance(write, CreateGrant)]
    assert create.grant.scopes == ("openid", "profile")
    assert create.grant.code_challenge == CHALLENGE


@pytest.mark.attack
def test_another_clients_request_is_refused() -> None:
    """Attack 15, section 2.2: a name is good for the client that pushed; anybody else gets a page, no redirect."""
    other = replace(CLIENT, client_id="other")
    decision = visit_pushed(facts(client=other, pushed=kept()), client_id="other")
    assert isinstance(decision.outcome, PageProblem)
    assert decision.outcome.code == "request_uri_invalid"
    assert decision.writes == ()


@pytest.mark.attack
def test_a_spent_request_is_refused() -> None:
    """Attack 15, section 7.3: after its answer the name is worth nothing."""
    assert error_of(visit_pushed(facts(pushed=None, pushed_spent=True))) == "request_uri_invalid"
    assert error_of(visit_pushed(facts(pushed=None))) == "request_uri_invalid"


def test_a_name_lives_as_long_as_it_was_said() -> None:
    """Section 2.2: expires_in; section 4: an expired request_uri is invalid."""
    assert isinstance(visit_pushed(facts(pushed=kept(), now=NOW + 89)).outcome, RedirectBack)
    assert error_of(visit_pushed(facts(pushed=kept(), now=NOW + 90))) == "request_uri_invalid"


@pytest.mark.parametrize("name", ["", "x", "x" * 42, "x" * 44, "é" * 43, "x" * 42 + "\n"])
def test_a_name_that_we_never_gave_is_not_even_looked_up(name: str) -> None:
    """The read step trusts nothing: only what has our shape becomes a key."""
    query = AuthorizationQuery(parameters(client_id="portal", request_uri=URN + name))
    assert query.needs.pushed_id is None
    assert error_of(authorization.decide(query, facts(), POLICY)) == "request_uri_invalid"


def test_a_visit_that_asks_the_person_spends_nothing() -> None:
    """Standards 2: spent at completion, not at first visit; the interaction remembers where it came from."""
    decision = visit_pushed(facts(pushed=kept(), **NOBODY))
    assert isinstance(decision.outcome, Interact)
    (begun,) = decision.writes
    assert isinstance(begun, SaveInteraction)
    assert begun.interaction.request is not None
    assert begun.interaction.request.pushed_id == FRESH.pushed_id


def resumed(known: Facts, asked: AuthorizationRequest, **changes: Any) -> Decision[Any]:
    """The person comes back from the pages."""
    waiting = Interaction(
        "i" * 22,
        authorization.digest(BROWSER) or b"",
        asked,
        NOW - 300,
        NOW + 600,
        step=Step.CONTINUE,
        **changes,
    )
    query = AuthorizationQuery(parameters(), interaction_cookie=BROWSER, interaction_id="i" * 22)
    assert query.needs.pushed_of_interaction
    return authorization.decide(query, replace(known, interaction=waiting), POLICY)


def test_whoever_signed_in_longer_than_the_name_lives_still_gets_the_code() -> None:
    """Section 2.2 limits the way to us, not the time that a person takes; completion spends what may be expired."""
    decision = resumed(facts(), kept().request)
    assert "code" in params_of(decision)
    finish, spend, create = decision.writes
    assert isinstance(finish, FinishInteraction)
    assert isinstance(spend, SpendPushed)
    assert spend.issued_at == NOW - 300
    assert isinstance(create, CreateGrant)


def test_the_second_tab_hears_that_the_request_is_spent() -> None:
    """Section 7.3: two interactions of one pushed request have one answer; the other is an error without a code."""
    decision = resumed(facts(pushed_spent=True), kept().request)
    assert params_of(decision)["error"] == "invalid_request_uri"
    assert [type(write) for write in decision.writes] == [FinishInteraction]


def test_an_error_answer_spends_it_too() -> None:
    """Standards 2: completion is the delivery of a code *or* an error: refusal, prompt=none, impossible level."""
    refused = resumed(facts(), kept().request, refusal="access_denied")
    assert params_of(refused)["error"] == "access_denied"
    silent = visit_pushed(facts(pushed=kept(prompt="none"), **NOBODY))
    assert params_of(silent)["error"] == "login_required"
    acr = '{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}'
    impossible = visit_pushed(facts(pushed=kept(claims=acr)))
    assert params_of(impossible)["error"] == "unmet_authentication_requirements"
    for decision in (refused, silent, impossible):
        assert any(isinstance(write, SpendPushed) for write in decision.writes)


def test_a_redirect_uri_that_was_unregistered_meanwhile_is_a_page() -> None:
    """Section 4: a change of policy since the push counts; the way back is proven at the visit again."""
    moved = replace(CLIENT, redirect_uris=("https://portal.example/new",))
    assert error_of(visit_pushed(facts(client=moved, pushed=kept()))) == "redirect_uri_unregistered"
    narrowed = replace(CLIENT, response_types=frozenset())
    assert error_of(visit_pushed(facts(client=narrowed, pushed=kept()))) == "unauthorized_client"


@pytest.mark.parametrize(
    "strict", [{"require_pushed_authorization_requests": True}, {"fapi2_profile": "security"}]
)
def test_a_client_that_must_push_is_refused_otherwise(strict: dict[str, Any]) -> None:
    """Section 4 and FAPI 2.0 5.3.2.2: invalid_request to the proven address; pushed, the same request passes."""
    client = replace(CLIENT, **strict)
    refused = visit(facts(client=client))
    assert params_of(refused) == {
        "error": "invalid_request",
        "error_description": "A parameter is missing, repeated or malformed",
        "state": "st-1",
        "iss": POLICY.issuer,
    }
    assert "code" in params_of(visit_pushed(facts(client=client, pushed=kept())))


def test_both_kinds_of_reference_at_once_are_refused() -> None:
    """RFC 9101 section 5: request and request_uri are not used together; a name comes once."""
    assert error_of(visit_pushed(request="a.b.c")) == "request_malformed"
    names = [URN + FRESH.pushed_id, URN + "x" * 43]
    assert error_of(visit_pushed(request_uri=names)) == "request_malformed"
