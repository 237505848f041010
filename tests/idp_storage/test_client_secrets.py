"""Secrets that clients compute with: recoverable, sealed, bound to their client."""

from __future__ import annotations

from dataclasses import replace

import asyncpg
import pytest

from idp.domain.client import Client, PartyKind
from idp.domain.needs import Needs
from idp.storage import Storage
from idp.storage.postgres.engine import plain_dsn
from tests.idp_storage.samples import CLIENT

SECRET = b"a shared secret of at least 32 bytes"
SHARING = Client(
    *("sharing-portal", "C\u1ed5ng", "Portal", PartyKind.PRIVATE, ("https://portal.example/callback",)),
    token_endpoint_auth_method="client_secret_jwt",
    shared_secret=SECRET,
)


@pytest.mark.attack
async def test_a_shared_secret_is_sealed_and_opens_for_its_own_client_only(
    storage: Storage, idp_database: str
) -> None:
    """Attack 31 (CVE-2026-40166): OIDC Core section 9 needs the secret; the database alone does not give it away.

    Moved to another client's row it authenticates nobody.
    """
    other = replace(SHARING, client_id="other-portal", shared_secret=None)
    await storage.clients.save(SHARING)
    await storage.clients.save(other)
    found = (await storage.loading.load(Needs(client_id=SHARING.client_id))).client
    assert found == SHARING
    assert repr(SECRET) not in repr(found)
    assert (await storage.loading.load(Needs(client_id=CLIENT))).client.shared_secret is None
    connection = await asyncpg.connect(plain_dsn(idp_database))
    try:
        rows = await connection.fetch("SELECT client_id, sealed_secret, client::text AS whole FROM client")
        assert all(SECRET not in (row["sealed_secret"] or b"") for row in rows)
        assert all(SECRET.decode() not in row["whole"] and SECRET.hex() not in row["whole"] for row in rows)
        assert {row["client_id"] for row in rows if row["sealed_secret"]} == {SHARING.client_id}
        sealed = next(row["sealed_secret"] for row in rows if row["sealed_secret"])
        await connection.execute(
            "UPDATE client SET sealed_secret = $1 WHERE client_id = 'other-portal'", sealed
        )
    finally:
        await connection.close()
    await storage.clients.save(replace(SHARING, client_id="a-turn-of-the-version"))
    assert (await storage.loading.load(Needs(client_id="other-portal"))).client.shared_secret is None
