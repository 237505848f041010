"""What a client learns before it asks (RFC 9728), and the headers of every answer (FAPI 1.0 part 1 section 6.2.1)."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.registry_api.conftest import ISSUER, LAN, REGISTRY, question

pytestmark = pytest.mark.engine
ADDRESS = "/.well-known/oauth-protected-resource"
INPUTS = {"commune": "00166", "from": "2026-12-01", "until": "2027-12-01"}


async def test_the_metadata_tell_what_is_on(registry):
    """RFC 9728 section 2: golden; derived from settings, the ring and the rules."""
    answer = await registry.http.get(ADDRESS)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "resource": REGISTRY,
        "resource_name": "Cơ sở dữ liệu dân cư (mô phỏng)",
        "resource_name#vi": "Cơ sở dữ liệu dân cư (mô phỏng)",
        "resource_name#en": "Population registry (mock)",
        "resource_documentation": f"{REGISTRY}/docs",
        "authorization_servers": [ISSUER],
        "jwks_uri": f"{REGISTRY}/.well-known/jwks.json",
        "scopes_supported": [
            "registry:verify",
            "registry:release",
            "registry:access-log",
            "registry:dossiers",
            "registry:decide",
        ],
        "bearer_methods_supported": ["header"],
        "resource_signing_alg_values_supported": ["ES256"],
        "tls_client_certificate_bound_access_tokens": False,
        "authorization_details_types_supported": ["vn_identity_verification"],
        "dpop_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA", "PS256", "RS256"],
        "dpop_bound_access_tokens_required": False,
    }


async def test_the_challenge_leads_to_the_metadata(registry):
    """RFC 9728 section 5.1: `resource_metadata` is where the document is, and its `resource` is who challenged."""
    for answer in (
        await registry.http.post("/v1/verifications", json=question(LAN)),
        await registry.verify(LAN, "broken"),
        await registry.verify(LAN, registry.issuer.token(scope="openid")),
        await registry.verify(LAN, registry.issuer.personal(LAN["number"], acr=None)),
    ):
        found = set(re.findall(r'resource_metadata="([^"]+)"', answer.headers["WWW-Authenticate"]))
        assert found == {REGISTRY + ADDRESS}
    assert (await registry.http.get(found.pop())).json()["resource"] == REGISTRY


async def test_with_a_path_the_well_known_part_comes_first():
    """RFC 9728 section 3.1: it is inserted between host and path."""
    from population_registry.api.metadata import metadata_url

    assert metadata_url("https://api.example.vn/dan-cu") == f"https://api.example.vn{ADDRESS}/dan-cu"


async def test_the_interaction_id_comes_back_or_is_made(registry):
    """FAPI 1.0 part 1, 6.2.1: a UUID is echoed, anything else replaced by one, on answers and refusals alike."""
    own = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    token = registry.issuer.token()
    for sent, echoed in ((own, True), ("x" * 300, False), ("", False)):
        good = await registry.verify(LAN, token, headers={"x-fapi-interaction-id": sent})
        refused = await registry.verify(LAN, "broken", headers={"x-fapi-interaction-id": sent})
        assert (good.status_code, refused.status_code) == (200, 401)
        for answer in (good, refused):
            said = answer.headers["x-fapi-interaction-id"]
            assert str(UUID(said)) == said
            assert (said == sent) is echoed
    first, second = await registry.verify(LAN, token), await registry.verify(LAN, token)
    assert first.headers["x-fapi-interaction-id"] != second.headers["x-fapi-interaction-id"]


DETAIL = {
    "type": "vn_identity_verification",
    "procedure": "1.004194",
    "purpose": "Thẩm định hồ sơ đăng ký tạm trú",
    "dossier": "G01.899.05-261121-010042",
    "claims": ["name", "birth_date"],
}


async def test_a_token_with_details_opens_what_they_say(registry):
    """RFC 9396 section 9.1: the claim of the JWT bounds verifications and releases, beside scopes and catalogue."""
    token = registry.issuer.personal(LAN["number"], authorization_details=[DETAIL])
    assert (await registry.verify(LAN, token)).status_code == 200
    outside = {
        "claims": await registry.verify(LAN, token, claims={"sex": "female"}),
        "purpose": await registry.verify(LAN, token, purpose="Something else entirely"),
        "dossier_code": await registry.verify(LAN, token, dossier_code="G01.899.05-261121-010043"),
    }
    for member, answer in outside.items():
        said = answer.json()
        assert (answer.status_code, said["code"], said["member"]) == (
            403,
            "outside-authorization-details",
            member,
        )
        assert "đồng ý" in said["detail"]
    other = await registry.post(
        "/v1/releases",
        {
            "purpose": DETAIL["purpose"],
            "procedure_code": "1.004194",
            "dossier_code": DETAIL["dossier"],
            "fields": ["current_address"],
        },
        token,
    )
    assert (other.status_code, other.json()["code"]) == (403, "outside-authorization-details")


async def test_assessments_ask_no_more_than_was_agreed(registry):
    """An assessment adds the claims that its rules need; without agreement to those it is refused as a whole."""
    token = registry.issuer.personal(LAN["number"], authorization_details=[DETAIL])
    body = {
        "purpose": DETAIL["purpose"],
        "dossier_code": DETAIL["dossier"],
        "received_at": "2026-11-21T10:00:00+07:00",
        "inputs": INPUTS,
        "subject": {"number": LAN["number"]},
        "claims": {"name": LAN["name"], "birth_date": LAN["birth_date"]},
    }
    path = "/v1/procedures/1.004194/assessments"
    assert (await registry.post(path, body, registry.issuer.personal(LAN["number"]))).status_code == 200
    refused = await registry.post(path, body, token)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-authorization-details")


async def test_the_challenge_speaks_the_scheme_of_the_token(registry):
    """RFC 9470 section 3, RFC 9449 section 7.1: whoever came with DPoP is challenged with DPoP."""
    from tests.registry_api.test_bound_tokens import Holder

    holder = await Holder(registry).ready()
    holder.token = registry.issuer.personal(
        LAN["number"], acr="urn:example:vn:acr:l2-a1", cnf={"jkt": holder.jkt}
    )
    challenge = (await holder.send(holder.shown())).headers["WWW-Authenticate"]
    assert challenge.startswith("DPoP ")
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="urn:example:vn:acr:l2-a2"' in challenge
