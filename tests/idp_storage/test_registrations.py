"""Rows of clients that register themselves: what they change, and what ends with them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from idp.domain.client import Client, PartyKind
from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.needs import Needs
from idp.domain.writes import DeleteClient, RememberConsent, SaveClient
from idp.storage import Storage
from tests.idp_storage.samples import ACCOUNT, commit
from tests.idp_storage.test_writes_of_grants import born

HASH = hashlib.sha256(b"token").digest()
SHOP = Client(
    *("self-registered", "Cửa hàng", "Shop", PartyKind.PRIVATE, ("https://shop.example/callback",)),
    registration_token_hash=HASH,
)


@pytest.mark.attack
async def test_a_grant_lives_no_longer_than_its_client(storage: Storage) -> None:
    """RFC 7592 section 2.3: with the client its grants, tokens and consents are gone; disabled, they rest."""
    assert await commit(storage, SaveClient(SHOP)) == Committed()
    await commit(storage, RememberConsent(ACCOUNT, SHOP.client_id, frozenset({"profile"})))
    grant_id, _ = await born(storage, client_id=SHOP.client_id)

    async def alive() -> bool:
        return (await storage.loading.load(Needs(grant_id=grant_id))).grant is not None

    async def consented() -> bool:
        account = (await storage.loading.load(Needs(account_id=ACCOUNT))).account
        assert account is not None
        return SHOP.client_id in account.consents

    assert await alive()
    assert await consented()
    await storage.clients.save(replace(SHOP, disabled=True))
    assert not await alive()
    await storage.clients.save(SHOP)
    assert await alive()
    await commit(storage, DeleteClient(SHOP.client_id, HASH))
    assert not await alive()


@pytest.mark.attack
async def test_a_row_changes_only_as_it_was_decided(storage: Storage) -> None:
    """Keycloak CVE-2026-9705: another token, a disabled client, one that is gone or there already is a conflict."""
    shop = replace(SHOP, client_id="another-shop")

    async def tried(write: SaveClient | DeleteClient) -> bool:
        result = await storage.committing.commit(Decision(None, (write,)))
        assert isinstance(result, Committed | Conflict)
        return isinstance(result, Committed)

    other = b"another hash of thirty-two bytes"
    assert not await tried(SaveClient(shop, replaces=HASH))
    assert await tried(SaveClient(shop))
    assert not await tried(SaveClient(shop))
    assert not await tried(SaveClient(shop, replaces=other))
    assert not await tried(DeleteClient(shop.client_id, other))
    assert await tried(SaveClient(replace(shop, name_en="New"), replaces=HASH))
    await storage.clients.save(replace(shop, disabled=True))
    assert not await tried(SaveClient(shop, replaces=HASH))
    assert not await tried(DeleteClient(shop.client_id, HASH))
    client = (await storage.loading.load(Needs(client_id=shop.client_id))).client
    assert client is not None
    assert client.disabled
