"""RFC 7592: a client reads, replaces and deletes its own registration, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.client import Client
from idp.domain.errors import ProtocolError
from idp.domain.writes import CountAttempt, DeleteClient, SaveClient
from idp.protocol.rfc7591_registration.deciding import token_hash
from idp.protocol.rfc7592_management import SERVERS_OWN, Deleted
from tests.idp_protocol.registering import CALLBACK, JWKS, OPEN, TOKEN, manage, register
from tests.idp_protocol.world import CLIENT, facts

HASH = token_hash(TOKEN)
SECRET = "the-client-secret"


def registered(**members: Any) -> Client:
    """A client that registered itself, with a token and a secret that the tests know."""
    (write,) = [each for each in register(**members).writes if isinstance(each, SaveClient)]
    changes: dict[str, Any] = {"registration_token_hash": HASH}
    if write.client.secret_hash is not None:
        changes["secret_hash"] = token_hash(SECRET)
    return replace(write.client, **changes)


MINE = registered(client_name="Shop", scope="openid", logo_uri="https://app.example/logo.png")


def update(client: Client = MINE, **changes: Any) -> Any:
    """Replace a registration."""
    body = {"client_id": client.client_id, "redirect_uris": [CALLBACK]} | changes
    return manage(
        "PUT", facts(client=client), {name: value for name, value in body.items() if value is not ...}
    )


def code_of(decision: Any) -> tuple[str, int]:
    """Code and status of a refusal that changes nothing."""
    assert isinstance(decision.outcome, ProtocolError), decision.outcome
    assert all(isinstance(each, CountAttempt) for each in decision.writes)
    return decision.outcome.code, decision.outcome.status


def test_a_client_reads_what_is_registered() -> None:
    """Sections 2.1 and 3: metadata, address and token; the secret is not told again (CVE-2026-40166)."""
    told = manage("GET", facts(client=MINE)).outcome.document
    assert told["client_id"] == MINE.client_id
    assert told["registration_access_token"] == TOKEN
    assert told["registration_client_uri"].endswith(MINE.client_id)
    assert "client_secret" not in told
    assert SECRET not in repr(told)


@pytest.mark.attack
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_the_own_token_manages_a_client(method: str) -> None:
    """Section 2.1: 401 for another token, none, a client that is gone, and one that has no token at all."""
    document = {"client_id": MINE.client_id, "redirect_uris": [CALLBACK]}
    for known, token in (
        (facts(client=MINE), "another"),
        (facts(client=MINE), None),
        (facts(client=MINE), ""),
        (facts(client=None), TOKEN),
        (facts(client=CLIENT), TOKEN),
        (facts(client=CLIENT), None),
        (facts(client=replace(MINE, disabled=True)), "another"),
    ):
        decision = manage(method, known, document, token=token)
        assert code_of(decision) == ("invalid_token", 401)
        assert 'error="invalid_token"' in decision.outcome.challenge


@pytest.mark.attack
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_disabled_client_cannot_come_back_by_itself(method: str) -> None:
    """Keycloak CVE-2026-9705: with the right token, 403 (section 2.1), and nothing is written."""
    known = facts(client=replace(MINE, disabled=True))
    body = {"client_id": MINE.client_id, "redirect_uris": [CALLBACK], "disabled": False}
    assert code_of(manage(method, known, body)) == ("access_denied", 403)


def test_an_update_replaces_everything_and_keeps_identity_and_secret() -> None:
    """Section 2.2: "MUST replace, not augment"; what is left out is gone."""
    decision = update(client_name="New name", redirect_uris=["https://app.example/new"])
    (write,) = [each for each in decision.writes if isinstance(each, SaveClient)]
    after = write.client
    assert write.replaces == HASH
    assert (after.client_id, after.issued_at, after.secret_hash) == (
        MINE.client_id,
        MINE.issued_at,
        MINE.secret_hash,
    )
    assert after.registration_token_hash == HASH
    assert (after.name_vi, after.redirect_uris, after.logo_uri) == (
        "New name",
        ("https://app.example/new",),
        None,
    )
    assert after.scopes == OPEN.registration_scopes
    assert "client_secret" not in decision.outcome.document


@pytest.mark.parametrize("name", sorted(SERVERS_OWN))
def test_what_is_the_servers_own_cannot_be_sent_back(name: str) -> None:
    """Section 2.2: "MUST NOT include" these four."""
    assert code_of(update(**{name: "x"})) == ("invalid_client_metadata", 400)


@pytest.mark.attack
def test_an_update_names_its_client_and_cannot_choose_a_secret() -> None:
    """Section 2.2: client_id MUST be the same; "MUST NOT be allowed to overwrite its existing client secret"."""
    for client_id in (..., "another", None, 7):
        assert code_of(update(client_id=client_id))[0] == "invalid_client_metadata"
    assert code_of(update(client_secret="chosen"))[0] == "invalid_client_metadata"
    assert code_of(update(client_secret=7))[0] == "invalid_client_metadata"
    assert isinstance(update(client_secret=SECRET).outcome, object)
    assert not isinstance(update(client_secret=SECRET).outcome, ProtocolError)
    hmac_client = replace(
        registered(token_endpoint_auth_method="client_secret_jwt"), shared_secret=SECRET.encode()
    )
    method = {"token_endpoint_auth_method": "client_secret_jwt"}
    assert code_of(update(hmac_client, client_secret="chosen", **method))[0] == "invalid_client_metadata"
    assert not isinstance(update(hmac_client, client_secret=SECRET, **method).outcome, ProtocolError)


def test_a_secret_is_new_only_where_the_old_one_cannot_serve() -> None:
    """Section 3: a secret that changed is told, with its expiry; one that stayed is not."""
    for before, method, new in (
        (MINE, "client_secret_post", False),
        (MINE, "client_secret_jwt", True),
        (registered(token_endpoint_auth_method="none"), "client_secret_basic", True),
        (MINE, "none", False),
    ):
        decision = update(before, token_endpoint_auth_method=method)
        told = decision.outcome.document
        assert ("client_secret" in told) == new
        assert ("client_secret_expires_at" in told) == new
    (write,) = [
        each for each in update(token_endpoint_auth_method="none").writes if isinstance(each, SaveClient)
    ]
    assert (write.client.secret_hash, write.client.shared_secret) == (None, None)


@pytest.mark.attack
def test_a_profile_is_never_taken_back() -> None:
    """FAPI is one property that switches all rules; its client cannot switch them off."""
    strict = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": JWKS,
        "dpop_bound_access_tokens": True,
    }
    fapi = registered(fapi2_profile="message_signing", **strict)
    assert code_of(update(fapi, **strict))[0] == "invalid_client_metadata"
    assert code_of(update(fapi, fapi2_profile="security", **strict))[0] == "invalid_client_metadata"
    assert not isinstance(update(fapi, fapi2_profile="message_signing", **strict).outcome, ProtocolError)
    weaker = registered(fapi2_profile="security", **strict)
    assert not isinstance(update(weaker, fapi2_profile="message_signing", **strict).outcome, ProtocolError)


@pytest.mark.attack
def test_an_update_cannot_do_what_a_registration_cannot() -> None:
    """A rule enforced on one path and forgotten on another: both paths are one function."""
    for members in (
        {"redirect_uris": ["javascript:alert(1)"]},
        {"jwks_uri": "https://127.0.0.1/jwks"},
        {"grant_types": ["client_credentials"]},
        {"software_statement": "a.b.c"},
    ):
        assert code_of(update(**members))[1] == 400
    (write,) = [
        each
        for each in update(party_kind="state", require_consent=False, scope="openid pid").writes
        if isinstance(each, SaveClient)
    ]
    assert write.client.party_kind.value == "private"
    assert write.client.require_consent
    assert write.client.scopes == {"openid"}


def test_a_client_deletes_itself() -> None:
    """Section 2.3: 204, conditional on the very token that was shown."""
    decision = manage("DELETE", facts(client=MINE))
    assert isinstance(decision.outcome, Deleted)
    assert decision.writes == (DeleteClient(MINE.client_id, HASH),)


def test_updates_are_slowed_down() -> None:
    """Each update counts like a registration; reading does not."""
    busy = facts(client=MINE, throttles={"registration:192.0.2.1": OPEN.registrations_an_hour})
    body = {"client_id": MINE.client_id, "redirect_uris": [CALLBACK]}
    assert code_of(manage("PUT", busy, body)) == ("slow_down", 429)
    assert not isinstance(manage("GET", busy).outcome, ProtocolError)
    assert any(isinstance(each, CountAttempt) for each in update().writes)
