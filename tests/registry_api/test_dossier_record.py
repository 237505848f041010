"""Whatever is filed and decided in whatever order: what the record of residence promises holds."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.registry_api.conftest import HAN, LAN, PHUC
from tests.registry_api.dossiers import CENTRE, FLAT, HOA, act, citizen, consent, filing, officer, pay, rows

pytestmark = pytest.mark.engine
TAM = {"number": "099076000114", "name": "Võ Văn Tâm", "birth_date": "1975-03-21"}
STEPS = 14
AT_MOST_ONE = """
SELECT count(*) FROM (
  SELECT person_id FROM residence WHERE ended IS NULL AND kind IN ('permanent', 'temporary')
   GROUP BY person_id, kind HAVING count(*) > 1) AS twice
"""
ROWS = "SELECT person_id, residence_no, kind, commune_code, address, since FROM residence"
UNEXPLAINED = """
SELECT count(*) FROM residence r WHERE r.ended IS NOT NULL AND r.end_recorded_at > '2026-11-21' AND NOT EXISTS (
  SELECT 1 FROM registry_change c WHERE c.person_id = r.person_id AND c.kind IN ('EndResidence', 'CorrectResidence'))
"""


def _permanent(rng):
    owner = {"number": PHUC["number"]}
    return "1.004222", {
        "ground": "rented",
        "dwelling": FLAT,
        "owner": owner,
        "tenure": rng.choice(["rented", "lodging"]),
    }


def _somewhere(rng):
    place = {"commune": "00004", "address": f"Số {rng.randint(1, 9)}, phố Mới", "floor_area_m2": 90}
    return "1.004222", {"ground": "rented", "dwelling": place, "owner": {"number": PHUC["number"]}}


def _temporary(_rng):
    return "1.004194", {}


def _deletion(rng):
    code = rng.choice(["residence.delete-permanent", "1.010028"])
    return code, {"ground": "annulled", "since": f"2026-10-{rng.randint(10, 30)}"}


def _correction(rng):
    return "residence.correct", {"what": "address", "address": f"Số {rng.randint(1, 99)}A, đường Đúng"}


async def _decided(authority, rng, person):
    """Somebody files something, everybody asked agrees, an officer confirms what is open and approves."""
    code, inputs = rng.choice([_permanent, _somewhere, _temporary, _deletion, _correction])(rng)
    body = filing(code, **inputs)
    answer = await authority.post("/v1/dossiers", body, citizen(authority, person))
    if answer.status_code != 201:
        assert answer.json()["code"] in {"dossier-duplicate", "dossier-too-many"}, answer.text
        return
    dossier = answer.json()
    for owner in (PHUC, HOA):
        await consent(authority, dossier, owner)
    if dossier["fee"]["amount"]:
        await pay(authority, dossier)
    received = (await act(authority, dossier, "receive", by=CENTRE)).json()
    confirmed = [check["code"] for check in received["checks"]]
    if rng.random() < 0.2:
        await act(authority, dossier, "refuse", by=CENTRE, reason="Không đủ điều kiện")
        return
    done = await act(authority, dossier, "approve", by=CENTRE, confirmed=confirmed)
    assert done.status_code in {200, 409}, done.text
    if done.status_code == 409:
        await act(authority, dossier, "stop", by=CENTRE, reason="Không đủ điều kiện")


@pytest.mark.parametrize("seed", [1, 2])
async def test_one_permanent_residence_and_no_lost_history(authority, seed):
    """Law on Residence Art. 2, 3, 27: at most one permanent and one temporary residence stand, at every moment.

    Decree 154/2024 Art. 13: no row of residence ever vanishes, and every end is explained in the ledger.
    """
    rng = Random(seed)
    known = {tuple(row) for row in await rows(authority, ROWS)}
    for _ in range(STEPS // 2):
        # Two people at the same moment, often about the same dwelling.
        people = rng.sample([LAN, HAN, TAM], 2)
        await asyncio.gather(*(_decided(authority, rng, person) for person in people))
        now = {tuple(row) for row in await rows(authority, ROWS)}
        assert known <= now
        known = now
        assert (await rows(authority, AT_MOST_ONE))[0][0] == 0
        assert (await rows(authority, UNEXPLAINED))[0][0] == 0


async def test_the_same_person_decided_twice_at_once(authority):
    """Two approvals about one person at the same moment: one permanent residence stands afterwards."""
    dossiers = []
    for number in range(2):
        place = {"commune": "00008", "address": f"Số {number}, phố Đua", "floor_area_m2": 90}
        inputs = {"ground": "rented", "dwelling": place, "owner": {"number": PHUC["number"]}}
        body = filing("1.004222", **inputs)
        answer = await authority.post("/v1/dossiers", body, citizen(authority, TAM))
        dossier = answer.json()
        await consent(authority, dossier, PHUC)
        await pay(authority, dossier)
        dossiers.append((await act(authority, dossier, "receive", by=CENTRE)).json())
    token = officer(authority)
    answers = await asyncio.gather(
        *(
            act(
                authority,
                each,
                "approve",
                token,
                by=CENTRE,
                version=each["version"],
                confirmed=[c["code"] for c in each["checks"]],
            )
            for each in dossiers
        )
    )
    assert {each.status_code for each in answers} <= {200, 409}
    assert 200 in {each.status_code for each in answers}, [each.text for each in answers]
    assert (await rows(authority, AT_MOST_ONE))[0][0] == 0
