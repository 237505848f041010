"""What is asked of the API: each scenario prepares its requests, unmeasured, and the runner sends them."""

import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from benchmarks.clients import DPOP_KEY, dpop_proof
from benchmarks.load import Prepared, prepare, run
from benchmarks.registry.ground import ISSUER, PORT, REGISTRY, Ground
from keys import KeyPurpose
from population_registry.storage.connections import driver_url

NONCE: Final = re.compile(rb"(?i)dpop-nonce: *([A-Za-z0-9_.~+/=-]+)")
VERIFY: Final = REGISTRY + "/v1/verifications"
RELEASE: Final = REGISTRY + "/v1/releases"
HISTORY: Final = REGISTRY + "/v1/residences/histories"
DOSSIER: Final = "G01.899.05-261121-010042"
LEVEL: Final = "urn:example:vn:acr:l2-a2"
NAME: Final = "concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name)"
SAMPLE: Final = f"""
SELECT p.personal_number, {NAME}, p.birth_date, r.commune_code
  FROM (SELECT * FROM person WHERE person_id >= $1 ORDER BY person_id LIMIT 40) p
  JOIN residence r ON r.person_id = p.person_id AND r.kind = 'permanent' AND r.ended IS NULL
 WHERE p.status = 'active'
"""
Person = tuple[str, str, str, str]


async def people(ground: Ground, count: int) -> list[Person]:
    """That many different living people from all over the population, in no order."""
    connection = await asyncpg.connect(driver_url(ground.engine.url))
    found: dict[str, Person] = {}
    try:
        least, most = await connection.fetchrow(
            "SELECT min(person_id), max(person_id) FROM person WHERE personal_number >= '001'"
        )
        while len(found) < count:
            start = least + secrets.randbelow(most - least)
            for row in await connection.fetch(SAMPLE, start):
                found[row[0]] = tuple(row)
    finally:
        await connection.close()
    chosen = list(found.values())
    secrets.SystemRandom().shuffle(chosen)
    return chosen[:count]


def token(ground: Ground, **changed: Any) -> str:
    """An access token of the residence portal."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": REGISTRY,
        "sub": "residence-portal",
        "client_id": "residence-portal",
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_urlsafe(16),
        "scope": "registry:verify registry:release",
        "party_kind": "state",
    }
    return ground.ring.signer(KeyPurpose.ACCESS_TOKEN).sign(claims | changed, typ="at+jwt")


def question(person: Person) -> bytes:
    """Number, name, birth date, and where the person lives."""
    number, name, birth, commune = person
    return json.dumps(
        {
            "purpose": "Thẩm định hồ sơ đăng ký tạm trú",
            "procedure_code": "1.004194",
            "dossier_code": DOSSIER,
            "officer": "CA-00166-017",
            "subject": {"number": number},
            "claims": {"name": name, "birth_date": birth, "permanent_commune": commune},
        },
        ensure_ascii=False,
    ).encode()


JSON: Final = ("Content-Type", "application/json")


async def verify(ground: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """A first question about each person, by a bearer token."""
    headers = (JSON, ("Authorization", f"Bearer {token(ground)}"))
    return [prepare(VERIFY, method="POST", headers=headers, body=question(each)) for each in asked]


async def verify_once(ground: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """The same with an Idempotency-Key, so that the answer is kept too."""
    headers = (JSON, ("Authorization", f"Bearer {token(ground)}"))
    return [
        prepare(
            VERIFY,
            method="POST",
            headers=(*headers, ("Idempotency-Key", secrets.token_urlsafe(16))),
            body=question(each),
        )
        for each in asked
    ]


async def verify_bound(ground: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """The same by a token that is bound to a key, with a fresh proof each (RFC 9449)."""
    bound = token(ground, cnf={"jkt": DPOP_KEY.thumbprint()})

    def asking(person: Person, nonce: str | None, status: int = 200) -> Prepared:
        proof = dpop_proof(VERIFY, nonce, bound)
        headers = (JSON, ("Authorization", f"DPoP {bound}"), ("DPoP", proof))
        return prepare(VERIFY, method="POST", headers=headers, body=question(person), status=status)

    refused = await run(PORT, [asking(asked[0], None, 401)], connections=1, keep=True)
    found = NONCE.search(refused.heads[0])
    assert found is not None
    return [asking(each, found.group(1).decode()) for each in asked]


async def release(ground: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """Name, birth date and address of the signed-in person, a token for each."""
    body = {
        "purpose": "Điền sẵn tờ khai",
        "procedure_code": "1.004194",
        "dossier_code": DOSSIER,
        "fields": ["name", "birth_date", "permanent_address"],
    }
    content = json.dumps(body, ensure_ascii=False).encode()
    prepared = []
    for number, *_ in asked:
        personal = token(
            ground, pid=number, sub=f"pairwise-{number}", acr=LEVEL,
            auth_time=int(time.time()),
        )  # a table, read by rows  # fmt: skip
        headers = (JSON, ("Authorization", f"Bearer {personal}"))
        prepared.append(prepare(RELEASE, method="POST", headers=headers, body=content))
    return prepared


async def history(ground: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """Where the signed-in person lived so far, which goes beyond the facts of today."""
    procedure = {"procedure_code": "residence.own-history", "purpose": "Xác nhận nơi ở"}
    agreed = {
        "type": "vn_identity_verification",
        "procedure": procedure["procedure_code"],
        "purpose": procedure["purpose"],
        "claims": ["residence_history"],
    }
    prepared = []
    for number, *_ in asked:
        content = json.dumps(procedure | {"subject": {"number": number}, "dossier_code": DOSSIER}).encode()
        personal = token(
            ground, pid=number, sub=f"pairwise-{number}", acr=LEVEL, auth_time=int(time.time()),
            authorization_details=[agreed],
        )  # who signed in, then what they agreed to  # fmt: skip
        headers = (JSON, ("Authorization", f"Bearer {personal}"))
        prepared.append(prepare(HISTORY, method="POST", headers=headers, body=content))
    return prepared


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the report."""

    name: str
    title: str
    prepare: Callable[[Ground, Sequence[Person]], Any]


async def live(_: Ground, asked: Sequence[Person]) -> list[Prepared]:
    """The yardstick: the same server, framework and middleware, answering three words."""
    return [prepare(REGISTRY + "/health/live")] * len(asked)


SCENARIOS: Final = (
    Scenario("live", "yardstick: GET /health/live", live),
    Scenario("verify", "verification, bearer token", verify),
    Scenario("verify-once", "… with an Idempotency-Key", verify_once),
    Scenario("verify-bound", "… with a DPoP proof", verify_bound),
    Scenario("release", "release to the signed-in person", release),
    Scenario("history", "residence history of the signed-in person", history),
)
