"""The modules of the OpenID Foundation's eKYC and Identity Assurance plan, in ID token and UserInfo.

What the registry vouches for is the profile; more in ``tests/idp_protocol/test_oidc_identity_assurance.py``.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from joserfc import jws

from idp.protocol.oidc_identity_assurance.answering import VERIFIABLE
from tests.idp_endpoints.certified import MAI, NO_PKCE, Suite, enrolled
from tests.idp_endpoints.people import portal
from tests.idp_endpoints.provider import Provider

pytestmark = pytest.mark.engine
EKYC = portal(
    "suite-ekyc",
    require_pkce=False,
    scopes=frozenset({"openid", "profile", "address"}),
    verified_claims=VERIFIABLE,
)


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    made = await enrolled(provider)
    await provider.app.state.storage.clients.save(EKYC)
    return made


async def told(suite: Suite, **places: Any) -> tuple[Any, Any]:
    """``verified_claims`` in ID token and UserInfo, asked for in these places."""
    claims = json.dumps({place: {"verified_claims": asked} for place, asked in places.items()})
    code = await suite.browser().code(MAI, EKYC.client_id, **NO_PKCE, claims=claims, scope="openid")
    tokens = await suite.redeemed(code, EKYC.client_id)
    inside = json.loads(jws.extract_compact(tokens["id_token"].encode()).payload)
    return inside.get("verified_claims"), (await suite.claims(tokens)).get("verified_claims")


def asked(**claims: Any) -> dict[str, Any]:
    """AbstractAddOnlyOneSimpleVerifiedClaimToAuthorizationEndpointRequest."""
    return {"verification": {"trust_framework": None}, "claims": claims}


@pytest.mark.parametrize("wish", [None, {}, {"essential": False}, {"essential": True}])
async def test_one_claim(suite: Suite, wish: Any) -> None:
    """ekyc-server-happypath, -empty-objects, -essential-false: the first that the metadata names, in both places."""
    async with suite.provider.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
    first = document["claims_in_verified_claims_supported"][0]
    for said in await told(suite, id_token=asked(**{first: wish}), userinfo=asked(**{first: wish})):
        assert said["verification"] == {"trust_framework": document["trust_frameworks_supported"][0]}
        assert set(said["claims"]) == {first}


@pytest.mark.parametrize(
    "claims",
    [
        {"unheard_of": None},
        {"unheard_of": {"essential": True}},
        {"a%!\"'{}<>&é": None},
        {"name": {"value": str(uuid.uuid4())}},
    ],
)
async def test_what_cannot_be_given_is_left_out(suite: Suite, claims: dict[str, Any]) -> None:
    """-unknown-claim, -unknown-essential-claim, -special-chars, -one-claim-with-random-value-omitted (5.7.4)."""
    for said in await told(suite, id_token=asked(**claims), userinfo=asked(**claims)):
        assert said is None


async def test_only_where_it_was_asked_for(suite: Suite) -> None:
    """ekyc-server-verified-claims-only-in-id-token, -only-in-userinfo."""
    inside, outside = await told(suite, id_token=asked(name=None))
    assert (inside["claims"], outside) == ({"name": MAI.profile["name"]}, None)
    inside, outside = await told(suite, userinfo=asked(name=None))
    assert (inside, outside["claims"]) == (None, {"name": MAI.profile["name"]})


async def test_the_metadata_say_what_there_is(suite: Suite) -> None:
    """EKYCHappyPathTest.validateEKYCSpecificServerConfiguration: each list is there, is an array, is not empty."""
    async with suite.provider.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
    assert document["claims_parameter_supported"] is document["verified_claims_supported"] is True
    for name in (
        "trust_frameworks_supported",
        "evidence_supported",
        "documents_supported",
        "documents_check_methods_supported",
        "electronic_records_supported",
        "claims_in_verified_claims_supported",
    ):
        assert isinstance(document[name], list)
        assert document[name]
