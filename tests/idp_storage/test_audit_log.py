"""The audit log is append-only, and whoever changes it behind its back is found by ``audit-verify``."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from idp.domain.audit import AuditEvent, AuditKind
from idp.storage import Storage
from idp.storage.audit_heads import AuditBroken, AuditHeads
from idp.storage.postgres.audit_log import READ, leaf
from idp.storage.postgres.engine import plain_dsn
from keys import KeyRing, merkle
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import ACCOUNT, CLIENT, commit

ISSUER = "https://idp.example"


@pytest.fixture
async def storage(opening: OpenStorage, fresh_database: str) -> Storage:
    """Storage with an audit log of its own."""
    return await opening(database_url=fresh_database)


@pytest.fixture
async def heads(storage: Storage, ring: KeyRing) -> AuditHeads:
    """Heads over seven events, signed after five."""
    heads = AuditHeads(storage.engine, ring, issuer=ISSUER)
    await note(storage, 5)
    assert await heads.sign() == 5
    await note(storage, 2)
    return heads


async def note(storage: Storage, count: int) -> None:
    """Write so many events."""
    for place in range(count):
        event = AuditEvent(
            AuditKind.CLAIMS_RELEASED, ACCOUNT, CLIENT, None, None, ("name", "pid"), str(place)
        )
        await commit(storage, audit=(event,))


@pytest.fixture
async def intruder(fresh_database: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with all rights on the database, but not on the key."""
    connection = await asyncpg.connect(plain_dsn(fresh_database))
    yield connection
    await connection.close()


async def tamper(intruder: asyncpg.Connection, *statements: str) -> None:
    """Switch the trigger off and change the log."""
    await intruder.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
    await intruder.execute("ALTER TABLE audit_head DISABLE TRIGGER USER")
    for statement in statements:
        await intruder.execute(statement)


async def test_an_honest_log_is_found_whole(heads: AuditHeads) -> None:
    """RFC 9162 section 2.1: every row counted, every head checked."""
    found = await heads.verify()
    assert (found.rows, found.heads, found.unsigned) == (7, 1, 2)
    assert await heads.sign() == 7
    assert await heads.sign() is None
    found = await heads.verify()
    assert (found.rows, found.heads, found.unsigned) == (7, 2, 0)


@pytest.mark.parametrize("table", ["audit_event", "audit_head"])
@pytest.mark.parametrize(
    "act", ["UPDATE {} SET {} = {}", "DELETE FROM {0}", "TRUNCATE {0}"], ids=["update", "delete", "truncate"]
)
async def test_the_tables_are_append_only(
    heads: AuditHeads, intruder: asyncpg.Connection, table: str, act: str
) -> None:
    """The application's own mistakes are refused by the database."""
    column = "seq" if table == "audit_event" else "size"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await intruder.execute(act.format(table, column, column))


@pytest.mark.attack
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE audit_event SET reason = 'other' WHERE seq = 2", "row changed before head"),
        ("UPDATE audit_event SET at = at + 1 WHERE seq = 0", "row changed before head"),
        ("UPDATE audit_event SET claims = 'name' WHERE seq = 4", "row changed before head"),
        ("DELETE FROM audit_event WHERE seq = 6", "newest rows missing"),
        ("DELETE FROM audit_event WHERE seq = 1", "row missing"),
        (
            "UPDATE audit_event SET seq = CASE seq WHEN 1 THEN 102 ELSE 101 END WHERE seq IN (1, 2)",
            "row missing",
        ),
        ("UPDATE audit_head SET size = 4", "head moved"),
        ("UPDATE audit_head SET signed = 'x' || signed", "head not signed by us"),
    ],
)
async def test_tampering_is_found(
    heads: AuditHeads, intruder: asyncpg.Connection, statement: str, what: str
) -> None:
    """mobula#59 and its like: changed, removed and moved rows, and heads that are not ours."""
    await tamper(intruder, statement)
    with pytest.raises(AuditBroken, match=what):
        await heads.verify()


@pytest.mark.attack
async def test_rows_put_in_another_order_are_found(heads: AuditHeads, intruder: asyncpg.Connection) -> None:
    """The index is part of the leaf, and the leaf's place part of the root: swapping two rows changes both."""
    await tamper(
        intruder,
        "UPDATE audit_event SET seq = seq + 1000 WHERE seq IN (1, 2)",
        "UPDATE audit_event SET seq = CASE seq WHEN 1001 THEN 2 ELSE 1 END WHERE seq > 1000",
    )
    with pytest.raises(AuditBroken, match="row changed before head"):
        await heads.verify()


@pytest.mark.attack
async def test_newest_signed_rows_removed_with_the_count_are_found(
    heads: AuditHeads, intruder: asyncpg.Connection
) -> None:
    """Attack 54: Who deletes the newest rows and repairs the count still has the signed head against them."""
    await heads.sign()
    await tamper(intruder, "DELETE FROM audit_event WHERE seq >= 5", "UPDATE audit_tail SET size = 5")
    with pytest.raises(AuditBroken, match="newest rows missing"):
        await heads.verify()


async def test_no_head_is_signed_over_a_hole(heads: AuditHeads, intruder: asyncpg.Connection) -> None:
    """A signature never blesses a log that misses rows."""
    await tamper(intruder, "DELETE FROM audit_event WHERE seq = 5")
    with pytest.raises(AuditBroken, match="row missing"):
        await heads.sign()


async def test_a_person_can_prove_that_an_entry_is_in_the_log(
    heads: AuditHeads, intruder: asyncpg.Connection
) -> None:
    """RFC 9162 section 2.1.3: an inclusion proof for one row leads to the signed root."""
    await heads.sign()
    leaves = [leaf(record) for record in await intruder.fetch(READ, 0, 7)]
    root = await intruder.fetchval("SELECT root FROM audit_head ORDER BY size DESC LIMIT 1")
    merkle.verify_inclusion(leaves[3], 3, 7, merkle.inclusion_proof(leaves, 3), root)
