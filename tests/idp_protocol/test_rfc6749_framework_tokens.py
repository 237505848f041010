"""RFC 6749: codes, refresh tokens, client authentication and errors at the token endpoint."""

from dataclasses import replace

import pytest

from idp.domain.audit import AuditKind
from idp.domain.errors import ProtocolError
from idp.domain.grant import LoadedGrant, RefreshState
from idp.domain.outcomes import IssuedTokens
from idp.domain.writes import CountAttempt, KillGrant, RedeemCode, UseRefresh
from idp.protocol.rfc6749_framework.refresh_token import sealed, unsealed
from tests.idp_protocol.acts import error_of, redeem, refresh, token_request
from tests.idp_protocol.world import (
    CLIENT,
    CODE,
    CODE_STATE,
    GRANT,
    GRANT_ID,
    LOADED,
    LOCKED,
    NOW,
    POLICY,
    PUBLIC,
    REFRESH,
    REFRESH_STATE,
    SECRET,
    basic,
    facts,
    parameters,
    sha,
)


def test_a_code_becomes_tokens_once() -> None:
    """Section 4.1.4: the answer, and one write that spends the code and issues in the same step."""
    decision = redeem()
    assert isinstance(decision.outcome, IssuedTokens)
    (write,) = decision.writes
    assert isinstance(write, RedeemCode)
    assert write.code_hash == sha(CODE)
    assert write.access is not None
    assert write.refresh is not None
    assert write.refresh.current_hash == sha(decision.outcome.refresh_token or "")
    assert decision.audit[0].kind is AuditKind.TOKENS_ISSUED


def test_a_client_without_the_grant_type_gets_no_refresh_token() -> None:
    """Section 1.5: refresh tokens are for clients registered for them."""
    plain = replace(CLIENT, grant_types=frozenset({"authorization_code"}))
    decision = redeem(facts(client=plain, grant=LOADED))
    assert decision.outcome.refresh_token is None
    assert decision.writes[0].refresh is None
    assert error_of(refresh(facts(client=plain, grant=LOADED))) == "unauthorized_client"


@pytest.mark.parametrize(
    ("loaded", "changes"),
    [
        (None, {}),
        (replace(LOADED, code=None), {}),
        (replace(LOADED, code=replace(CODE_STATE, expires_at=NOW)), {}),
        (replace(LOADED, grant=replace(GRANT, expires_at=NOW)), {}),
        (replace(LOADED, grant=replace(GRANT, client_id="other")), {}),
        (LOADED, {"code": f"{GRANT_ID}.{'x' * 43}"}),
        (LOADED, {"code": "nonsense"}),
        (LOADED, {"redirect_uri": "https://portal.example/other"}),
        (LOADED, {"redirect_uri": None}),
    ],
)
def test_whatever_is_wrong_with_a_code_is_invalid_grant(
    loaded: LoadedGrant | None, changes: dict[str, str]
) -> None:
    """Section 5.2: invalid, expired, of another client, or sent elsewhere: one error, nothing granted."""
    decision = redeem(facts(grant=loaded), **changes)
    assert error_of(decision) == "invalid_grant"
    assert decision.writes == ()


def test_a_code_used_twice_kills_what_the_first_use_gave() -> None:
    """Section 4.1.2: deny, and revoke all tokens issued from the code."""
    spent = replace(LOADED, code=replace(CODE_STATE, spent=True))
    decision = redeem(facts(grant=spent))
    assert error_of(decision) == "invalid_grant"
    assert decision.writes == (KillGrant(GRANT_ID, "code_replayed"),)
    assert decision.audit[0].kind is AuditKind.REPLAY_DETECTED


def test_a_foreign_client_cannot_kill_by_replay() -> None:
    """A spent code presented by another client is refused and changes nothing."""
    spent = LoadedGrant(replace(GRANT, client_id="other"), replace(CODE_STATE, spent=True))
    decision = redeem(facts(grant=spent))
    assert error_of(decision) == "invalid_grant"
    assert decision.writes == ()


@pytest.mark.attack
def test_a_locked_account_gets_no_tokens() -> None:
    """Law on Identity 26/2023 Art. 34 (Zitadel CVE-2023-22492): neither by code nor by refresh."""
    known = facts(account=LOCKED, grant=LOADED)
    assert error_of(redeem(known)) == "invalid_grant"
    assert error_of(refresh(known)) == "invalid_grant"
    assert redeem(known).writes == ()


def test_refreshing_rotates() -> None:
    """RFC 9700 section 4.14.2: a new refresh token; the old one becomes the previous."""
    decision = refresh()
    (write,) = decision.writes
    assert isinstance(write, UseRefresh)
    token = decision.outcome.refresh_token
    assert token != REFRESH
    assert write.refresh.current_hash == sha(token)
    assert write.refresh.previous_hash == sha(REFRESH)
    assert write.expected_current == sha(REFRESH)
    assert unsealed(write.refresh.sealed_current, REFRESH) == token
    assert decision.audit[0].kind is AuditKind.TOKENS_REFRESHED


def rotated(age: int) -> LoadedGrant:
    """A family whose token REFRESH was rotated away ``age`` seconds ago."""
    successor = f"{GRANT_ID}.{'s' * 43}"
    state = RefreshState(
        sha(successor), NOW + 1_000, sha(REFRESH), NOW - age, sealed(successor, REFRESH, b"n" * 12)
    )
    return replace(LOADED, refresh=state)


def test_within_the_grace_the_previous_token_gives_the_same_successor() -> None:
    """A lost answer is asked for again: the family does not fork."""
    decision = refresh(facts(grant=rotated(POLICY.refresh_grace)))
    assert decision.outcome.refresh_token == f"{GRANT_ID}.{'s' * 43}"
    (write,) = decision.writes
    assert write.refresh == rotated(POLICY.refresh_grace).refresh


def test_beyond_the_grace_reuse_kills_the_family() -> None:
    """RFC 9700 section 4.14.2: reuse shows a theft."""
    decision = refresh(facts(grant=rotated(POLICY.refresh_grace + 1)))
    assert error_of(decision) == "invalid_grant"
    assert decision.writes == (KillGrant(GRANT_ID, "refresh_token_reused"),)
    assert decision.audit[0].kind is AuditKind.REPLAY_DETECTED


def test_an_unknown_token_of_the_family_kills_it() -> None:
    """An older generation looks like this: well-formed, of this grant, and neither current nor previous."""
    decision = refresh(refresh_token=f"{GRANT_ID}.{'o' * 43}")
    assert decision.writes == (KillGrant(GRANT_ID, "refresh_token_reused"),)


def test_a_foreign_client_cannot_kill_a_family() -> None:
    """Section 10.4: an unknown token of somebody else's family is refused and changes nothing."""
    foreign = replace(LOADED, grant=replace(GRANT, client_id="other"))
    for token in (REFRESH, f"{GRANT_ID}.{'o' * 43}"):
        decision = refresh(facts(grant=foreign), refresh_token=token)
        assert error_of(decision) == "invalid_grant"
        assert decision.writes == ()


def test_the_seal_opens_only_under_the_previous_token() -> None:
    """What the store holds gives no token to whoever reads the store."""
    box = sealed("next", REFRESH, b"n" * 12)
    assert unsealed(box, REFRESH) == "next"
    assert unsealed(box, CODE) is None
    assert unsealed(box[:-1], REFRESH) is None
    assert unsealed(b"", REFRESH) is None
    assert b"next" not in box


@pytest.mark.parametrize(
    "known",
    [
        facts(grant=None),
        facts(grant=replace(LOADED, refresh=None)),
        facts(grant=replace(LOADED, refresh=replace(REFRESH_STATE, expires_at=NOW))),
        facts(grant=replace(LOADED, grant=replace(GRANT, client_id="other"))),
    ],
)
def test_a_dead_or_foreign_refresh_token_is_invalid_grant(known: object) -> None:
    """Section 5.2; a foreign client cannot kill the family either."""
    decision = refresh(known)  # type: ignore[arg-type]  # facts by construction
    assert error_of(decision) == "invalid_grant"
    assert decision.writes == ()


def test_scope_may_narrow_at_refresh_and_never_widen() -> None:
    """Section 6: not "any scope not originally granted"; the grant itself keeps its scopes."""
    assert refresh(scope="openid").outcome.scopes == ("openid",)
    assert error_of(refresh(scope="openid address")) == "invalid_scope"
    assert error_of(refresh(scope="openid offline_access")) == "invalid_scope"


@pytest.mark.parametrize(
    ("form", "header", "code"),
    [
        ({}, None, "invalid_client"),
        ({}, basic(secret="wrong"), "invalid_client"),
        ({}, basic("nobody"), "invalid_client"),
        ({}, "Basic !!!", "invalid_client"),
        ({}, "Basic " + "w7w6eA==", "invalid_client"),
        ({}, "Bearer x", "invalid_client"),
        ({"client_id": "portal"}, None, "invalid_client"),
        ({"client_id": "portal", "client_secret": SECRET}, None, "invalid_client"),
        ({"client_id": "other"}, basic(), "invalid_client"),
        ({"client_id": "portal", "client_secret": SECRET}, basic(), "invalid_request"),
    ],
)
def test_a_client_authenticates_by_its_registered_method_only(
    form: dict[str, str], header: str | None, code: str
) -> None:
    """Section 2.3: exactly one method, exactly the registered one; a failure is counted, nothing is granted."""
    decision = redeem(auth=header, **form)
    assert error_of(decision) == code
    assert not any(isinstance(write, RedeemCode) for write in decision.writes)
    if code == "invalid_client":
        guessed = header is not None or "client_secret" in form
        assert [type(write) for write in decision.writes] == [CountAttempt] * guessed
        assert decision.outcome.status == 401
        # RFC 9110 15.5.2: a 401 "MUST send a WWW-Authenticate header field", whatever the client tried.
        assert decision.outcome.challenge is not None


def test_basic_credentials_are_form_decoded() -> None:
    """Section 2.3.1: client id and secret are form-urlencoded before base64."""
    odd = replace(CLIENT, secret_hash=sha("a b+c%:é"))
    header = basic(secret="a+b%2Bc%25%3A%C3%A9")
    assert isinstance(redeem(facts(client=odd, grant=LOADED), auth=header).outcome, IssuedTokens)


def test_a_public_client_names_itself_and_shows_no_secret() -> None:
    """Section 2.1: method none, with PKCE; a secret it does not have is refused."""
    known = facts(client=PUBLIC, grant=replace(LOADED, grant=replace(GRANT, client_id="app")))
    assert isinstance(redeem(known, auth=None, client_id="app").outcome, IssuedTokens)
    assert error_of(redeem(known, auth=None, client_id="app", client_secret="x")) == "invalid_client"


def test_too_many_failures_slow_the_client_at_this_address_down() -> None:
    """Section 2.3.1: brute force is bounded, per client and address."""
    request = token_request(parameters(grant_type="authorization_code"), basic())
    decision = redeem(facts(grant=LOADED, throttles={request.bucket: 20}))
    assert error_of(decision) == "slow_down"
    assert decision.outcome.status == 429
    other = replace(request, address="192.0.2.2")
    assert other.bucket != request.bucket


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'mật "khẩu"'}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": [CODE, CODE]}, "invalid_request"),
    ],
)
def test_malformed_token_requests(form: dict[str, object], code: str) -> None:
    """Sections 3.2 and 5.2: missing and repeated parameters, unknown grant types, in any alphabet."""
    assert error_of(redeem(**form)) == code


@pytest.mark.attack
def test_client_credentials_give_registered_scopes_of_the_clients_own() -> None:
    """Section 4.4, CVE-2024-52287: no scope about a person, no scope that is not registered, no refresh token."""
    machine = replace(
        CLIENT,
        grant_types=frozenset({"client_credentials"}),
        scopes=frozenset({"openid", "registry:verify", "registry:read"}),
    )
    known = facts(client=machine, account=None, session=None)
    decision = redeem(known, grant_type="client_credentials", code=None, scope="registry:verify")
    assert decision.outcome.scopes == ("registry:verify",)
    assert decision.outcome.refresh_token is None
    assert decision.outcome.id_token is None
    (birth,) = decision.writes
    assert birth.grant.account_id == ""
    assert birth.grant.subject == "portal"
    for scope in ("openid", "registry:write", "registry:verify openid"):
        refused = redeem(known, grant_type="client_credentials", code=None, scope=scope)
        assert error_of(refused) == "invalid_scope"
    default = redeem(known, grant_type="client_credentials", code=None)
    assert default.outcome.scopes == ("registry:read", "registry:verify")


def test_a_public_client_has_no_client_credentials() -> None:
    """Section 4.4: "MUST only be used by confidential clients"."""
    open_ = replace(PUBLIC, grant_types=frozenset({"client_credentials"}))
    decision = redeem(facts(client=open_), auth=None, grant_type="client_credentials", client_id="app")
    assert error_of(decision) == "invalid_client"


def test_descriptions_stay_in_the_ascii_set() -> None:
    """Sections 4.1.2.1 and 5.2: %x20-21 / %x23-5B / %x5D-7E only, whatever came in."""
    from idp.protocol.errors import DESCRIPTIONS

    allowed = {*range(0x20, 0x22), *range(0x23, 0x5C), *range(0x5D, 0x7F)}
    for text in DESCRIPTIONS.values():
        assert {ord(letter) for letter in text} <= allowed


def test_errors_never_carry_their_cause() -> None:
    """The cause is for logs: it is no part of what a client reads."""
    error = redeem(code=f"{GRANT_ID}.{'x' * 43}").outcome
    assert isinstance(error, ProtocolError)
    assert error.cause is not None
    assert error.cause not in error.description
