"""A linked birth that goes wrong: silence, delay, a wrong certificate, a refusal, a stranger named as parent."""

from __future__ import annotations

import pytest

from population_registry.api.dossiers import linking
from tests.registry_api.births import (
    HUNG,
    LAN,
    PORTAL,
    birth,
    file_birth,
    name_the_mother,
    register,
    whole,
)
from tests.registry_api.dossiers import act_of_centre as act
from tests.registry_api.dossiers import citizen, consent, file, officer, parts_of, rows

pytestmark = pytest.mark.engine


@pytest.fixture
async def registry(saturday, own_authority):
    """The registry on a database of this test's own, on Monday 23 November 2026 at 09:00 in Việt Nam."""
    saturday.advance(days=1, hours=23)
    await name_the_mother(own_authority)
    return own_authority


async def test_silence_and_delay_raise_alarms(registry):
    """Two working hours without receipt, ten minutes without the result: one alarm each (Decree 63/2024)."""
    desk = registry.app.state.service.desk
    dossier = await file_birth(registry)
    registry.clock.advance(hours=1, minutes=59)
    await linking.follow_all(desk)
    assert await alarms(registry, dossier) == []
    registry.clock.advance(minutes=2)
    for _ in range(3):
        await linking.follow_all(desk)
    assert await alarms(registry, dossier) == ["not_acknowledged"]
    told = await rows(
        registry, "SELECT body->>'part', recipients FROM dossier_outbox WHERE kind = 'dossier.alarm'"
    )
    assert [(row[0], list(row[1])) for row in told] == [("registration", [PORTAL])]


async def alarms(registry, dossier):
    """The alarms in a dossier's history."""
    found = await rows(
        registry,
        "SELECT detail->>'alarm' FROM dossier_event WHERE dossier_code = $1 AND act = 'alarm' ORDER BY event_no",
        dossier["dossier_code"],
    )
    return [row[0] for row in found]


async def test_a_late_result_is_an_alarm(registry, monkeypatch):
    """A result that the citizen's dossier shows only after eleven minutes was not synchronised in time."""
    dossier = await file_birth(registry)
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")

    async def away(*_):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(linking, "_step", away)
        await act(registry, part, "approve")
    registry.clock.advance(minutes=11)
    await linking.follow_all(registry.app.state.service.desk)
    assert await alarms(registry, dossier) == ["not_synchronised"]


async def test_a_wrong_certificate_comes_back_is_corrected_and_goes_out_anew(registry):
    """The receiver gives its part back, the office corrects on the parent's word, the number stays."""
    dossier = await file_birth(registry)
    parts = await register(registry, dossier)
    await act(registry, parts["bhyt.child"], "receive")
    returned = await act(
        registry, parts["linked.birth.residence"], "refuse_intake", reason="certificate_error"
    )
    assert returned.json()["state"] == 3
    correction = (await parts_of(registry, dossier))["linked.birth.correction"]
    await act(registry, correction, "receive")
    asked = await act(registry, correction, "ask_supplement", reason="Tên đệm trên giấy chứng sinh là Ngọc")
    inputs = asked.json()["inputs"]
    right = inputs | {"child": inputs["child"] | {"middle": "Ngọc"}}
    answer = await registry.post(
        f"/v1/dossiers/{correction['dossier_code']}/supplements",
        {"version": asked.json()["version"], "inputs": right},
        citizen(registry, HUNG, client_id=PORTAL),
    )
    assert answer.status_code == 200, answer.text
    assert (await act(registry, correction, "approve")).json()["state"] == 9
    again = (await parts_of(registry, dossier))["linked.birth.residence"]
    assert again != parts["linked.birth.residence"]
    await act(registry, again, "receive")
    done = await whole(registry, dossier)
    assert done["state"] == 9, done
    child = done["result"]["registration"]["child"]
    ((middle, kin),) = await rows(
        registry,
        "SELECT p.middle_name, k.kin_name FROM person p JOIN kinship k ON k.kin_person_id = p.person_id "
        "AND k.kind = 'child' JOIN person f ON f.person_id = k.person_id "
        "WHERE p.personal_number = $1 AND f.personal_number = $2",
        child,
        HUNG["number"],
    )
    assert (middle, kin) == ("Ngọc", "Lê Ngọc An")
    ((cards,),) = await rows(
        registry,
        "SELECT count(*) FROM health_insurance JOIN person USING (person_id) WHERE personal_number = $1",
        child,
    )
    assert cards == 1


async def test_without_a_certificate_nothing_follows(registry):
    """The office refuses: the whole is refused, and no body was asked for more."""
    dossier = await file_birth(registry)
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")
    await act(registry, part, "refuse", reason="Giấy chứng sinh không có thật")
    done = await whole(registry, dossier)
    assert (done["state"], done["decision"]["approved"]) == (9, False)
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}


async def test_a_withdrawn_dossier_ends_its_parts(registry):
    """The parent takes it back before anything is decided: the office's part ends too."""
    dossier = await file_birth(registry)
    token = citizen(registry, HUNG, client_id=PORTAL)
    answer = await registry.post(f"/v1/dossiers/{dossier['dossier_code']}/withdrawal", {}, token)
    assert answer.status_code == 200, answer.text
    assert (await whole(registry, dossier))["state"] == 8
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    assert (await act(registry, part, "receive")).status_code == 409


async def test_the_other_parent_agrees_where_the_child_lives_with_one(registry):
    """Parents with different homes: the office hears of the birth only after the other parent agreed."""
    ((mother,),) = await rows(
        registry,
        "SELECT concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name) FROM person "
        "WHERE personal_number = $1",
        LAN["number"],
    )
    inputs = birth(mother={"number": LAN["number"], "name": mother})
    dossier = await file(registry, LAN, "linked.birth", client=PORTAL, **inputs)
    assert [c["role"] for c in dossier["consents"]] == ["representative"]
    assert await parts_of(registry, dossier) == {}
    assert (await consent(registry, dossier, HUNG)).status_code == 204
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}


@pytest.mark.attack
async def test_naming_a_stranger_as_parent_tells_nothing(registry):
    """Attack 50: a wrong name beside a number asks nobody for consent, as if the number were nobody's."""
    told = []
    for number in (HUNG["number"], "099079999999"):
        ((mother,),) = await rows(
            registry,
            "SELECT concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name) FROM person "
            "WHERE personal_number = $1",
            LAN["number"],
        )
        inputs = birth(
            mother={"number": LAN["number"], "name": mother},
            father={"number": number, "name": "Trần Sai Tên"},
        )
        dossier = await file(registry, LAN, "linked.birth", client=PORTAL, **inputs)
        told.append((dossier["consents"], dossier["state"], dossier["half_days"]))
    assert told[0] == told[1]
    assert told[0][0] == []


async def test_nobody_decides_the_whole_by_hand(registry):
    """The umbrella follows its parts: an officer cannot approve it past the civil-status office."""
    dossier = await file_birth(registry)
    answer = await act(registry, dossier, "approve", officer(registry))
    assert (answer.status_code, answer.json()["reason"]) == (403, "decided_by_its_parts")
    assert (await whole(registry, dossier))["state"] == 4


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"mother": None, "father": None}, "inputs.mother"),
        ({"live_with": "uncle"}, "inputs.live_with"),
        ({"father": None, "live_with": "father"}, "inputs.live_with"),
        ({"commune": "Huế"}, "inputs.commune"),
        ({"facility": None}, "inputs.facility"),
    ],
)
async def test_inputs_of_a_birth_are_strict(registry, changed, member):
    """Whatever a part would need later is read strictly when the citizen files."""
    inputs = {name: value for name, value in birth(**changed).items() if value is not None}
    body = {"procedure_code": "linked.birth", "purpose": "Khai sinh", "inputs": inputs}
    answer = await registry.post("/v1/dossiers", body, citizen(registry, HUNG, client_id=PORTAL))
    assert (answer.status_code, answer.json()["member"]) == (400, member), answer.text
