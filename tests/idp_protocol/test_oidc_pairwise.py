"""OpenID Connect Core 1.0 section 8: subjects that only one sector can compare."""

from __future__ import annotations

from dataclasses import replace

from idp.protocol import oidc_pairwise
from tests.idp_protocol.world import (
    CLIENT,
    POLICY,
)


def test_subjects_differ_between_sectors_and_stay_within_one() -> None:
    """OIDC Core section 8.1."""
    same = replace(CLIENT, client_id="sister")
    other = replace(CLIENT, sector_identifier="other.example")
    mine = oidc_pairwise.subject(CLIENT, "account-1", POLICY)
    assert mine == oidc_pairwise.subject(same, "account-1", POLICY)
    assert mine != oidc_pairwise.subject(other, "account-1", POLICY)
    assert mine != oidc_pairwise.subject(CLIENT, "account-2", POLICY)
    assert "account-1" not in mine
    hostless = replace(CLIENT, sector_identifier="")
    assert oidc_pairwise.subject(hostless, "account-1", POLICY) == mine, "the redirect URI's host"


def test_parts_cannot_be_shifted_between_fields() -> None:
    """Length-prefixed: sector a|b with account c is not sector a with account b|c."""
    left = replace(CLIENT, sector_identifier="a|b")
    right = replace(CLIENT, sector_identifier="a")
    assert oidc_pairwise.subject(left, "c", POLICY) != oidc_pairwise.subject(right, "b|c", POLICY)


def test_public_subjects_are_the_same_everywhere_and_still_no_account_id() -> None:
    """OIDC Core section 8: public type by registration."""
    one = replace(CLIENT, subject_type="public")
    two = replace(one, sector_identifier="other.example")
    assert oidc_pairwise.subject(one, "a", POLICY) == oidc_pairwise.subject(two, "a", POLICY) != "a"


def test_session_identifiers_cannot_be_compared_between_clients() -> None:
    """Back-Channel Logout section 2.1."""
    ids = {oidc_pairwise.session_identifier(client, "session-1", POLICY) for client in ("a", "b", "c")}
    assert len(ids) == 3
