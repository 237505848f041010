"""A citizen's yes in the account centre to somebody who helps, and what it becomes, as pure decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from idp.domain.account import Credentials
from idp.domain.assistance import Assistance, Way
from idp.domain.audit import ACTOR_ITEM, AuditKind
from idp.domain.authorization import AuthorizationRequest
from idp.domain.outcomes import IssuedTokens, JwtAccessClaims
from idp.domain.writes import RedeemDecoupled, SendMail
from idp.protocol.decoupled_grant import CIBA
from tests.idp_protocol.decoupled_world import (
    APPROVAL,
    CALL,
    DESK,
    REQUEST_ID,
    answer,
    loaded,
    poll,
    written,
    yes,
)
from tests.idp_protocol.world import ACCOUNT, L2A2, NOW, POLICY, REGISTRY, STRONG, facts

DETAIL = {
    "type": "vn_identity_verification",
    "procedure": "1.010041",
    "purpose": "Xác nhận cư trú",
    "dossier": "H26.17.05-261122-010005",
    "claims": ["name"],
}
HELPED = Assistance(
    *(Way.APP, "clerk", "Trần Văn Quầy", "Một cửa Cầu Giấy", L2A2),
    act={"sub": "staff-pseudonym", "kind": "assistance", "organisation": "Một cửa Cầu Giấy"},
    parents=("h" * 22,),
    ends_at=NOW + 10_000,
)
COUNTER = replace(
    DESK,
    scopes=DESK.scopes | {"pid", "registry:dossiers", "registry:release"},
    authorization_details_types=frozenset({"vn_identity_verification"}),
)
ASKED = AuthorizationRequest(
    *("desk", ""),
    scopes=("openid", "profile", "pid", "registry:dossiers", "registry:release"),
    max_age=300,
    authorization_details=(DETAIL,),
)
HELPERS_CALL = replace(CALL, request=ASKED, assistance=HELPED)


def test_a_yes_names_who_helps_and_is_told_by_mail() -> None:
    """Public services 12(a): the log's line names the actor, and a mail says so to the citizen, whatever the way."""
    held = Credentials("hash", b"t" * 20, "citizen@example.vn.test")
    known = facts(client=COUNTER, session=STRONG, decoupled=loaded(HELPERS_CALL), credentials=held)
    decision = answer(known)
    (mail,) = written(decision, SendMail)
    assert (mail.to, mail.template) == ("citizen@example.vn.test", "assisted_done")
    assert dict(mail.values)["helper"] == "Trần Văn Quầy"
    given_line = next(each for each in decision.audit if each.kind is AuditKind.APPROVAL_GIVEN)
    assert ACTOR_ITEM + "clerk" in given_line.claims


def redeemed(way: Way, ends_at: int) -> Any:
    """The client redeems what the citizen confirmed."""
    call = replace(HELPERS_CALL, assistance=replace(HELPED, way=way, ends_at=ends_at))
    approved = yes(call, approval=replace(APPROVAL, acr=L2A2))
    return poll(facts(client=COUNTER, account=ACCOUNT, session=None, decoupled=approved), CIBA)


@given(st.sampled_from(list(Way)), st.integers(1, 20_000))
def test_what_comes_of_it_is_always_delegated(way: Way, left: int) -> None:
    """RFC 8693 4.1: no refresh token, no ID token, one resource, minutes, never beyond the helper's own sign-in."""
    decision = redeemed(way, NOW + left)
    assert isinstance(decision.outcome, IssuedTokens), decision.outcome
    assert decision.outcome.refresh_token is None
    assert decision.outcome.id_token is None
    assert isinstance(decision.outcome.access, JwtAccessClaims)
    claims = decision.outcome.access.claims
    assert claims["aud"] == REGISTRY
    assert claims["act"] == {**HELPED.act, "confirmation": way.value}
    assert claims["exp"] <= NOW + min(left, POLICY.jwt_access_lifetime)
    scopes = set(str(claims["scope"]).split())
    assert ("registry:release" in scopes) is (way is not Way.PAPER)
    assert not scopes & {"openid", "profile"}
    (write,) = written(decision, RedeemDecoupled)
    assert write.grant.grant_id == REQUEST_ID
    assert write.grant.parents == HELPED.parents
    assert write.refresh is None
    kinds = {(event.kind, event.account_id) for event in decision.audit}
    assert {(AuditKind.DELEGATED, ACCOUNT.account_id), (AuditKind.ACTED_FOR, "clerk")} <= kinds
