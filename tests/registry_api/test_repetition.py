"""Idempotency-Key: a repeated request gets the same bytes; another request under the same key is refused."""

from __future__ import annotations

import asyncio

import pytest

from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, PHUC

pytestmark = pytest.mark.engine
KEY = {"Idempotency-Key": "7b6f0d5c-3c0e-4d53-9f0e-2f6f3c1f5a10"}


async def test_same_key_and_body_same_answer(registry):
    """Byte for byte the answer given before, receipt included, without a second log row."""
    first = await registry.verify(LAN, headers=KEY)
    registry.clock.advance(minutes=2)
    again = await registry.verify(LAN, headers=KEY)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content


async def test_same_key_other_body(registry):
    """422: the key belongs to another request."""
    await registry.verify(LAN, headers=KEY)
    answer = await registry.verify(PHUC, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.attack
async def test_key_belongs_to_its_caller(registry):
    """Another client or another signed-in person with the same key never meets the stored answer."""
    first = await registry.verify(LAN, headers=KEY)
    for token in (
        registry.issuer.token(client_id="national-portal"),
        registry.issuer.personal(LAN["number"]),
    ):
        other = await registry.verify(LAN, token, headers=KEY)
        assert other.status_code == 200
        assert other.content != first.content


async def test_race_of_repetitions(registry):
    """Eight times the same request at once: one answer, given eight times, logged once."""
    answers = await asyncio.gather(*(registry.verify(LAN, headers=KEY) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_stored_answer_is_sealed(registry):
    """The database holds neither the answer nor the key in clear."""
    answer = await registry.verify(LAN, headers=KEY)
    connection = await connect(registry.database_url)
    try:
        rows = await connection.fetch("SELECT * FROM idempotent_answer")
    finally:
        await connection.close()
    assert len(rows) == 1
    assert answer.json()["receipt"].encode()[:40] not in rows[0]["answer"]
    assert b"7b6f0d5c" not in rows[0]["key"]


@pytest.mark.parametrize("key", ["short", "a" * 200, "with space in it", "é" * 10])
async def test_key_of_another_form(registry, key):
    """A key that is no key is refused by name."""
    answer = await registry.verify(LAN, headers={"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["member"] == "Idempotency-Key"
