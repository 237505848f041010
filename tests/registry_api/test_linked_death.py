"""One dossier of the kin: death registered, residence and insurance ended, a new head, the survivors' file opened."""

from __future__ import annotations

import pytest

from population_registry.storage.connections import connect
from population_registry.storage.loading import load_facts
from tests.registry_api.conftest import LAN
from tests.registry_api.dossiers import act_of_centre as act
from tests.registry_api.dossiers import citizen, file, parts_of, pay, rows

pytestmark = pytest.mark.engine

HUNG = {"number": "099079000104", "name": "Lê Quang Hùng", "birth_date": "1979-08-23"}
WIFE = {"number": "099182000141"}
MOTHER, SON, DAUGHTER = "099155000142", "099203000143", "099305000144"
PORTAL, INSURER = "national-portal", "insurance-portal"
HUE = "19777"


@pytest.fixture
async def registry(saturday, own_authority):
    """The registry on a database of this test's own, on Monday 23 November 2026 at 09:00 in Việt Nam."""
    saturday.advance(days=1, hours=23)
    return own_authority


def death(**changed):
    """The inputs of Hùng's death, by his wife."""
    return {
        "deceased": HUNG["number"],
        "died": "2026-11-22",
        "notice": {"number": "BT-46-2026-000009", "signed": True},
        "commune": HUE,
    } | changed


async def file_death(registry, person=WIFE, **changed):
    """A linked death that was filed; answers it with its parts' codes by procedure."""
    dossier = await file(registry, person, "linked.death", client=PORTAL, **death(**changed))
    return dossier, await parts_of(registry, dossier)


async def register(registry, dossier, parts):
    """The civil-status office registers the death; answers the parts then."""
    await act(registry, parts["linked.death.registration"], "receive")
    approved = await act(registry, parts["linked.death.registration"], "approve")
    assert approved.json()["state"] == 9, approved.text
    return await parts_of(registry, dossier)


async def facts_of(registry, *numbers):
    """What the registry knows of these people."""
    connection = await connect(registry.database_url)
    try:
        return await load_facts(connection, list(numbers))
    finally:
        await connection.close()


async def insured(registry):
    """Hùng and his wife pay six months of household insurance two months before."""
    members = [HUNG["number"], WIFE["number"]]
    dossier = await file(
        registry,
        HUNG,
        "bhyt.household",
        client=INSURER,
        members=members,
        months=6,
        facility="Trạm (mô phỏng)",
    )
    await pay(registry, dossier, client=INSURER)
    await act(registry, dossier, "receive")
    assert (await act(registry, dossier, "approve")).json()["state"] == 9
    registry.clock.advance(days=70)  # Monday 1 February 2027


async def test_a_death_ends_what_must_end(registry):
    """Item 24, residence deleted, cards stopped from the day of death with refund, the kin informed of each part."""
    await insured(registry)
    dossier, parts = await file_death(registry, died="2027-01-30")
    assert set(parts) == {"linked.death.registration"}
    parts = await register(registry, dossier, parts)
    assert set(parts) == {
        "linked.death.registration",
        "linked.death.residence",
        "bhyt.death",
        "bhxh.survivors",
    }
    for code in ("linked.death.residence", "bhyt.death"):
        assert (await act(registry, parts[code], "receive")).status_code == 200
    facts = await facts_of(registry, HUNG["number"], WIFE["number"])
    gone, wife = facts.people[HUNG["number"]], facts.people[WIFE["number"]]
    assert (gone.person.status.value, str(gone.person.status_since)) == ("deceased", "2027-01-30")
    assert all(r.ended is not None for r in gone.residences)
    assert wife.person.marital_status.value == "widowed"
    (card,) = gone.insurances
    assert (card.state.value, str(card.state_since), str(card.last_day)) == (
        "stopped",
        "2027-01-30",
        "2027-01-29",
    )
    (kept,) = wife.insurances
    assert kept.state.value == "in_force"
    refunds = await rows(
        registry,
        "SELECT personal_number, refunded, months * monthly FROM insurance_payment JOIN person USING (person_id) "
        "ORDER BY position",
    )
    # Cover began on 23 December: the months of December and January have begun, four are whole and unused.
    assert [tuple(row) for row in refunds] == [
        (HUNG["number"], 4 * 113_850, 6 * 113_850),
        (WIFE["number"], 0, 6 * 79_695),
    ]


async def test_the_household_gets_a_new_head(registry):
    """The spouse heads next; members stand to her by kinship, a mother-in-law lodges (Circular 116/2026 Art. 6)."""
    dossier, parts = await file_death(registry)
    parts = await register(registry, dossier, parts)
    await act(registry, parts["linked.death.residence"], "receive")
    facts = await facts_of(registry, WIFE["number"], MOTHER, SON, DAUGHTER)
    (home,) = facts.households.values()
    stands = {
        number: home.relation_of(facts.people[number].person.person_id).value
        for number in (WIFE["number"], MOTHER, SON, DAUGHTER)
    }
    assert stands == {WIFE["number"]: "head", MOTHER: "lodger_free", SON: "child", DAUGHTER: "child"}
    assert len(home.members) == 4


async def test_the_members_may_choose_the_head(registry):
    """Whom the members name heads the household when an adult of it."""
    dossier, parts = await file_death(registry, new_head=MOTHER)
    parts = await register(registry, dossier, parts)
    await act(registry, parts["linked.death.residence"], "receive")
    facts = await facts_of(registry, MOTHER, SON)
    (home,) = facts.households.values()
    stands = [home.relation_of(facts.people[number].person.person_id).value for number in (MOTHER, SON)]
    assert stands == ["head", "grandchild"]


async def test_the_provider_is_told_that_the_identity_closes(registry):
    """The outbox names the provider, the insurer and the residence authority; the body names number and dossier."""
    dossier, parts = await file_death(registry)
    await register(registry, dossier, parts)
    ((recipients, body),) = await rows(
        registry, "SELECT recipients, body::text FROM dossier_outbox WHERE kind = 'registry.RecordDeath'"
    )
    assert {"idp", INSURER, "residence-portal"} <= set(recipients)
    assert HUNG["number"] in body
    ((occurred, recorded),) = await rows(
        registry,
        "SELECT occurred_at::text, (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date::text FROM death "
        "JOIN person USING (person_id) WHERE personal_number = $1",
        HUNG["number"],
    )
    assert (occurred, recorded) == ("2026-11-22", "2026-11-23")


async def test_the_whole_ends_when_the_survivors_file_does(registry):
    """Benefits have their own ten days; the kin's dossier ends with the last part, refused or not."""
    dossier, parts = await file_death(registry)
    parts = await register(registry, dossier, parts)
    for code in ("linked.death.residence", "bhyt.death"):
        await act(registry, parts[code], "receive")
    survivors = parts["bhxh.survivors"]
    received = await act(registry, survivors, "receive")
    assert received.json()["due_on"] == "2026-12-08"
    refused = await act(registry, survivors, "refuse", reason="Không tham gia bảo hiểm xã hội")
    assert refused.json()["state"] == 9
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    done = (await registry.get(path, citizen(registry, WIFE, client_id=PORTAL))).json()
    assert (done["state"], done["result"]["survivors"]) == (9, {"refused": True})
    assert done["result"]["insurance"] == {"cards_stopped": False, "refund": 0}


async def test_a_stranger_declares_nobody_dead(registry):
    """Only near kin: the office cannot register on a stranger's word, and the record stays as it is."""
    _, parts = await file_death(registry, LAN)
    await act(registry, parts["linked.death.registration"], "receive")
    refused = await act(registry, parts["linked.death.registration"], "approve")
    assert refused.status_code == 409
    assert [check["reasons"] for check in refused.json()["checks"]] == [["not_kin"]]
    facts = await facts_of(registry, HUNG["number"])
    assert facts.subject is not None
    assert facts.subject.person.is_active


async def test_nobody_dies_twice(registry):
    """A second dossier about the same death finds the record ended."""
    first, parts = await file_death(registry)
    second, other_parts = await file_death(registry, {"number": SON})
    await register(registry, first, parts)
    await act(registry, other_parts["linked.death.registration"], "receive")
    refused = await act(registry, other_parts["linked.death.registration"], "approve")
    assert [check["code"] for check in refused.json()["checks"]] == ["alive_in_the_record"]
    assert second["dossier_code"] != first["dossier_code"]


@pytest.mark.parametrize(("died", "reason"), [("2026-11-24", "in_the_future"), ("1979-08-22", None)])
async def test_a_day_of_death_lies_in_a_life(registry, died, reason):
    """Neither in the future nor in another century: refused at filing."""
    body = {"procedure_code": "linked.death", "purpose": "Khai tử", "inputs": death(died=died)}
    answer = await registry.post("/v1/dossiers", body, citizen(registry, WIFE, client_id=PORTAL))
    said = answer.json()
    assert (answer.status_code, said["member"], said.get("reason")) == (400, "inputs.died", reason)
