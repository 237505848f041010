"""What is refused before anybody is looked up: tokens, scopes, procedures, claims, broken bodies."""

from __future__ import annotations

import orjson
import pytest

from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, PHUC, REGISTRY, question

pytestmark = pytest.mark.engine
METADATA = f"{REGISTRY}/.well-known/oauth-protected-resource"


async def rows(registry) -> int:
    """How many access-log rows there are."""
    connection = await connect(registry.database_url)
    try:
        return await connection.fetchval("SELECT count(*) FROM access_log")
    finally:
        await connection.close()


async def test_no_token(registry):
    """Without credentials: 401 and challenges of both schemes that name no error (RFC 6750 section 3.1)."""
    answer = await registry.http.post("/v1/verifications", json=question(LAN))
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    bearer, dpop = challenge.split(", DPoP ")
    assert bearer == f'Bearer realm="population-registry", resource_metadata="{METADATA}"'
    assert dpop.startswith('realm="population-registry", algs="ES256 ')
    assert "error" not in challenge
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "token-missing"


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1_700_000_000},
        {"iss": "http://localhost:8001"},
        {"aud": "http://localhost:8201"},
        {"aud": ["http://localhost:8201"]},
        {"aud": None},
        {"client_id": None},
        {"sub": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"exp": "never"},
        {"exp": True},
        {"cnf": {"jkt": "x"}},
        {"cnf": {"x5t#S256": "x"}},
        {"cnf": {"jku": "https://elsewhere.example"}},
        {"cnf": {}},
        {"cnf": "x"},
        {"auth_time": "yesterday"},
        {"authorization_details": {"type": "vn_identity_verification"}},
        {"authorization_details": [{"type": 1}]},
        {"authorization_details": [{"type": "vn_identity_verification"}]},
        {"pid": "12"},
        {"scope": ["registry:verify"]},
    ],
)
async def test_token_of_another_kind(registry, changed):
    """Expired, foreign, unbounded or key-bound tokens are invalid_token (RFC 9068 section 4)."""
    answer = await registry.verify(LAN, registry.issuer.token(**changed))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.attack
async def test_id_token_is_no_access_token(registry):
    """A JWT of another `typ` or another key purpose is refused (RFC 8725 section 3.11)."""
    from keys import KeyPurpose

    signer = registry.issuer.ring.signer(KeyPurpose.ID_TOKEN, "ES256")
    answer = await registry.verify(LAN, signer.sign(registry.issuer.claims()))
    assert answer.status_code == 401


async def test_scope_is_needed(registry):
    """A token without registry:verify gets 403 insufficient_scope with the scope it needs."""
    answer = await registry.verify(LAN, registry.issuer.token(scope="openid"))
    assert answer.status_code == 403
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="registry:verify"' in challenge


async def test_step_up_is_demanded(registry):
    """A person's token below the procedure's level: 401 with acr_values (RFC 9470 section 3)."""
    for acr in ("urn:example:vn:acr:l2-a1", "urn:example:vn:acr:l1-a2", None, "phr"):
        answer = await registry.verify(LAN, registry.issuer.personal(LAN["number"], acr=acr))
        assert answer.status_code == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_user_authentication"' in challenge
        assert 'acr_values="urn:example:vn:acr:l2-a2"' in challenge


@pytest.mark.attack
@pytest.mark.parametrize(
    ("status", "code", "changed"),
    [
        (422, "procedure-unknown", {"procedure_code": "9.999999"}),
        (403, "procedure-not-allowed", {"procedure_code": "eid.profile"}),
        (403, "claim-not-allowed", {"claims": {"household_members": [LAN["number"]]}}),
        (422, "identifying-claims-missing", {"claims": {"name": "Nguyễn Thị Lan"}}),
        (422, "dossier-required", {"dossier_code": None}),
    ],
)
async def test_outside_the_catalogue(registry, status, code, changed):
    """Refusals depend on question and caller alone, whoever is asked about; nothing is looked up."""
    before = await rows(registry)
    answers = [
        await registry.post("/v1/verifications", question(person) | changed, registry.issuer.token())
        for person in (LAN, PHUC, LAN | {"number": "099199999999"})
    ]
    assert {answer.status_code for answer in answers} == {status}
    said = [answer.json() for answer in answers]
    assert {each["code"] for each in said} == {code}
    for each in said:
        each.pop("instance")
    assert said[0] == said[1] == said[2]
    assert await rows(registry) == before


@pytest.mark.parametrize(
    ("member", "changed"),
    [
        ("extra", {"extra": 1}),
        ("purpose", {"purpose": ""}),
        ("purpose", {"purpose": "a\u202eb" * 5}),
        ("dossier_code", {"dossier_code": "hồ sơ 1"}),
        ("officer", {"officer": "ông A"}),
        ("subject.number", {"subject": {"number": "O99194000101"}}),
        ("subject.name", {"subject": {"number": LAN["number"], "name": "x"}}),
        ("claims", {"claims": {}}),
        ("claims", {"claims": []}),
        ("claims.unheard", {"claims": {"unheard": 1}}),
        ("claims.birth_date", {"claims": {"name": "A B", "birth_date": "1994-02-30"}}),
        ("claims.alive", {"claims": {"name": "A B", "birth_date": "1994", "alive": "true"}}),
        (
            "claims.outside_commune",
            {"claims": {"name": "A B", "birth_date": "1994", "outside_commune": "123"}},
        ),
    ],
)
async def test_malformed_member_is_named(registry, member, changed):
    """400 with the place of the first mistake, never its content."""
    answer = await registry.post("/v1/verifications", question(LAN) | changed, registry.issuer.token())
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid-request"
    assert answer.json()["member"] == member


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"purpose":"a","purpose":"b"}', "application/json", 400),
        (b'{"purpose":NaN}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b'{"a":"' + b"x" * 70_000 + b'"}', "application/json", 413),
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/v1/verifications", "/v1/releases", "/v1/procedures/1.004194/assessments", "/v1/documents/checks"],
)
async def test_broken_bodies(registry, path, content, media_type, status):
    """Broken, doubled, deep, long or foreign bodies are refused as problems, never as a server error, everywhere."""
    answer = await registry.http.post(
        path,
        content=content,
        headers={"Authorization": f"Bearer {registry.issuer.token()}", "Content-Type": media_type},
    )
    assert answer.status_code == status
    assert answer.json()["code"]


async def test_problems_speak_both_languages(registry):
    """The title follows Accept-Language; type and code do not change."""
    said = {}
    for language in ("vi", "en"):
        answer = await registry.verify(LAN, headers={"Accept-Language": language}, procedure_code="9.999999")
        said[language] = answer.json()
    assert said["vi"]["type"] == said["en"]["type"] == "http://localhost:8100/problems/procedure-unknown"
    assert said["vi"]["title"] == "Không có thủ tục này"
    assert said["en"]["title"] == "Unknown procedure"


async def test_unknown_key_is_fetched_once_in_a_while(registry):
    """A token of an unknown key makes the issuer's keys be fetched again, but not for every such token."""
    assert (await registry.verify(LAN)).status_code == 200
    asked = registry.issuer.asked
    token = registry.issuer.token()
    header, rest = token.split(".", 1)
    import base64

    for number in range(5):
        fields = orjson.loads(base64.urlsafe_b64decode(header + "=="))
        forged = base64.urlsafe_b64encode(orjson.dumps(fields | {"kid": f"k{number}"})).rstrip(b"=").decode()
        assert (await registry.verify(LAN, f"{forged}.{rest}")).status_code == 401
    assert registry.issuer.asked - asked < 5


async def test_issuer_away(registry):
    """While the issuer's keys were never seen and it is away: 503 with Retry-After; no token is believed."""
    registry.issuer.away = True
    answer = await registry.verify(LAN)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.attack
async def test_remembered_token_ends_in_its_time(registry):
    """A token verified before is believed until it ends and not a second longer (attack 28)."""
    token = registry.issuer.token()
    assert (await registry.verify(LAN, token)).status_code == 200
    registry.clock.advance(seconds=299)
    assert (await registry.verify(LAN, token)).status_code == 200
    registry.clock.advance(seconds=1)
    assert (await registry.verify(LAN, token)).status_code == 401
