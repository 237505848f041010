"""A delegated grant lives no longer than what it was made of (RFC 8693, decision 0016)."""

from __future__ import annotations

import asyncio

import pytest

from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs
from idp.domain.writes import CreateGrant, KillGrant, KillGrantsOf, RevokeAccess
from idp.storage import Storage
from idp.storage.redis import keys
from tests.idp_storage.samples import ACCOUNT, CLIENT, access, commit, digest, grant

DEPUTY = "acc-deputy"


async def family(storage: Storage) -> tuple[str, str, bytes, str]:
    """A citizen's grant with a token, a deputy's, and the one made of both: ids, and the token's hash."""
    token = digest()
    citizen, deputy = grant(), grant(account_id=DEPUTY)
    await commit(storage, CreateGrant(citizen, access=access(token)), CreateGrant(deputy, access=access()))
    child = grant(parents=(f"{citizen.grant_id}:{token.hex()}", deputy.grant_id), actor={"sub": "deputy"})
    assert isinstance(await commit(storage, CreateGrant(child)), Committed)
    return citizen.grant_id, deputy.grant_id, token, child.grant_id


async def alive(storage: Storage, grant_id: str) -> bool:
    """Whether a load finds the grant."""
    return (await storage.loading.load(Needs(grant_id=grant_id))).grant is not None


async def test_what_was_stored_comes_back(storage: Storage) -> None:
    """Actor and parents survive the way through Redis."""
    citizen, deputy, token, child = await family(storage)
    found = (await storage.loading.load(Needs(grant_id=child))).grant
    assert found is not None
    assert found.grant.actor == {"sub": "deputy"}
    assert found.grant.parents == (f"{citizen}:{token.hex()}", deputy)


@pytest.mark.attack
@pytest.mark.parametrize("death", ["citizen", "deputy", "token", "lock", "withdrawal"])
async def test_the_death_of_any_part_is_the_death_of_the_child(storage: Storage, death: str) -> None:
    """Attacks 28 and 52: revocation, lock and withdrawal of either side reach the delegated grant at once."""
    citizen, deputy, token, child = await family(storage)
    write = {
        "citizen": KillGrant(citizen, "revoked_by_client"),
        "deputy": KillGrant(deputy, "revoked_by_client"),
        "token": RevokeAccess(citizen, token),
        "lock": KillGrantsOf(DEPUTY, "locked"),
        "withdrawal": KillGrantsOf(ACCOUNT, "withdrawn", CLIENT),
    }[death]
    assert await alive(storage, child)
    await commit(storage, write)
    assert not await alive(storage, child)


@pytest.mark.attack
async def test_no_child_of_the_dead_is_born(storage: Storage) -> None:
    """Attack 53: a parent that died between the look and the birth is a conflict, and nothing stays behind."""
    citizen, deputy, token, _ = await family(storage)
    for write, parent in (
        (RevokeAccess(citizen, token), f"{citizen}:{token.hex()}"),
        (KillGrant(deputy, "locked"), deputy),
    ):
        await commit(storage, write)
        late = grant(parents=(parent,))
        assert isinstance(await commit(storage, CreateGrant(late)), Conflict)
        (left,) = await storage.redis.execute(("EXISTS", keys.grant(late.grant_id)))
        assert left == 0


@pytest.mark.attack
async def test_no_child_survives_a_race_with_its_parents_death(storage: Storage) -> None:
    """Attack 53: fifty births against fifty deaths; whichever came first, no living child of a dead parent."""
    outcomes = set()
    for turn in range(50):
        deputy = grant(account_id=DEPUTY)
        await commit(storage, CreateGrant(deputy, access=access()))
        child = grant(parents=(deputy.grant_id,))
        acts = [commit(storage, CreateGrant(child)), commit(storage, KillGrant(deputy.grant_id, "locked"))]
        results = await asyncio.gather(*(acts if turn % 2 else reversed(acts)))
        outcomes |= {type(each) for each in results}
        assert not await alive(storage, child.grant_id)
    assert Committed in outcomes


async def test_the_second_party_is_loaded_beside(storage: Storage) -> None:
    """Needs.beside: its own grant, token and account, nothing of the first."""
    citizen, deputy, token, _ = await family(storage)
    facts = await storage.loading.load(
        Needs(grant_id=citizen, access_digest=token, beside=Needs(grant_id=deputy))
    )
    assert facts.grant is not None
    assert facts.grant.access is not None
    assert facts.beside is not None
    assert facts.beside.grant is not None
    assert facts.beside.grant.grant.grant_id == deputy
    assert facts.beside.grant.access is None
