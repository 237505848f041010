"""OIDC Core 1.0: prompt, max_age, acr, claims, hints, consent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from idp.domain.client import PartyKind
from idp.domain.errors import PageProblem
from idp.domain.outcomes import Interact, RedirectBack
from idp.domain.session import AuthenticationEvent, Interaction, Step
from idp.domain.writes import CreateGrant, FinishInteraction, SaveInteraction
from idp.protocol import authorization, oidc_pairwise
from idp.protocol.authorization import AuthorizationQuery, digest
from idp.protocol.parameters import Parameters
from tests.idp_protocol.acts import error_of, params_of, visit
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    FRESH,
    L1A1,
    L2A1,
    L2A2,
    L2A3,
    LOCKED,
    NOW,
    POLICY,
    SESSION,
    STRONG,
    facts,
)

NOBODY = {"session": None, "account": None}
COOKIE = "k" * 43
PRIVATE = replace(CLIENT, party_kind=PartyKind.PRIVATE, require_consent=True)
AGREED = replace(ACCOUNT, consents={"portal": frozenset({"profile"})})


def begun(**changes: Any) -> Interaction:
    """The interaction that a visit without a session starts."""
    decision = visit(facts(**NOBODY), **changes)
    (save,) = decision.writes
    assert isinstance(save, SaveInteraction)
    return replace(save.interaction, browser_hash=digest(COOKIE) or b"")


def come_back(interaction: Interaction, **known: Any) -> Any:
    """The browser returns from the pages."""
    query = AuthorizationQuery(
        Parameters(), interaction_cookie=COOKIE, interaction_id=interaction.interaction_id
    )
    return authorization.decide(query, facts(interaction=interaction, **known), POLICY)


def test_nobody_signed_in_means_an_interaction_of_this_browser() -> None:
    """Section 3.1.2.3: the person is asked to authenticate; the browser gets a secret, the store its hash."""
    decision = visit(facts(**NOBODY))
    assert isinstance(decision.outcome, Interact)
    assert decision.outcome.path == "/sign-in"
    assert decision.outcome.cookie == FRESH.cookie
    (save,) = decision.writes
    assert save.interaction.browser_hash == digest(FRESH.cookie)
    assert save.interaction.step == Step.PASSWORD
    assert save.interaction.request.state == "st-1"


def test_several_tabs_share_the_browsers_secret() -> None:
    """A second request in another tab does not end the first."""
    query = AuthorizationQuery(visit_parameters(), interaction_cookie=COOKIE)
    decision = authorization.decide(query, facts(**NOBODY), POLICY)
    assert decision.outcome.cookie == COOKIE
    assert decision.writes[0].interaction.browser_hash == digest(COOKIE)


def visit_parameters() -> Parameters:
    """A good request."""
    from tests.idp_protocol.world import authorize

    return authorize()


def test_after_signing_in_the_same_rule_decides_again() -> None:
    """Section 3.1.2.5: the code, and the interaction's end is claimed with it."""
    decision = come_back(replace(begun(), step=Step.CONTINUE))
    assert isinstance(decision.outcome, RedirectBack)
    assert "code" in params_of(decision)
    finish, birth = decision.writes
    assert isinstance(finish, FinishInteraction)
    assert isinstance(birth, CreateGrant)
    assert birth.grant.nonce == "n-1"


@pytest.mark.parametrize(
    "known",
    [
        {"interaction": None},
        {"client": None},
        {"client": replace(CLIENT, disabled=True)},
        {"client": replace(CLIENT, redirect_uris=("https://portal.example/new",))},
    ],
)
def test_a_return_without_its_interaction_or_client_is_a_page(known: dict[str, Any]) -> None:
    """What changed while the person typed counts; nothing is redirected to a lost address."""
    query = AuthorizationQuery(Parameters(), interaction_cookie=COOKIE, interaction_id="i")
    values = {"interaction": begun()} | known
    assert isinstance(authorization.decide(query, facts(**values), POLICY).outcome, PageProblem)


@pytest.mark.attack
@pytest.mark.parametrize("cookie", [None, "x" * 43, "short", "é" * 43])
def test_another_browser_cannot_finish_an_interaction(cookie: str | None) -> None:
    """Hydra #753, Keycloak CVE-2025-12390: bound to the browser that began it."""
    interaction = begun()
    query = AuthorizationQuery(
        Parameters(), interaction_cookie=cookie, interaction_id=interaction.interaction_id
    )
    outcome = authorization.decide(query, facts(interaction=interaction), POLICY).outcome
    assert isinstance(outcome, PageProblem)
    assert outcome.status == 410


@pytest.mark.parametrize(
    ("known", "changes", "error"),
    [
        (facts(**NOBODY), {}, "login_required"),
        (facts(session=replace(SESSION, expires_at=NOW)), {}, "login_required"),
        (facts(account=LOCKED), {}, "login_required"),
        (facts(), {"max_age": "10"}, "login_required"),
        (facts(client=PRIVATE), {}, "consent_required"),
    ],
)
def test_prompt_none_answers_by_redirect_with_one_error(
    known: Any, changes: dict[str, str], error: str
) -> None:
    """Section 3.1.2.6: no page is ever shown."""
    decision = visit(known, prompt="none", **changes)
    assert error_of(decision) == error
    assert decision.writes == ()


def test_prompt_none_with_a_good_session_gives_a_code() -> None:
    """Section 3.1.2.1."""
    assert "code" in params_of(visit(prompt="none"))


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "none login"},
        {"prompt": "dance"},
        {"max_age": "-1"},
        {"max_age": "soon"},
        {"max_age": "1" * 10},
    ],
)
def test_impossible_wishes_are_invalid_request(changes: dict[str, str]) -> None:
    """Section 3.1.2.1."""
    assert error_of(visit(**changes)) == "invalid_request"


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "99"}, {"max_age": "0"}]
)
def test_reauthentication_really_asks_again_and_only_once(changes: dict[str, str]) -> None:
    """Section 3.1.2.1: a session is not enough; a sign-in in this interaction is."""
    first = visit(**changes)
    assert isinstance(first.outcome, Interact)
    assert first.outcome.path == "/sign-in"
    interaction = replace(first.writes[0].interaction, browser_hash=digest(COOKIE), step=Step.CONTINUE)
    again = come_back(interaction)
    assert isinstance(again.outcome, Interact), "the old session alone must not do"
    fresh = replace(SESSION, events=(AuthenticationEvent("pwd", NOW),))
    assert "code" in params_of(come_back(interaction, session=fresh))


def test_max_age_zero_asks_within_the_very_second_of_a_sign_in() -> None:
    """Section 3.1.2.1: "max_age=0 is equivalent to prompt=login"; in silence it is login_required."""
    young = replace(SESSION, events=(AuthenticationEvent("pwd", NOW),))
    assert isinstance(visit(facts(session=young), max_age="0").outcome, Interact)
    assert params_of(visit(facts(session=young), max_age="0", prompt="none"))["error"] == "login_required"


def test_a_young_session_satisfies_max_age() -> None:
    """Section 3.1.2.1: only "if the elapsed time is greater"; a client's default_max_age counts likewise."""
    assert "code" in params_of(visit(max_age="100"))
    assert isinstance(visit(facts(client=replace(CLIENT, default_max_age=99))).outcome, Interact)


def acr(*values: str, essential: bool = True) -> str:
    """A claims parameter that asks for an acr."""
    return json.dumps({"id_token": {"acr": {"essential": essential, "values": list(values)}}})


def test_an_essential_acr_steps_up_or_fails() -> None:
    """Section 5.5.1.1: what a second factor can reach is asked for, what nothing can reach is an error."""
    decision = visit(claims=acr(L2A2))
    assert decision.outcome.path == "/sign-in/second-factor"
    (save,) = decision.writes
    assert save.interaction.account_id == "account-1"
    assert save.interaction.required_level == 2
    assert "code" in params_of(visit(facts(session=STRONG), claims=acr(L2A2)))
    assert error_of(visit(claims=acr(L2A3))) == "unmet_authentication_requirements"
    assert error_of(visit(claims=acr("urn:unknown"))) == "unmet_authentication_requirements"
    level1 = replace(ACCOUNT, level=1)
    assert error_of(visit(facts(account=level1), claims=acr(L2A1))) == "unmet_authentication_requirements"
    assert error_of(visit(prompt="none", claims=acr(L2A2))) == "login_required"


def test_levels_are_a_partial_order() -> None:
    """Domain facts section 6: l1-a2 does not satisfy l2-a1, nor the reverse."""
    assert "code" in params_of(visit(claims=acr(L1A1)))
    weak = replace(ACCOUNT, level=1)
    assert error_of(visit(facts(account=weak, session=STRONG), claims=acr(L2A1))) == (
        "unmet_authentication_requirements"
    )


def test_a_voluntary_acr_is_tried_and_then_let_go() -> None:
    """Section 3.1.2.1 acr_values: "requested as a Voluntary Claim"."""
    decision = visit(acr_values=f"{L2A3} {L2A2}")
    assert decision.outcome.path == "/sign-in/second-factor"
    assert "code" in params_of(visit(acr_values=L2A3)), "nothing can reach it, so nothing is asked"
    assert "code" in params_of(visit(prompt="none", acr_values=L2A2))
    done = replace(decision.writes[0].interaction, browser_hash=digest(COOKIE), step=Step.CONTINUE)
    assert "code" in params_of(come_back(done)), "the pages did all they can"
    assert isinstance(visit(facts(client=replace(CLIENT, default_acr_values=(L2A2,)))).outcome, Interact)


def test_the_grant_says_what_was_reached() -> None:
    """Section 2: acr, amr and auth_time of the session, not of the wish."""
    grant = visit(facts(session=STRONG)).writes[0].grant
    assert grant.acr == L2A2
    assert grant.amr == ("pwd", "otp")
    assert grant.auth_time == NOW - 90


def test_consent_is_asked_remembered_and_asked_again_when_more_is_wanted() -> None:
    """Section 3.1.2.4; Decree 69/2024 Art. 19: private parties never get silent consent."""
    assert visit(facts(client=PRIVATE)).outcome.path == "/consent"
    assert "code" in params_of(visit(facts(client=PRIVATE, account=AGREED)))
    assert (
        visit(facts(client=PRIVATE, account=AGREED), scope="openid profile address").outcome.path
        == "/consent"
    )
    silent = replace(PRIVATE, require_consent=False)
    assert visit(facts(client=silent)).outcome.path == "/consent"
    other = replace(ACCOUNT, consents={"somebody": frozenset({"profile"})})
    assert visit(facts(client=PRIVATE, account=other)).outcome.path == "/consent"


def test_prompt_consent_asks_although_it_was_given() -> None:
    """Section 3.1.2.1 prompt=consent; the answer in this interaction is enough, once it is stored."""
    decision = visit(facts(account=AGREED), prompt="consent")
    assert decision.outcome.path == "/consent"
    saved = replace(decision.writes[0].interaction, browser_hash=digest(COOKIE), step=Step.CONTINUE)
    assert come_back(saved, account=AGREED).outcome.path == "/consent"
    given = replace(saved, consented_at=NOW)
    assert "code" in params_of(come_back(given, account=AGREED))
    assert come_back(given, account=ACCOUNT).outcome.path == "/consent", "withdrawn meanwhile"


def test_offline_access_is_ignored_where_no_refresh_token_can_follow() -> None:
    """Section 11: it "requests that an OAuth 2.0 Refresh Token be issued"; without that grant it asks for nothing."""
    client = replace(CLIENT, grant_types=frozenset({"authorization_code"}))
    grant = visit(facts(client=client), scope="openid offline_access").writes[0].grant
    assert grant.scopes == ("openid",)
    assert not grant.offline
    assert grant.expires_at == SESSION.expires_at


def test_offline_access_needs_consent_even_at_a_trusted_client() -> None:
    """Section 11; and such a grant outlives the session."""
    assert visit(scope="openid offline_access").outcome.path == "/consent"
    agreed = replace(ACCOUNT, consents={"portal": frozenset({"offline_access"})})
    grant = visit(facts(account=agreed), scope="openid offline_access").writes[0].grant
    assert grant.offline
    assert grant.expires_at == NOW + POLICY.grant_lifetime
    assert visit().writes[0].grant.expires_at == SESSION.expires_at


def test_a_refusal_goes_back_to_the_client() -> None:
    """Section 3.1.2.6: access_denied, and the interaction is over."""
    decision = come_back(replace(begun(), step=Step.CONTINUE, refusal="access_denied"))
    assert error_of(decision) == "access_denied"
    assert isinstance(decision.writes[0], FinishInteraction)


def test_the_hinted_person_must_be_the_one() -> None:
    """Section 3.1.2.1 id_token_hint: another person's session is no positive answer."""
    mine = {"aud": "portal", "sub": oidc_pairwise.subject(CLIENT, "account-1", POLICY)}
    other = {"aud": "portal", "sub": "somebody"}
    assert "code" in params_of(visit(hint=mine, id_token_hint="x"))
    assert error_of(visit(hint=other, id_token_hint="x", prompt="none")) == "login_required"
    first = visit(hint=other, id_token_hint="x")
    assert first.outcome.path == "/sign-in"
    interaction = replace(first.writes[0].interaction, browser_hash=digest(COOKIE), step=Step.CONTINUE)
    fresh = replace(SESSION, events=(AuthenticationEvent("pwd", NOW),))
    assert error_of(come_back(interaction, session=fresh)) == "login_required"


@pytest.mark.parametrize("hint", [None, {"aud": "other", "sub": "s"}, {"aud": ["portal"], "sub": "s"}])
def test_a_hint_that_is_not_ours_for_this_client_is_refused(hint: Any) -> None:
    """Section 3.1.2.1: "previously issued by the Authorization Server"."""
    assert error_of(visit(hint=hint, id_token_hint="x")) == "invalid_request"


def test_claims_that_cannot_be_met_are_left_out_and_nonsense_is_refused() -> None:
    """Section 5.5: unknown claims are omitted; a claim needs a registered scope; no JSON is an error."""
    asked = {"userinfo": {"pid": {"essential": True}, "hat": None, "name": None}, "other": 1}
    grant = visit(claims=json.dumps(asked)).writes[0].grant
    assert set(grant.claims.userinfo) == {"name"}
    rich = replace(CLIENT, scopes=CLIENT.scopes | {"pid"})
    grant = visit(facts(client=rich), claims=json.dumps(asked)).writes[0].grant
    assert set(grant.claims.userinfo) == {"name", "pid"}
    for text in ("{", "[]", '"x"', '{"id_token": 1}', '{"id_token": {"acr": 7}}', "{" * 5_000):
        assert error_of(visit(claims=text)) == "invalid_request"


def test_a_sub_asked_by_value_names_the_person() -> None:
    """Section 5.5.1."""
    other = json.dumps({"id_token": {"sub": {"value": "somebody"}}})
    assert visit(claims=other).outcome.path == "/sign-in"


def test_pages_speak_the_asked_language() -> None:
    """Section 3.1.2.1 ui_locales: the first that we speak."""
    assert visit(facts(**NOBODY), ui_locales="fr en-GB vi").writes[0].interaction.locale == "en"
    assert visit(facts(**NOBODY), ui_locales="fr").writes[0].interaction.locale == "vi"
    assert (
        visit(facts(**NOBODY), login_hint="097090000011").writes[0].interaction.request.login_hint
        == "097090000011"
    )
