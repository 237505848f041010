"""The hot path answers questions before the framework; what it answers looks like everything else of the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import orjson
import pytest

from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, Registry, question
from web.at_once import AT_ONCE

pytestmark = pytest.mark.engine
PATH = "/v1/verifications"
OF_EVERY_ANSWER = {
    "x-content-type-options",
    "referrer-policy",
    "content-security-policy",
    "cache-control",
    "x-request-id",
    "x-fapi-interaction-id",
}


async def at_once(registry: Registry, body: bytes, headers: list[tuple[bytes, bytes]]) -> list[Any]:
    """One question over a server that takes answers in one piece; what it was given to write."""
    written: list[Any] = []

    def take(status: int, fields: bytes, content: bytes) -> bool:
        written.extend([status, fields, content])
        return True

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    token = registry.issuer.token().encode()
    scope = {
        "type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
        "headers": [
            (b"authorization", b"Bearer " + token), (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)), *headers,
        ],
        AT_ONCE: take,
    }  # a table, read by rows  # fmt: skip
    await registry.app(scope, receive, send)
    return written


async def test_an_answer_in_one_piece_has_every_header(registry: Registry) -> None:
    """Safe headers, Date (FAPI 1.0 6.2.1 point 10), the caller's interaction id, the length of what follows."""
    interaction = str(uuid4()).encode()
    status, fields, body = await at_once(
        registry, orjson.dumps(question(LAN)), [(b"x-fapi-interaction-id", interaction)]
    )
    found = dict(line.split(b": ", 1) for line in fields.removesuffix(b"\r\n").split(b"\r\n"))
    assert status == 200
    assert {name.decode() for name in found} == OF_EVERY_ANSWER | {"content-type", "date", "content-length"}
    assert found[b"x-fapi-interaction-id"] == interaction
    assert int(found[b"content-length"]) == len(body)
    assert orjson.loads(body)["identity"] == "established"


async def test_its_number_is_in_the_access_log(registry: Registry) -> None:
    """X-Request-Id of the answer is the correlation of the row, so a question can be traced to its request."""
    answer = await registry.verify(LAN)
    connection = await connect(registry.database_url)
    rows = await connection.fetchval(
        "SELECT count(*) FROM access_log WHERE correlation_id = $1", answer.headers["x-request-id"]
    )
    await connection.close()
    assert rows == 1


async def test_refusals_look_the_same_on_both_ways(registry: Registry) -> None:
    """A body without a declared length goes the long way: same answer, same refusal, same headers."""

    async def pieces(content: bytes) -> AsyncIterator[bytes]:
        yield content

    headers = {"Authorization": f"Bearer {registry.issuer.token()}", "Content-Type": "application/json"}
    for body, status in ((question(LAN), 200), (question(LAN) | {"claims": {"shoe": 44}}, 400)):
        content = orjson.dumps(body)
        short = await registry.http.post(PATH, content=content, headers=headers)
        long = await registry.http.post(PATH, content=pieces(content), headers=headers)
        assert (short.status_code, long.status_code) == (status, status)
        assert set(short.headers) >= OF_EVERY_ANSWER
        assert set(short.headers) == set(long.headers)
        assert short.json().keys() == long.json().keys()


@pytest.mark.attack
@pytest.mark.parametrize("length", ["65537", "99999999999999999999", "-1", "x"])
async def test_a_lying_length_is_refused_unread(registry: Registry, length: str) -> None:
    """A body that says it is too long, or says nonsense, is not read (RFC 9110 15.5.14)."""
    headers = {"Authorization": f"Bearer {registry.issuer.token()}", "Content-Type": "application/json"}
    answer = await registry.http.post(PATH, content=b"{}", headers=headers | {"Content-Length": length})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_a_mistake_of_ours_stays_a_fixed_sentence(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw in the hot path becomes the one 500 of every service, with a reference."""

    async def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(registry.app.state.service.answering.trips, "load", broken)
    answer = await registry.verify(LAN)
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "secret" not in answer.text
    assert answer.json()["instance"] == answer.headers["x-request-id"]
