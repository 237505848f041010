"""Ordering a batch once: Idempotency-Key on POST /v1/batches."""

from __future__ import annotations

import asyncio

import pytest

from population_registry.api import batch_ordering
from tests.registry_api.batches import insurer, order

pytestmark = pytest.mark.engine


async def test_an_order_repeated_makes_one_batch(registry):
    """Idempotency-Key: the same order again finds the same job; another order under the key is refused ."""
    bearer, key = insurer(registry), {"Idempotency-Key": "order-key-0001"}
    first = await registry.post("/v1/batches", order(), bearer, **key)
    again = await registry.post("/v1/batches", order(), insurer(registry), **key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    reused = await registry.post("/v1/batches", order(kind="verify"), bearer, **key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
    bad = await registry.post("/v1/batches", order(), bearer, **{"Idempotency-Key": "short"})
    assert (bad.status_code, bad.json()["member"]) == (400, "Idempotency-Key")


@pytest.mark.attack
async def test_orders_racing_under_one_key_make_one_batch(registry):
    """Of twenty orders at the same moment under one key one job is made, and all are answered with it."""
    orders = [
        registry.post("/v1/batches", order(), insurer(registry), **{"Idempotency-Key": "order-key-race"})
        for _ in range(20)
    ]
    answers = await asyncio.gather(*orders)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["batch_id"] for answer in answers}) == 1


async def test_too_many_open_batches_are_explained(registry, monkeypatch):
    """Who has too many that have not ended reads that, and not only to wait a moment; what there is of a kind too."""
    monkeypatch.setattr(batch_ordering, "MOST_OPEN", 0)
    for language, words in (("vi", "chưa kết thúc"), ("en", "have not ended")):
        spoken = {"Accept-Language": language}
        answer = await registry.post("/v1/batches", order(), insurer(registry), **spoken)
        assert (answer.status_code, answer.json()["reason"]) == (429, "open_batches")
        assert words in answer.json()["detail"]
    wrong = (await registry.post("/v1/batches", order(format="xlsx"), insurer(registry))).json()
    assert (wrong["member"], wrong["allowed"]) == ("format", ["csv", "ndjson"])
