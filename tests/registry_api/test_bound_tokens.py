"""Tokens bound to a key: DPoP (RFC 9449) and client certificates (RFC 8705) at the protected resource."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.openapi import from_dict

from keys.proof import token_hash, x5t_s256
from population_registry.storage.connections import connect
from tests.certificates import Certified
from tests.keys_proof.proofs import Sender
from tests.registry_api.batches import order
from tests.registry_api.conftest import LAN, REGISTRY, Registry, question
from web.serving import CLIENT_CERTIFICATE

pytestmark = pytest.mark.engine
PATH = "/v1/verifications"


class Holder(Sender):
    """A client with a DPoP key that asks about Lan; it takes nonces up as RFC 9449 section 8 says."""

    def __init__(self, registry: Registry, algorithm: str = "ES256") -> None:
        super().__init__(algorithm)
        self.registry = registry
        self.token = registry.issuer.bound(self.jkt)
        self.nonce: str | None = None

    def shown(self, **claims: Any) -> str:
        """A proof for the verification, now; claims may be replaced, None removes."""
        made = {
            "jti": str(uuid4()),
            "htu": REGISTRY + PATH,
            "iat": int(self.registry.clock.timestamp()),
            "ath": token_hash(self.token),
            "nonce": self.nonce,
        }
        return self.proof(**made | claims)

    async def send(
        self, proof: str | list[str] | None, *, scheme: str = "DPoP", token: str | None = None
    ) -> httpx2.Response:
        """One request with these proofs as they are."""
        proofs = [] if proof is None else [proof] if isinstance(proof, str) else proof
        headers = [("Authorization", f"{scheme} {token or self.token}"), *(("DPoP", each) for each in proofs)]
        return await self.registry.http.post(PATH, json=question(LAN), headers=headers)

    async def ready(self) -> Holder:
        """Fetch the nonce by asking without."""
        self.nonce = None
        refused = await self.send(self.shown())
        assert (refused.status_code, refused.json()["code"]) == (401, "use-dpop-nonce")
        self.nonce = refused.headers["DPoP-Nonce"]
        return self


@pytest.fixture
async def holder(registry: Registry) -> Holder:
    """A client with a bound token and the nonce of now."""
    return await Holder(registry).ready()


async def rows(registry: Registry, table: str) -> int:
    """How many rows a table has."""
    connection = await connect(registry.database_url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"])
async def test_a_bound_token_with_its_proof_is_answered(registry: Registry, algorithm: str) -> None:
    """RFC 9449 section 7: scheme DPoP, a proof for method, address and token, the nonce that was given."""
    holder = await Holder(registry, algorithm).ready()
    answer = await holder.send(holder.shown())
    assert answer.status_code == 200, answer.text
    assert "DPoP-Nonce" not in answer.headers


async def test_the_scheme_is_compared_without_case(holder: Holder) -> None:
    """RFC 9110 section 11.1: schemes are case-insensitive."""
    assert (await holder.send(holder.shown(), scheme="dpop")).status_code == 200


async def test_the_first_answer_gives_the_nonce(registry: Registry) -> None:
    """RFC 9449 section 9: 401, `use_dpop_nonce` in the challenge, the nonce in DPoP-Nonce; nothing is spent."""
    holder = Holder(registry)
    answer = await holder.send(holder.shown())
    challenge = answer.headers["WWW-Authenticate"]
    assert answer.status_code == 401
    assert challenge.startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in challenge
    assert 'algs="ES256 Ed25519 EdDSA PS256 RS256"' in challenge
    assert f'resource_metadata="{REGISTRY}/.well-known/oauth-protected-resource"' in challenge
    assert answer.headers["Cache-Control"] == "no-store"
    assert await rows(registry, "dpop_proof") == 0


async def test_an_ageing_nonce_passes_and_brings_the_next(holder: Holder) -> None:
    """RFC 9449 section 8.2: the new nonce comes with an answer, so that no request is refused for it."""
    holder.registry.clock.advance(300)
    holder.token = holder.registry.issuer.bound(holder.jkt)
    answer = await holder.send(holder.shown())
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"] != holder.nonce
    holder.registry.clock.advance(300)
    holder.token = holder.registry.issuer.bound(holder.jkt)
    assert (await holder.send(holder.shown())).json()["code"] == "use-dpop-nonce"


@pytest.mark.attack
async def test_a_proof_serves_once(holder: Holder) -> None:
    """Attack 29, RFC 9449 section 11.1: a recorded request cannot be sent again, by whatever process."""
    proof = holder.shown()
    assert (await holder.send(proof)).status_code == 200
    again = await holder.send(proof)
    assert (again.status_code, again.json()["code"]) == (401, "invalid-dpop-proof")
    assert 'error="invalid_dpop_proof"' in again.headers["WWW-Authenticate"]


@pytest.mark.attack
async def test_of_many_at_once_one_wins(holder: Holder) -> None:
    """The same proof twenty times at the same moment: one answer, nineteen refusals, one row."""
    proof = holder.shown()
    before = await rows(holder.registry, "access_log")
    answers = await asyncio.gather(*(holder.send(proof) for _ in range(20)))
    assert sorted(each.status_code for each in answers) == [200] + [401] * 19
    assert await rows(holder.registry, "access_log") == before + 1
    assert await rows(holder.registry, "dpop_proof") == 1


async def test_used_proofs_are_forgotten_when_they_are_too_old(holder: Holder) -> None:
    """A row lives as long as its proof could pass, and not longer."""
    from population_registry.storage.proofs import forget_proofs

    assert (await holder.send(holder.shown())).status_code == 200
    clock = holder.registry.clock
    connection = await connect(holder.registry.database_url)
    try:
        clock.advance(60)
        await forget_proofs(connection, clock())
        assert await rows(holder.registry, "dpop_proof") == 1
        clock.advance(3)
        await forget_proofs(connection, clock())
        assert await rows(holder.registry, "dpop_proof") == 0
    finally:
        await connection.close()


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "GET"},
        {"htu": f"{REGISTRY}/v1/releases"},
        {"htu": "http://localhost:8101/v1/verifications"},
        {"iat": 1_700_000_000},
        {"ath": None},
        {"ath": token_hash("another token")},
        {"jti": None},
    ],
)
async def test_a_proof_made_for_something_else_is_refused(holder: Holder, changed: dict[str, Any]) -> None:
    """Attack 29: method, address, time and token are those of this very request (RFC 9449 section 4.3)."""
    answer = await holder.send(holder.shown(**changed))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-dpop-proof")
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")


@pytest.mark.attack
async def test_a_stranger_with_the_token_gets_nothing(holder: Holder) -> None:
    """Attack 30: a stolen token with the thief's own proof, without a proof, with two, or as Bearer."""
    thief = Holder(holder.registry)
    thief.token, thief.nonce = holder.token, holder.nonce
    tries = {
        "invalid-token": [
            await thief.send(thief.shown()),
            await thief.send(None, scheme="Bearer"),
            await thief.send(thief.shown(), scheme="Bearer"),
            await holder.send(holder.shown(), scheme="Bearer"),
        ],
        "invalid-dpop-proof": [
            await thief.send(None),
            await thief.send([holder.shown(), holder.shown()]),
            await thief.send("not a proof"),
            await thief.send("x" * 9000),
        ],
    }
    for code, answers in tries.items():
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (401, code)


@pytest.mark.attack
async def test_an_unbound_token_is_not_made_bound_by_a_proof(holder: Holder) -> None:
    """RFC 9449 section 7.1: the scheme DPoP is for tokens bound to the proof's key."""
    holder.token = holder.registry.issuer.token()
    assert (await holder.send(holder.shown())).json()["code"] == "invalid-token"


@pytest.mark.attack
async def test_every_endpoint_with_a_token_asks_for_the_proof(registry: Registry) -> None:
    """One check for the whole API: no operation of the OpenAPI document that takes a token forgets it."""
    holder = Holder(registry)
    document = (await registry.http.get("/openapi.json")).json()
    asked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            address = _ANY_NAME.sub(lambda found: _NAMES.get(found[1], str(UUID(int=1))), path)
            query, body = ({}, BODIES[path]) if path in BODIES else fitting(document, path, method)
            answer = await registry.http.request(
                method, address, headers={"Authorization": f"Bearer {holder.token}"}, params=query, json=body
            )
            assert answer.status_code == 401, (method, path, answer.text)
            assert 'error="invalid_token"' in answer.headers["www-authenticate"], (method, path)
            asked += 1
    assert asked >= 18


_NAMES = {"code": "1.004194", "layout": "csv", "number": "1"}
_ANY_NAME = re.compile(r"\{(\w+)\}")


def fitting(document: dict[str, Any], path: str, method: str) -> tuple[dict[str, Any], Any]:
    """Query and JSON body of the documented shape; no body where the operation takes none."""
    drawn: list[Any] = []

    @settings(max_examples=1, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(from_dict(document)[path][method.upper()].as_strategy())
    def draw(case: Any) -> None:
        drawn.append(case)

    draw()
    takes_json = "application/json" in document["paths"][path][method].get("requestBody", {}).get(
        "content", {}
    )
    required = {
        each["name"] for each in document["paths"][path][method].get("parameters", []) if each.get("required")
    }
    query = {name: value for name, value in dict(drawn[0].query or {}).items() if name in required}
    return query, drawn[0].body if takes_json else None


LOOKUP = {"purpose": "Thẩm định hồ sơ", "procedure_code": "lookup.family", "subject": LAN}
BODIES: dict[str, Any] = {
    PATH: question(LAN),
    "/v1/procedures/{code}/assessments": {
        "purpose": "Thẩm định hồ sơ",
        "dossier_code": "G01.899.05-261121-010042",
        "received_at": "2026-11-21T10:00:00+07:00",
        "inputs": {},
    },
    "/v1/batches": order(),
    "/v1/numbers/checks": LOOKUP | {"current_number": "099068000102"},
    "/v1/households/checks": LOOKUP | {"members": ["099068000102"]},
    "/v1/kinship/checks": LOOKUP | {"relation": "spouse", "other": {"number": "099068000102"}},
    "/v1/releases": {"purpose": "Thẩm định hồ sơ", "procedure_code": "1.004194", "fields": ["name"]},
    "/v1/documents/checks": {
        "purpose": "Thẩm định hồ sơ",
        "procedure_code": "1.004194",
        "dossier_code": "G01.899.05-261121-010042",
        "document": {"qr": "x"},
    },
}


async def test_without_the_setting_no_nonce_is_asked(
    start: Callable[..., AsyncIterator[Registry]], persona_database: str, budget_clean: None
) -> None:
    """DPOP_NONCES=false: proofs live by their time and their jti alone, and no nonce is given."""
    async with aclosing(start(persona_database, dpop_nonces=False)) as started:
        registry = await anext(started)
        holder = Holder(registry)
        answer = await holder.send(holder.shown())
        assert (answer.status_code, "DPoP-Nonce" in answer.headers) == (200, False)


async def with_certificate(
    registry: Registry, token: str, shown: bytes | None = None, peer: str = "192.0.2.1", **headers: str
) -> httpx2.Response:
    """One verification over a connection whose client has proved a certificate (or none), from that peer."""

    async def behind_tls(scope: Any, receive: Any, send: Any) -> None:
        extensions = {} if shown is None else {CLIENT_CERTIFICATE: shown}
        await registry.app({**scope, "client": (peer, 1), "extensions": extensions}, receive, send)

    transport = httpx2.ASGITransport(behind_tls)
    async with httpx2.AsyncClient(transport=transport, base_url=REGISTRY) as http:
        return await http.post(
            PATH, json=question(LAN), headers={"Authorization": f"Bearer {token}"} | headers
        )


def field(der: bytes) -> str:
    """A certificate as RFC 9440 section 2.1 writes it."""
    return f":{base64.b64encode(der).decode()}:"


async def test_a_certificate_bound_token_with_its_certificate_is_answered(registry: Registry) -> None:
    """RFC 8705 section 3: the certificate of the connection is the one in `cnf`."""
    shown = Certified("client")
    token = registry.issuer.bound(x5t=x5t_s256(shown.der))
    assert (await with_certificate(registry, token, shown.der)).status_code == 200


@pytest.mark.attack
async def test_another_certificate_or_none_or_a_header_is_refused(registry: Registry) -> None:
    """Attack 30: a stolen token over the thief's own connection, and a `Client-Cert` header nobody may write."""
    owner, thief = Certified("owner"), Certified("thief")
    token = registry.issuer.bound(x5t=x5t_s256(owner.der))
    answers = [
        await with_certificate(registry, token),
        await with_certificate(registry, token, thief.der),
        await with_certificate(registry, token, **{"Client-Cert": field(owner.der)}),
        await with_certificate(registry, token, thief.der, **{"Client-Cert": field(owner.der)}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_a_trusted_proxy_tells_of_the_certificate(
    start: Callable[..., AsyncIterator[Registry]], persona_database: str, budget_clean: None
) -> None:
    """RFC 9440: the header of a peer that CLIENT_CERT_PROXIES names counts, from any other peer it does not."""
    owner, proxy = Certified("owner"), Certified("proxy")
    async with aclosing(start(persona_database, client_cert_proxies="10.1.0.0/24 fd00::/64")) as started:
        registry = await anext(started)
        token = registry.issuer.bound(x5t=x5t_s256(owner.der))
        header = {"Client-Cert": field(owner.der)}
        assert (await with_certificate(registry, token, peer="10.1.0.7", **header)).status_code == 200
        assert (await with_certificate(registry, token, proxy.der, "10.1.0.7", **header)).status_code == 200
        assert (await with_certificate(registry, token, peer="fd00::1", **header)).status_code == 200
        refused = [
            await with_certificate(registry, token, peer="10.1.1.7", **header),
            await with_certificate(registry, token, peer="10.1.0.7"),
            await with_certificate(registry, token, owner.der, "10.1.0.7"),
            await with_certificate(registry, token, peer="10.1.0.7", **{"Client-Cert": "x"}),
        ]
        assert [each.status_code for each in refused] == [401] * 4


async def test_a_token_bound_to_both_needs_both(holder: Holder) -> None:
    """RFC 7800 section 3.1: every member of `cnf` is confirmed, not one of them."""
    shown = Certified("client")
    holder.token = holder.registry.issuer.bound(holder.jkt, x5t_s256(shown.der))
    without = await holder.send(holder.shown())
    assert without.json()["code"] == "invalid-token"
    dpop = {"DPoP": holder.shown(), "Authorization": f"DPoP {holder.token}"}
    assert (await with_certificate(holder.registry, "", shown.der, **dpop)).status_code == 200
