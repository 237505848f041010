"""OpenID Connect for Identity Assurance 1.0: what the registry vouches for, asked for and answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.authorization import AuthorizationRequest, ClaimsRequest
from idp.domain.errors import ProtocolError
from idp.domain.scopes import consent_items
from idp.protocol.oidc_core import claims_parameter
from idp.protocol.oidc_id_token import id_token
from idp.protocol.oidc_identity_assurance import verified
from tests.idp_protocol.acts import userinfo
from tests.idp_protocol.world import ACCOUNT, CLIENT, GRANT, LOADED, NOW, POLICY, facts

AT = datetime.fromtimestamp(NOW - 3_600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
ASKING = replace(CLIENT, verified_claims=frozenset({"name", "birthdate", "gender", "pid"}))
KNOWN = replace(
    ACCOUNT,
    profile={
        **ACCOUNT.profile,
        "updated_at": NOW - 3_600,
        "registry_card": {"kind": "can_cuoc", "issued": "2024-08-01", "expires": "2030-02-03"},
    },
)
PLAIN = {"verification": {"trust_framework": None}, "claims": {"name": None}}


def read(part: Any, client: Any = ASKING) -> ClaimsRequest:
    """The ``claims`` parameter with these verified claims for UserInfo."""
    return claims_parameter.read(orjson.dumps({"userinfo": {"verified_claims": part}}).decode(), client)


def told(part: Any, account: Any = KNOWN) -> Any:
    """What UserInfo says as ``verified_claims`` to a request; None when nothing."""
    asked = replace(LOADED, grant=replace(GRANT, claims=read(part)))
    return userinfo(facts(grant=asked, account=account, client=ASKING)).outcome.claims.get("verified_claims")


def test_a_claim_comes_with_how_it_was_verified() -> None:
    """Sections 4 and 5: the trust framework is always inside; nothing comes that was not asked for."""
    assert told(PLAIN) == {
        "verification": {"trust_framework": "vn_mock_eid"},
        "claims": {"name": "Nguyễn Văn An"},
    }


def test_nothing_is_verified_unless_asked() -> None:
    """5: verified claims appear only where the RP asked for them."""
    assert "verified_claims" not in userinfo(facts(grant=LOADED, account=KNOWN)).outcome.claims


def test_the_whole_record() -> None:
    """Schema 5.4: assurance level, time, evidence of type electronic_record and document, by name."""
    asked = {
        "verification": {
            "trust_framework": {"value": "vn_mock_eid"},
            "assurance_level": None,
            "time": None,
            "evidence": [
                {"type": {"value": "electronic_record"}, "record": {"type": None, "source": None}},
                {
                    "type": {"value": "document"},
                    "check_details": [{"check_method": None, "time": None}],
                    "document_details": {"type": {"values": ["idcard"]}, "date_of_expiry": None},
                },
            ],
        },
        "claims": {"birthdate": None},
    }
    said = told(asked)
    assert said["claims"] == {"birthdate": "1990-02-03"}
    assert said["verification"]["assurance_level"] == "level2"
    assert said["verification"]["time"] == AT
    record, document = said["verification"]["evidence"]
    assert record["record"]["type"] == "population_register"
    assert record["record"]["source"]["country_code"] == "VNM"
    assert document["check_details"] == [{"check_method": "data", "time": AT}]
    assert document["document_details"] == {"type": "idcard", "date_of_expiry": "2030-02-03"}


@pytest.mark.parametrize(
    "verification",
    [
        {"trust_framework": {"value": "eidas"}},
        {"trust_framework": {"values": ["eidas", "nist_800_63A"]}},
        {"trust_framework": None, "assurance_level": {"value": "level1"}},
        {"trust_framework": None, "time": {"max_age": 3_599}},
        {"trust_framework": None, "evidence": [{"type": {"value": "vouch"}}]},
        {
            "trust_framework": None,
            "evidence": [
                {"type": {"value": "document"}, "document_details": {"type": {"value": "passport"}}}
            ],
        },
        {"trust_framework": None, "verification_process": {"value": "abc"}},
        {"trust_framework": None, "time": {"values": 1}},
    ],
)
def test_an_unmet_condition_on_the_verification_omits_the_element(verification: Any) -> None:
    """5.7.2: "the whole verified_claims element MUST be omitted", and no error."""
    assert told({"verification": verification, "claims": {"name": None}}) is None


def test_an_unmet_condition_on_a_claim_omits_the_claim() -> None:
    """5.7.2: "Otherwise, the respective Claim MUST be omitted from the response"; an empty element says nothing."""
    claims: dict[str, Any] = {"name": None, "gender": {"value": "female"}}
    assert told({**PLAIN, "claims": claims})["claims"] == {"name": "Nguyễn Văn An"}
    assert told({**PLAIN, "claims": {"gender": {"values": ["female"]}}}) is None


def test_a_young_enough_record_is_told() -> None:
    """5.5.2: max_age counts seconds since the time of the record, and its last second still counts."""
    fresh = {"verification": {"trust_framework": None, "time": {"max_age": 3_600}}, "claims": {"name": None}}
    assert told(fresh)["verification"]["time"] == AT


def test_several_elements_come_as_a_list() -> None:
    """5.6: an array of requests; each is answered or left out by itself."""
    other = {"verification": {"trust_framework": {"value": "eidas"}}, "claims": {"name": None}}
    second = {"verification": {"trust_framework": None, "time": None}, "claims": {"birthdate": None}}
    assert len(told([PLAIN, second])) == 2
    assert told([PLAIN, other]) == told(PLAIN)


def test_only_registered_claims_may_be_asked_for_as_verified() -> None:
    """Core 5.5.1: what a client may not have is left out in silence, and the person is not asked about it."""
    asked = read({**PLAIN, "claims": {"name": None, "address": None}})
    (element,) = asked.verified_userinfo
    assert element["claims"] == {"name": None}
    assert read(PLAIN, CLIENT).verified_userinfo == ()


def test_the_person_is_asked_for_each() -> None:
    """Core 3.1.2.4: a verified claim is an item of the consent of its own."""
    request = AuthorizationRequest("portal", "https://portal.example/callback", claims=read(PLAIN))
    assert consent_items(request) == {"verified:name"}


def test_a_person_of_whom_the_registry_said_nothing_has_no_verified_claims() -> None:
    """Decree 69/2024 Art. 9: what was never fetched from the registry is nobody's confirmation."""
    assert told(PLAIN, ACCOUNT) is None


def test_an_email_address_is_never_verified() -> None:
    """The registry vouches for its own data only."""
    known = {"email": "an@example.vn.test"}
    element = {"verification": {"trust_framework": None}, "claims": {"email": None}}
    assert verified((element,), KNOWN, known, NOW) is None


def test_the_id_token_carries_what_was_asked_for_it() -> None:
    """5: through the ``id_token`` member, and only there."""
    asked = ClaimsRequest(verified_id_token=read(PLAIN).verified_userinfo)
    made = id_token(replace(GRANT, claims=asked), ASKING, KNOWN, now=NOW, policy=POLICY)
    assert made.claims["verified_claims"] == told(PLAIN)
    plain = id_token(replace(GRANT, claims=read(PLAIN)), ASKING, KNOWN, now=NOW, policy=POLICY)
    assert "verified_claims" not in plain.claims


def test_the_log_names_what_was_vouched_for() -> None:
    """Law 91/2025 Art. 4: the person reads later which claims left as verified; values never."""
    asked = replace(LOADED, grant=replace(GRANT, claims=read(PLAIN)))
    (event,) = userinfo(facts(grant=asked, account=KNOWN, client=ASKING)).audit
    assert "verified:name" in event.claims
    assert "Nguyễn" not in str(event)


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        [],
        [PLAIN] * 6,
        {},
        {"claims": {"name": None}},
        {"verification": {}, "claims": {"name": None}},
        {"verification": None, "claims": {"name": None}},
        {"verification": {"trust_framework": "vn_mock_eid"}, "claims": {"name": None}},
        {"verification": {"trust_framework": None}},
        {"verification": {"trust_framework": None}, "claims": {}},
        {"verification": {"trust_framework": None}, "claims": None},
        {"verification": {"trust_framework": None}, "claims": {"name": "An"}},
        {"verification": {"trust_framework": None}, "claims": {"name": {"values": "An"}}},
        {"verification": {"trust_framework": None, "evidence": []}, "claims": {"name": None}},
        {"verification": {"trust_framework": None, "evidence": [{"type": "document"}]}, "claims": {"name": None}},
        {"verification": {"trust_framework": None, "time": {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}},
         "claims": {"name": None}},
    ],
)  # a table, read by rows  # fmt: skip
def test_a_malformed_request_is_an_error(broken: Any) -> None:
    """5: a request against the schema, or without claims, aborts with invalid_request."""
    with pytest.raises(ProtocolError) as refused:
        read(broken)
    assert refused.value.code == "invalid_request"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["value", "values", "max_age", "type", "time", "evidence", "record", "trust_framework"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_no_request_makes_a_rule_raise(verification: Any, wish: Any, framework: Any) -> None:
    """Whatever is asked: an OAuth error, or an answer that never names an unasked claim."""
    verification = {**verification} if isinstance(verification, dict) else {}
    asked = {"verification": {"trust_framework": framework, **verification}, "claims": {"name": wish}}
    try:
        said = told(asked)
    except ProtocolError:
        return
    assert said is None or (
        set(said["claims"]) == {"name"} and said["verification"]["trust_framework"] == "vn_mock_eid"
    )
