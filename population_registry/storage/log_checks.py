"""Checks the access log against its tree, and makes the proofs that others check (RFC 9162 section 2.1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from keys import KeyPurpose, KeyRing, VerificationFailed, merkle
from keys.merkle_nodes import WIDTH, Place, places, range_root
from population_registry.domain import AccessEntry
from population_registry.storage.connections import Connection
from population_registry.storage.history import COLUMNS, entry_of
from population_registry.storage.log_tree import HEAD_TYPE
from population_registry.verification.access_leaves import Pseudonym, leaf_of

_SEGMENTS: Final = "SELECT first, entries, leaves, first_xact, last_xact FROM access_segment "
_ROWS: Final = (
    f"SELECT {COLUMNS} FROM access_log WHERE written_in BETWEEN $1 AND $2 AND entry_id = ANY($3::uuid[])"  # noqa: S608 -- constants
)
_OWN: Final = f"SELECT {COLUMNS}, written_in FROM access_log WHERE entry_id = $1 AND subject_id = $2"  # noqa: S608 -- constants
_BEYOND: Final = (
    "SELECT count(*) FROM access_log WHERE (written_in, entry_id) <= ($1, $2) AND written_in <= $1"
)


class LogBroken(Exception):
    """The log is not what was signed: `what` is language-free, `place` the first place known to be wrong."""

    def __init__(self, what: str, place: int) -> None:
        super().__init__(f"{what} at {place}")
        self.what = what
        self.place = place


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: rows in the tree, heads over them, rows that wait for the next head."""

    rows: int
    heads: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log: its row, its place, the path to the root of the signed head."""

    entry: AccessEntry
    index: int
    size: int
    path: tuple[bytes, ...]
    head: str


async def check_log(
    connection: Connection, ring: KeyRing, issuer: str, pseudonym: Pseudonym, witnessed: Iterable[str] = ()
) -> Checked:
    """Recompute the tree over every row, against every head here and every head that a witness kept.

    Raises:
        LogBroken: at the first difference.
        asyncpg.PostgresError, OSError: the database refuses or cannot be reached.
    """
    heads = await connection.fetch(
        "SELECT size, signed, last_xact, last_entry FROM access_head ORDER BY size"
    )
    roots = {
        cast("int", size): _root(ring, issuer, str(signed), cast("int", size)) for size, signed, *_ in heads
    }
    for kept in witnessed:
        size, root = _signed(ring, issuer, kept, 0)
        if roots.setdefault(size, root) != root:
            raise LogBroken("another head was shown to a witness", size)
    frontier = merkle.Frontier()
    place = -1
    while segments := await connection.fetch(f"{_SEGMENTS} WHERE first > $1 ORDER BY first LIMIT 20", place):
        for segment in segments:
            place = await _check_segment(connection, cast("Any", segment), frontier, roots, pseudonym)
    last = max(roots, default=0)
    if frontier.size != last:
        raise LogBroken(
            "newest rows missing" if frontier.size < last else "rows beyond the head", frontier.size
        )
    everything = cast("int", await connection.fetchval("SELECT count(*) FROM access_log"))
    if heads:
        entered = cast("int", await connection.fetchval(_BEYOND, heads[-1][2], heads[-1][3]))
        if entered != last:
            raise LogBroken("rows slipped in", last)
    return Checked(last, len(heads), everything - last)


async def _check_segment(
    connection: Connection,
    segment: tuple[int, Sequence[UUID], bytes, int, int],
    frontier: merkle.Frontier,
    roots: Mapping[int, str],
    pseudonym: Pseudonym,
) -> int:
    first, ids, joined, first_xact, last_xact = segment
    if first != frontier.size:
        raise LogBroken("segment missing", frontier.size)
    rows = await connection.fetch(_ROWS, first_xact, last_xact, list(ids))
    entries = {entry.entry_id: entry for entry in map(entry_of, rows)}
    for number, entry_id in enumerate(ids):
        entry = entries.get(entry_id)
        if entry is None:
            raise LogBroken("row missing", first + number)
        leaf = leaf_of(entry, pseudonym)
        if leaf != joined[number * merkle.HASH_BYTES : (number + 1) * merkle.HASH_BYTES]:
            raise LogBroken("row changed", first + number)
        frontier.append(leaf)
        if frontier.size in roots and roots[frontier.size] != frontier.root().hex():
            raise LogBroken("rows changed before head", frontier.size)
    return first


def _root(ring: KeyRing, issuer: str, signed: str, size: int) -> str:
    said, root = _signed(ring, issuer, signed, size)
    if said != size:
        raise LogBroken("head moved", size)
    return root


def _signed(ring: KeyRing, issuer: str, signed: str, size: int) -> tuple[int, str]:
    try:
        claims = ring.public_keys(KeyPurpose.AUDIT_HEAD).verify(signed, algorithms=("ES256",), typ=HEAD_TYPE)
    except VerificationFailed as failure:
        raise LogBroken("head not signed by us", size) from failure
    if claims.get("iss") != issuer:
        raise LogBroken("head moved", size)
    return int(str(claims["tree_size"])), str(claims["root"])


async def newest_head(connection: Connection) -> tuple[int, str] | None:
    """Size and signed form of the newest head; None before the first."""
    rows = await connection.fetch("SELECT size, signed FROM access_head ORDER BY size DESC LIMIT 1")
    return cast("tuple[int, str]", tuple(rows[0])) if rows else None


async def prove_entry(connection: Connection, entry_id: UUID, subject_id: int) -> Proof | AccessEntry | None:
    """The proof of an entry about that person; the bare entry while no head covers it; None where there is none."""
    rows = await connection.fetch(_OWN, entry_id, subject_id)
    if not rows:
        return None
    *row, written_in = cast("list[object]", rows[0])
    head = await newest_head(connection)
    found = await connection.fetch(
        f"{_SEGMENTS} WHERE last_xact >= $1 AND first_xact <= $1 AND $2 = ANY(entries) LIMIT 1",
        written_in,
        entry_id,
    )
    if head is None or not found:
        return entry_of(row)
    first, ids, *_ = cast("tuple[int, list[UUID]]", tuple(found[0]))
    index, (size, signed) = first + ids.index(entry_id), head
    path = await _path(connection, merkle.inclusion_ranges(index, size))
    return Proof(entry_of(row), index, size, path, signed)


async def prove_growth(connection: Connection, old: int, new: int) -> tuple[bytes, ...] | None:
    """That the tree of `new` rows begins with the one of `old` rows; None where there are no such trees."""
    head = await newest_head(connection)
    if head is None or not 0 < old <= new <= head[0]:
        return None
    return await _path(connection, merkle.consistency_ranges(old, new))


async def _path(connection: Connection, ranges: list[tuple[int, int]]) -> tuple[bytes, ...]:
    wanted = {place for start, end in ranges for place in places(start, end)}
    kept: dict[Place, bytes] = {}
    nodes = [place for place in wanted if place[0]]
    levels, numbers = [level for level, _ in nodes], [number for _, number in nodes]
    for level, number, node in await connection.fetch(
        "SELECT level, number, hash FROM access_node JOIN unnest($1::smallint[], $2::bigint[]) AS w(level, number) "
        "USING (level, number)",
        *(levels, numbers),
    ):
        kept[cast("int", level), cast("int", number)] = cast("bytes", node)
    leaves = [number for level, number in wanted if not level]
    for first, joined in await connection.fetch(
        "SELECT s.first, s.leaves FROM (SELECT DISTINCT n - n % $2 AS block FROM unnest($1::bigint[]) AS n) AS b "
        "CROSS JOIN LATERAL (SELECT first, leaves FROM access_segment "
        "WHERE first > block - $2 AND first < block + $2 OFFSET 0) AS s",
        *(leaves, WIDTH),
    ):
        piece = cast("bytes", joined)
        for at in range(0, len(piece), merkle.HASH_BYTES):
            number = cast("int", first) + at // merkle.HASH_BYTES
            kept[0, number] = piece[at : at + merkle.HASH_BYTES]
    return tuple(range_root(start, end, kept) for start, end in ranges)
