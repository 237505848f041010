"""A million entries in the two logs of who looked at whom, through COPY into the databases of a running demo.

The provider's rows take their places behind the tail of its log as every batch does; the registry's say by themselves
in which transaction they were written. So both logs stay whole, and both services sign them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg

from benchmarks.ours import personas
from demo.place import Place
from population_registry.storage.connections import driver_url
from population_registry.storage.months import ready_months

SEED: Final = 38
YEAR: Final = timedelta(days=364)
QUARTER: Final = timedelta(days=92)
AT_ONCE: Final = 5_000  # rows of one transaction, as many as a batch of verifications writes
PATIENCE: Final = 600  # seconds until the last row is signed
IDP: Final = ("seq", "at", "kind", "account_id", "client_id", "grant_id", "acr", "claims", "reason")
REGISTRY: Final = (
    *("entry_id", "at", "subject_id", "client_id", "agency", "officer", "purpose", "procedure_code"),
    *("dossier_code", "fields", "outcome", "receipt_id", "correlation_id"),
)
FIELDS: Final = '{"name": "verified", "birth_date": "verified", "permanent_address": "released"}'
KINDS: Final = (("sign_in", ""), ("tokens_issued", ""), ("claims_released", "name birthdate personal_number"))
SERVICES: Final = ("residence-portal", "insurance-portal", "national-portal", "one-stop")
_LAST_SIGN_IN: Final = "SELECT account_id FROM audit_event WHERE kind = 'sign_in' ORDER BY seq DESC LIMIT 1"

Row = tuple[Any, ...]


async def fill(place: Place, entries: int, hunted: str, share: int) -> dict[str, float]:
    """Fill both logs up to ``entries``, half each; ``share`` of them about one persona, the rest about everybody.

    That persona must be who signed in last: whose account has which number is sealed. Logs that hold as many stay as
    they are. Returns the seconds that writing took, and until both logs were signed to their ends.
    """
    begun = time.perf_counter()
    registry = await asyncpg.connect(driver_url(place.database("registry")))
    idp = await asyncpg.connect(driver_url(place.database("idp")))
    try:
        if await registry.fetchval("SELECT count(*) FROM access_log") < entries // 2:
            await _fill_registry(registry, _number(place, hunted), entries // 2, share // 2)
        if await idp.fetchval("SELECT size FROM audit_tail") < entries // 2:
            await _fill_idp(idp, entries // 2, share // 2)
        written = time.perf_counter() - begun
        for connection in (registry, idp):
            await connection.execute("ANALYZE")
        await _signed(
            registry, "SELECT (SELECT max(size) FROM access_head) >= (SELECT count(*) FROM access_log)"
        )
        await _signed(idp, "SELECT (SELECT max(size) FROM audit_head) >= (SELECT size FROM audit_tail)")
    finally:
        await registry.close()
        await idp.close()
    return {"written_seconds": written, "signed_seconds": time.perf_counter() - begun}


def _number(place: Place, key: str) -> str:
    number: str = next(each["number"] for each in personas(place) if each["key"] == key)
    return number


def _whose(everybody: Sequence[Any], hunted: object, rows: int, share: int) -> Iterator[Any]:
    """Whom each row is about: the hunted one's lie evenly among those of the others."""
    every = max(1, rows // share) if share else rows + 1
    for place in range(rows):
        yield hunted if place % every == 0 else everybody[place % len(everybody)]


async def _fill_registry(connection: asyncpg.Connection[Any], hunted: str, rows: int, share: int) -> None:
    now, random = datetime.now(UTC), Random(SEED)
    for ago in range(4, -1, -1):
        await ready_months(connection, now - ago * QUARTER)
    subject = await connection.fetchval("SELECT person_id FROM person WHERE personal_number = $1", hunted)
    everybody = [row[0] for row in await connection.fetch("SELECT person_id FROM person")]

    def made() -> Iterator[Row]:
        for place, about in enumerate(_whose(everybody, subject, rows, share)):
            at = now - YEAR * (1 - place / rows) - timedelta(seconds=60)
            dossier = f"G01.899.05-2611{place % 28 + 1:02}-{place % 1_000_000:06}"
            officer = f"CA-00166-{place % 90:03}" if place % 3 else None
            yield (
                *(
                    UUID(int=random.getrandbits(128), version=4),
                    at,
                    about,
                    SERVICES[place % 4],
                    "G01",
                    officer,
                ),
                *("Thẩm định hồ sơ đăng ký tạm trú", "1.004194", dossier, FIELDS, "answered", None),
                f"benchmark-{place}",
            )

    coming = made()
    while piece := list(islice(coming, AT_ONCE)):
        await connection.copy_records_to_table("access_log", records=piece, columns=REGISTRY)


async def _fill_idp(connection: asyncpg.Connection[Any], rows: int, share: int) -> None:
    now = int(time.time() * 1000) - 60_000
    year = int(YEAR.total_seconds() * 1000)
    account = await connection.fetchval(_LAST_SIGN_IN)
    known = await connection.fetch("SELECT account_id FROM account")
    everybody = [row[0] for row in known] + [f"benchmark-{number}" for number in range(10_000)]

    async with connection.transaction():
        base = await connection.fetchval("UPDATE audit_tail SET size = size + $1 RETURNING size - $1", rows)

        def made() -> Iterator[Row]:
            for place, about in enumerate(_whose(everybody, account, rows, share)):
                kind, claims = KINDS[place % 3]
                at = now - year + year * place // rows
                yield (base + place, at, kind, about, SERVICES[place % 4], None, "urn:vn:acr:2", claims, None)

        await connection.copy_records_to_table("audit_event", records=made(), columns=IDP)


async def _signed(connection: asyncpg.Connection[Any], question: str) -> None:
    """Wait until the service has signed its log to the end, so that this work is not measured with the pages."""
    async with asyncio.timeout(PATIENCE):
        while not await connection.fetchval(question):
            await connection.execute("SELECT pg_sleep(1)")
