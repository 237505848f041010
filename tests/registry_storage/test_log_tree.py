"""The access log is a Merkle tree with signed heads: whoever changes it behind our back is found (attacks.md 54)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from keys import KeyPurpose, KeyRing, merkle
from population_registry.domain import AccessEntry, AccessRecord, FieldUse
from population_registry.storage import Pool, migrate, open_pool, record_access
from population_registry.storage.connections import driver_url
from population_registry.storage.log_checks import (
    Checked,
    LogBroken,
    Proof,
    check_log,
    newest_head,
    prove_entry,
    prove_growth,
)
from population_registry.storage.log_tree import LogMoved, LogTree
from population_registry.verification.access_leaves import leaf_of, leaf_text
from tests.engines import MakeDatabase
from tests.registry_storage.conftest import november_has_its_partition

pytestmark = pytest.mark.engine
ISSUER = "https://registry.example"
AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
SUBJECT = 42


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The registry's keys."""
    return KeyRing.create(tmp_path_factory.mktemp("log-keys") / "registry", profile="registry", mode="demo")


@pytest.fixture(scope="session")
async def template_url(make_database: MakeDatabase) -> str:
    """A migrated database, to be copied."""
    url = await make_database("log_template")
    await migrate(url)
    await november_has_its_partition(url)
    return url


@pytest.fixture
async def log_url(template_url: str, postgres_server: str) -> str:
    """A database with an empty log of its own."""
    name = f"test_log_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(driver_url(postgres_server))
    await connection.execute(
        f'CREATE DATABASE "{name}" TEMPLATE "{template_url.rsplit("/", maxsplit=1)[-1].split("?", maxsplit=1)[0]}"'
    )
    await connection.close()
    return template_url.replace(template_url.split("/")[3].split("?", maxsplit=1)[0], name, 1)


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[Pool]:
    """A pool on it."""
    pool = await open_pool(log_url)
    yield pool
    await pool.close()


@pytest.fixture
def tree(ring: KeyRing) -> LogTree:
    """The tree of the log."""
    return LogTree(ring, ISSUER, lambda: AT)


@pytest.fixture
async def intruder(log_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with all rights on the database, but not on the keys."""
    connection = await asyncpg.connect(driver_url(log_url))
    yield connection
    await connection.close()


def entry(minute: int = 0, subject: int | None = SUBJECT) -> AccessEntry:
    """One row."""
    return AccessEntry(
        *(
            uuid.uuid4(),
            AT + timedelta(minutes=minute),
            subject,
            "portal",
            "agency",
            "CA-1",
            "purpose",
            "1.004194",
        ),
        *("D-1", {"name": FieldUse.VERIFIED, "address": FieldUse.RELEASED}, "established", None, "request"),
    )


async def write(pool: Pool, count: int) -> list[AccessEntry]:
    """Write so many rows in as many transactions."""
    entries = [entry(minute) for minute in range(count)]
    for each in entries:
        await record_access(pool, [AccessRecord(each)])
    return entries


async def settled(pool: Pool) -> None:
    """Wait until every transaction that began before now is over, one of another database of this server too.

    Heads wait for all of them, and a neighbour's (PostgreSQL's own upkeep, a registry of another test) may be one.
    """
    begun = await pool.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    async with asyncio.timeout(300):
        while await pool.fetchval(  # noqa: ASYNC110 - other processes' transactions
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint < $1", begun
        ):
            await asyncio.sleep(0.01)


async def grown(log: Pool, tree: LogTree) -> int | None:
    """The size of the head over everything that was written until now."""
    await settled(log)
    return await tree.grow(log)


async def checked(log: Pool, ring: KeyRing, tree: LogTree, *witnessed: str) -> Checked:
    """The whole log, checked."""
    return await check_log(log, ring, ISSUER, tree.pseudonym, witnessed)


async def test_an_honest_log_is_found_whole(log: Pool, ring: KeyRing, tree: LogTree) -> None:
    """Every row counted, every head checked, rows since the last head told apart."""
    assert await grown(log, tree) is None
    await write(log, 5)
    assert await grown(log, tree) == 5
    assert await grown(log, tree) is None
    await write(log, 2)
    assert await checked(log, ring, tree) == Checked(rows=5, heads=1, waiting=2)
    assert await grown(log, tree) == 7
    assert await checked(log, ring, tree) == Checked(rows=7, heads=2, waiting=0)


async def test_rows_of_one_statement_and_many_heads(log: Pool, ring: KeyRing, tree: LogTree) -> None:
    """Group commits of any size, across the limits of segments and subtrees."""
    for size in (1, 300, 255, 1, 700):
        await record_access(log, [AccessRecord(entry()) for _ in range(size)])
        await grown(log, tree)
    assert await checked(log, ring, tree) == Checked(rows=1257, heads=5, waiting=0)


@pytest.mark.attack
async def test_a_row_that_commits_late_is_not_passed_over(
    log: Pool, ring: KeyRing, tree: LogTree, intruder: asyncpg.Connection
) -> None:
    """A writer that began before and ends after a head: the head waits below it, and nothing is left out."""
    transaction = intruder.transaction()
    await transaction.start()
    late = entry()
    await record_access(intruder, [AccessRecord(late)])
    await write(log, 3)
    assert await tree.grow(log) is None
    await transaction.commit()
    assert await grown(log, tree) == 4
    assert (await checked(log, ring, tree)).rows == 4


async def test_several_processes_grow_one_tree(log: Pool, ring: KeyRing, tree: LogTree) -> None:
    """Writers and four growers at once: one order, no row twice, no row lost."""

    async def growing() -> None:
        for _ in range(5):
            await tree.grow(log)

    await asyncio.gather(*(growing() for _ in range(4)), *(write(log, 15) for _ in range(3)))
    await grown(log, tree)
    assert (await checked(log, ring, tree)).rows == 45


@pytest.mark.attack
@pytest.mark.parametrize("table", ["access_segment", "access_node", "access_head"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {}={}", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize("role", ["origin", "replica"])
async def test_the_tree_is_append_only(
    log: Pool, tree: LogTree, intruder: asyncpg.Connection, table: str, act: str, role: str
) -> None:
    """Mistakes of our own are refused by the database."""
    await record_access(log, [AccessRecord(entry()) for _ in range(300)])
    await grown(log, tree)
    column = {"access_segment": "first", "access_node": "number", "access_head": "size"}[table]
    await intruder.execute(f"SET session_replication_role = {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await intruder.execute(act.format(table, column, column))


async def tamper(intruder: asyncpg.Connection, *statements: str) -> None:
    """Switch the triggers off and change things."""
    for table in ("access_log", "access_segment", "access_node", "access_head"):
        await intruder.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        await intruder.execute(statement)


NEWEST = "(SELECT entry_id FROM access_log ORDER BY at DESC LIMIT 1)"
OLDEST = "(SELECT entry_id FROM access_log ORDER BY at LIMIT 1)"

SLIP_IN = (
    "INSERT INTO access_log SELECT gen_random_uuid(), at, subject_id, client_id, agency, officer, purpose, "
    "procedure_code, dossier_code, fields, outcome, receipt_id, correlation_id, 3 FROM access_log LIMIT 1"
)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"DELETE FROM access_log WHERE entry_id = {NEWEST}", "row missing"),
        (f"DELETE FROM access_log WHERE entry_id = {OLDEST}", "row missing"),
        ("DROP TABLE access_log_2026_11", "row missing"),
        (f"UPDATE access_log SET subject_id = 43 WHERE entry_id = {OLDEST}", "row changed"),
        (f"UPDATE access_log SET officer = 'CA-2' WHERE entry_id = {OLDEST}", "row changed"),
        (f"UPDATE access_log SET at = at - interval '1 us' WHERE entry_id = {NEWEST}", "row changed"),
        ('UPDATE access_log SET fields = \'{"name": "verified"}\'', "row changed"),
        (f"UPDATE access_log SET written_in = 1 WHERE entry_id = {OLDEST}", "row missing"),
        ("DELETE FROM access_segment", "newest rows missing"),
        ("DELETE FROM access_segment WHERE first = 0", "segment missing"),
        ("UPDATE access_head SET size = size - 1", "head moved"),
        ("UPDATE access_head SET signed = 'x' || signed", "head not signed by us"),
        (
            SLIP_IN,
            "rows slipped in",
        ),
    ],
)
async def test_tampering_is_found(
    log: Pool, ring: KeyRing, tree: LogTree, intruder: asyncpg.Connection, statement: str, what: str
) -> None:
    """Rows removed, changed, given to somebody else, added late; segments and heads removed, moved or forged."""
    await write(log, 3)
    await grown(log, tree)
    await write(log, 2)
    await grown(log, tree)
    await tamper(intruder, statement)
    with pytest.raises(LogBroken, match=what):
        await checked(log, ring, tree)


@pytest.mark.attack
async def test_a_rewritten_tree_is_found_by_a_witness(
    log: Pool, ring: KeyRing, tree: LogTree, intruder: asyncpg.Connection
) -> None:
    """mobula#59: who removes the newest rows with segments and heads leaves a tree that is whole and signed.

    Only somebody outside who kept a head can tell; so heads are public.
    """
    await write(log, 3)
    await grown(log, tree)
    await write(log, 2)
    await grown(log, tree)
    head = await newest_head(log)
    assert head is not None
    await tamper(
        intruder,
        "DELETE FROM access_log WHERE entry_id IN (SELECT unnest(entries) FROM access_segment WHERE first >= 3)",
        "DELETE FROM access_segment WHERE first >= 3",
        "DELETE FROM access_head WHERE size > 3",
    )
    assert (await checked(log, ring, tree)).rows == 3
    with pytest.raises(LogBroken, match="newest rows missing"):
        await checked(log, ring, tree, head[1])
    await write(log, 2)
    await grown(log, tree)
    with pytest.raises(LogBroken, match="another head was shown to a witness"):
        await checked(log, ring, tree, head[1])


async def test_a_person_can_prove_that_an_entry_is_in_the_log(
    log: Pool, ring: KeyRing, tree: LogTree
) -> None:
    """RFC 9162 section 2.1.3: from the text of the row, by the path, to the root of the signed head."""
    await record_access(log, [AccessRecord(entry(number)) for number in range(600)])
    await grown(log, tree)
    (mine,) = await write(log, 1)
    assert await prove_entry(log, mine.entry_id, SUBJECT) == mine
    await grown(log, tree)
    await record_access(log, [AccessRecord(entry(number)) for number in range(100)])
    await grown(log, tree)
    proof = await prove_entry(log, mine.entry_id, SUBJECT)
    assert isinstance(proof, Proof)
    claims = ring.public_keys(KeyPurpose.AUDIT_HEAD).verify(
        proof.head, algorithms=("ES256",), typ="audit-head+jwt"
    )
    assert claims["tree_size"] == proof.size == 701
    leaf = merkle.leaf_hash(leaf_text(proof.entry, tree.pseudonym))
    merkle.verify_inclusion(leaf, proof.index, proof.size, proof.path, bytes.fromhex(str(claims["root"])))
    assert await prove_entry(log, mine.entry_id, SUBJECT + 1) is None


async def test_a_witness_follows_the_growth(log: Pool, tree: LogTree) -> None:
    """Section 2.1.4: between any two heads there is a proof that nothing was taken back."""
    roots = {}
    for count in (3, 400, 90, 1):
        await record_access(log, [AccessRecord(entry()) for _ in range(count)])
        size = await grown(log, tree)
        roots[size] = await log.fetchval("SELECT root FROM access_head WHERE size = $1", size)
    sizes = sorted(roots)
    for old in sizes:
        for new in sizes:
            proof = await prove_growth(log, old, new)
            if old > new:
                assert proof is None
            else:
                assert proof is not None
                merkle.verify_consistency(old, new, roots[old], roots[new], proof)
    assert await prove_growth(log, 0, 3) is None
    assert await prove_growth(log, 3, 10_000) is None


@pytest.mark.attack
async def test_leaves_of_one_person_have_nothing_in_common(tree: LogTree) -> None:
    """attacks.md 51: the subject's pseudonym is another one in each row, and the leaf still binds the subject."""
    first, second = entry(), entry()
    assert tree.pseudonym(f"{first.entry_id} 42") != tree.pseudonym(f"{second.entry_id} 42")
    assert b'"subject":"42"' not in leaf_text(first, tree.pseudonym)
    moved = AccessEntry(**{name: getattr(first, name) for name in first.__slots__} | {"subject_id": 43})
    assert leaf_of(moved, tree.pseudonym) != leaf_of(first, tree.pseudonym)


async def test_a_restored_copy_is_not_grown_by_itself(
    log: Pool, tree: LogTree, intruder: asyncpg.Connection
) -> None:
    """Transactions count anew in another cluster: the tree stops and says so, rather than passing rows over."""
    await write(log, 1)
    await grown(log, tree)
    await tamper(intruder, "UPDATE access_head SET cluster = 1")
    with pytest.raises(LogMoved):
        await tree.grow(log)
