"""Withdrawal of receipts, from the answer to the operator's command to the published list."""

from __future__ import annotations

import asyncio
import contextlib
import io

import asyncpg
import pytest
from jose import jwt

from clients.receipts import ReceiptChecker, ReceiptRefused
from population_registry.__main__ import main
from population_registry.api.status_lists import StatusPositions
from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, REGISTRY

pytestmark = pytest.mark.engine


async def command(*arguments):
    """Run a command of the registry beside the service; answers exit code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = await asyncio.to_thread(main, list(map(str, arguments)))
    return code, out.getvalue() + err.getvalue()


async def withdraw(registry, receipt_id, reason="data_corrected"):
    """As an operator."""
    place = ("--database", registry.database_url)
    return await command(
        *place, "receipts", "withdraw", receipt_id, "--reason", reason, "--by", "CA-00166-017"
    )


async def held(registry, receipt, listed):
    """What the offline checker says with that list, at the time of the test's clock."""
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    checker = ReceiptChecker(jwks, issuer=REGISTRY, lists=[listed], clock=registry.clock.timestamp)
    try:
        checker.check(receipt)
    except ReceiptRefused as refused:
        return refused.code
    return "holds"


async def test_a_receipt_is_withdrawn(registry):
    """Before: its bit is 0. After the operator's command: 1 in the signed list; other receipts keep holding."""
    one, other = [(await registry.verify(LAN)).json()["receipt"] for _ in range(2)]
    claims = jwt.get_unverified_claims(one)
    reference = claims["status"]["status_list"]
    before = await registry.http.get(reference["uri"])
    assert before.headers["Content-Type"] == "application/statuslist+jwt"
    assert before.headers["Cache-Control"] == "public, max-age=300"
    assert jwt.get_unverified_header(before.text)["typ"] == "statuslist+jwt"
    assert await held(registry, one, before.text) == "holds"
    assert await withdraw(registry, claims["jti"]) == (0, f"withdrawn {claims['jti']}\n")
    registry.clock.advance(seconds=20)
    after = await registry.http.get(reference["uri"])
    assert await held(registry, one, after.text) == "withdrawn"
    assert await held(registry, other, after.text) == "holds"


async def test_a_withdrawal_is_written_down(registry):
    """The person reads in their log who withdrew it; repeating the command changes nothing."""
    receipt = (await registry.verify(LAN, dossier_code="G01.899.05-261121-030001")).json()["receipt"]
    jti = jwt.get_unverified_claims(receipt)["jti"]
    await withdraw(registry, jti)
    assert await withdraw(registry, jti, "misuse") == (0, f"already_withdrawn {jti}\n")
    connection = await connect(registry.database_url)
    try:
        rows = await connection.fetch("SELECT * FROM access_log WHERE receipt_id = $1 ORDER BY at", jti)
        kept = await connection.fetch("SELECT * FROM receipt_withdrawal WHERE receipt_id = $1", jti)
    finally:
        await connection.close()
    outcomes = {row["outcome"]: row for row in rows}
    assert len(rows) == 2
    log = outcomes["receipt_withdrawn"]
    assert (log["officer"], log["dossier_code"]) == ("CA-00166-017", "G01.899.05-261121-030001")
    assert log["subject_id"] == outcomes["established"]["subject_id"]
    assert log["correlation_id"] == "withdrawal:data_corrected"
    assert [(row["reason"], row["withdrawn_by"]) for row in kept] == [("data_corrected", "CA-00166-017")]


@pytest.mark.attack
@pytest.mark.parametrize("statement", ["DELETE FROM", "UPDATE", "TRUNCATE"])
async def test_a_withdrawal_cannot_be_taken_back(registry, statement):
    """The table refuses change, deletion and emptying: nobody makes a withdrawn receipt hold again."""
    receipt = (await registry.verify(LAN)).json()["receipt"]
    await withdraw(registry, jwt.get_unverified_claims(receipt)["jti"])
    connection = await connect(registry.database_url)
    tail = " SET reason = 'x'" if statement == "UPDATE" else ""
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"{statement} receipt_withdrawal{tail}")
    finally:
        await connection.close()


async def test_mistakes_of_the_operator_are_sentences(registry):
    """An unknown receipt is told in words with exit code 2; nothing is written."""
    code, said = await withdraw(registry, "00000000-0000-0000-0000-00000000dead")
    assert code == 2
    assert "no receipt" in said


async def test_lists_that_no_receipt_names_are_not_there(registry):
    """404 beyond the lists in use, so that nobody makes the registry build them."""
    assert (await registry.http.get("/v1/status/4000")).status_code == 404
    assert (await registry.http.get("/v1/status/-1")).status_code == 422
    assert (await registry.http.get("/v1/status/99999999999999999999")).status_code == 422


async def test_a_flood_of_readers_costs_one_list(registry):
    """Within twenty seconds the same bytes are given out."""
    await registry.verify(LAN)
    first, again = [(await registry.http.get("/v1/status/0")).text for _ in range(2)]
    assert first == again


@pytest.mark.attack
async def test_no_place_is_given_twice(registry):
    """Positions of several processes that race are all different, and neighbours in time are none in place."""
    await registry.verify(LAN)
    processes = [StatusPositions() for _ in range(4)]
    database = registry.app.state.service.answering.database
    taken = await asyncio.gather(*(each.take(database) for each in processes for _ in range(300)))
    assert len(set(taken)) == len(taken) == 1200
    assert sorted(taken[:256]) != taken[:256]


async def test_the_list_names_nobody(registry):
    """The token holds addresses, times and bits only."""
    await registry.verify(LAN)
    claims = jwt.get_unverified_claims((await registry.http.get("/v1/status/0")).text)
    assert claims.keys() == {"iss", "sub", "iat", "exp", "ttl", "status_list"}
    assert claims["status_list"].keys() == {"bits", "lst"}
