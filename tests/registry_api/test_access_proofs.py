"""A citizen proves that their entry is in the log; a witness sees that nothing was taken back (attacks.md 54)."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from keys import KeyPurpose, KeyRing, merkle
from population_registry.storage.connections import connect
from population_registry.working import make_log_grower
from tests.registry_api.batches import settings_of
from tests.registry_api.conftest import LAN, PHUC, Registry, question

pytestmark = pytest.mark.engine
BEHIND = "SELECT count(*) > coalesce((SELECT max(size) FROM access_head), 0) FROM access_log"


async def grown(registry: Registry) -> None:
    """Every row has a head."""
    service = registry.app.state.service
    async with service.answering.database.pool() as pool:
        while await pool.fetchval(BEHIND):
            await service.log_tree.grow(pool)


async def entries(registry: Registry, number: str, query: str = "") -> list[dict[str, Any]]:
    """All entries of a person by following the cursors."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = await registry.get(
            f"/v1/access-log?limit=100{query}{cursor and '&cursor=' + cursor}",
            registry.issuer.personal(number),
        )
        assert page.status_code == 200, page.text
        found += page.json()["entries"]
        cursor = page.json()["next_cursor"]
    return found


async def test_an_entry_is_proven_by_its_text_and_a_signed_head(registry: Registry) -> None:
    """Hash the text, walk the path, compare with the head: only SHA-256 is needed (RFC 9162, 2.1.3.2)."""
    await registry.verify(LAN)
    await grown(registry)
    newest = (await entries(registry, LAN["number"]))[0]
    own = registry.issuer.personal(LAN["number"])
    answer = await registry.get(f"/v1/access-log/{newest['entry_id']}/proof", own)
    assert answer.status_code == 200, answer.text
    proof = answer.json()
    text = orjson.loads(proof["entry"])
    assert {name: text[name] for name in ("entry_id", "officer", "outcome", "fields")} == {
        name: newest[name] for name in ("entry_id", "officer", "outcome", "fields")
    }
    ring = registry.app.state.service.answering.ring
    claims = ring.public_keys(KeyPurpose.AUDIT_HEAD).verify(
        proof["head"], algorithms=("ES256",), typ="audit-head+jwt"
    )
    leaf = sha256(b"\x00" + proof["entry"].encode()).digest()
    path = [bytes.fromhex(part) for part in proof["path"]]
    merkle.verify_inclusion(leaf, proof["index"], proof["tree_size"], path, bytes.fromhex(claims["root"]))
    assert LAN["number"] not in proof["entry"]


async def test_a_worker_signs_heads_without_being_asked(
    registry: Registry, key_rings: tuple[Path, KeyRing]
) -> None:
    """Without a head no citizen could prove anything, and no witness keep one (RFC 9162, 2.1)."""
    await registry.verify(LAN)
    grower = make_log_grower(settings_of(registry, key_rings[0]), clock=registry.clock)
    async with registry.app.state.service.answering.database.pool() as pool:
        while await pool.fetchval(BEHIND):  # a transaction of another test's tidying holds heads back
            await grower.run(asyncio.Event(), until_idle=True)
    assert (await registry.http.get("/v1/access-log-head")).status_code == 200


async def test_an_entry_that_no_head_covers_yet_is_asked_again_within_seconds(registry: Registry) -> None:
    """While a head is awaited the answer says so and when to ask again: RFC 9110 sections 15.6.4 and 10.2.3.

    An older transaction that is still open holds the heads back: what follows it is not final.
    """
    known = {each["entry_id"] for each in await entries(registry, LAN["number"])}
    held = await connect(registry.database_url)
    async with held.transaction():
        await held.execute("SELECT pg_current_xact_id()")
        await registry.verify(LAN)
        (entry_id,) = {each["entry_id"] for each in await entries(registry, LAN["number"])} - known
        own = registry.issuer.personal(LAN["number"])
        answer = await registry.get(f"/v1/access-log/{entry_id}/proof", own)
    await held.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "head-awaited")
    assert 0 < int(answer.headers["retry-after"]) <= 10
    await grown(registry)
    assert (await registry.get(f"/v1/access-log/{entry_id}/proof", own)).status_code == 200


@pytest.mark.attack
async def test_nobody_gets_the_proof_of_anothers_entry(registry: Registry) -> None:
    """Attack 49: another person's entry is as unknown as one that never was; a client's own token opens none."""
    await registry.verify(LAN)
    await grown(registry)
    entry_id = (await entries(registry, LAN["number"]))[0]["entry_id"]
    other = registry.issuer.personal(PHUC["number"])
    assert (await registry.get(f"/v1/access-log/{entry_id}/proof", other)).status_code == 404
    assert (
        await registry.get(f"/v1/access-log/{entry_id}/proof", registry.issuer.token())
    ).status_code == 403


async def test_witnesses_follow_the_heads(registry: Registry) -> None:
    """Heads and the proofs between them are public and name nobody."""
    await registry.verify(LAN)
    await grown(registry)
    first = (await registry.http.get("/v1/access-log-head")).json()
    await registry.verify(PHUC)
    await grown(registry)
    second = (await registry.http.get("/v1/access-log-head")).json()
    old, new = first["tree_size"], second["tree_size"]
    assert old < new
    answer = await registry.http.get(f"/v1/access-log-consistency?first={old}&second={new}")
    path = [bytes.fromhex(part) for part in answer.json()["path"]]
    keys = registry.app.state.service.answering.ring.public_keys(KeyPurpose.AUDIT_HEAD)
    roots = [
        bytes.fromhex(keys.verify(each["head"], algorithms=("ES256",), typ="audit-head+jwt")["root"])
        for each in (first, second)
    ]
    merkle.verify_consistency(old, new, *roots, path)
    for sizes in (f"first={new}&second={old}", f"first=1&second={new + 1_000_000}"):
        assert (await registry.http.get(f"/v1/access-log-consistency?{sizes}")).status_code == 404
    assert (await registry.http.get("/v1/access-log-consistency?first=0&second=1")).status_code in {400, 422}


async def test_a_person_filters_by_period_and_procedure(registry: Registry) -> None:
    """Days of Viet Nam; a procedure that never asked is an empty list; the parts make the whole."""
    await registry.verify(PHUC)
    whole = [each["entry_id"] for each in await entries(registry, PHUC["number"])]
    today = [
        each["entry_id"] for each in await entries(registry, PHUC["number"], "&from=2026-11-21&to=2026-11-21")
    ]
    assert today
    assert set(today) <= set(whole)
    assert await entries(registry, PHUC["number"], "&from=2031-01-01") == []
    assert await entries(registry, PHUC["number"], "&to=2001-01-01") == []
    asked = await entries(registry, PHUC["number"], "&procedure_code=1.004194")
    assert {each["procedure_code"] for each in asked} == {"1.004194"}
    assert await entries(registry, PHUC["number"], "&procedure_code=never") == []


async def test_entries_of_one_moment_are_neither_lost_nor_repeated(registry: Registry) -> None:
    """The clock of these tests stands still: a page may end between entries of the same microsecond, and at any."""
    for number in range(5):
        await registry.post(
            "/v1/verifications",
            question(PHUC) | {"officer": f"CA-{number}", "dossier_code": "G01.899.05-261121-770001"},
            registry.issuer.token(),
        )
    ids, cursor = [], ""
    while cursor is not None:
        page = await registry.get(
            f"/v1/access-log?limit=2{cursor and '&cursor=' + cursor}",
            registry.issuer.personal(PHUC["number"]),
        )
        ids += [each["entry_id"] for each in page.json()["entries"]]
        cursor = page.json()["next_cursor"]
    assert len(ids) == len(set(ids))
    everything = await entries(registry, PHUC["number"])
    assert ids == [each["entry_id"] for each in everything]
    own = registry.issuer.personal(PHUC["number"])
    middle = (await registry.get(f"/v1/access-log?limit=1&cursor={everything[1]['cursor']}", own)).json()
    assert [each["entry_id"] for each in middle["entries"]] == [ids[2]]
