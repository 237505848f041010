"""One dossier of a parent, three bodies: birth certificate and number, then residence and insurance card."""

from __future__ import annotations

import asyncio

import pytest

from population_registry.api.dossiers import linking
from population_registry.storage.connections import connect
from population_registry.storage.loading import load_facts
from tests.registry_api.dossiers import CENTRE, citizen, consent, file, officer, rows
from tests.registry_api.dossiers import act as act_of

pytestmark = pytest.mark.engine

WIFE = {"number": "099182000141", "name": "?", "birth_date": "1982-04-04"}
HUNG = {"number": "099079000104", "name": "Lê Quang Hùng", "birth_date": "1979-08-23"}
LAN = {"number": "099194000101", "name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"}
PORTAL = "national-portal"
HUE = "19777"


async def act(registry, dossier, act, *given, **said):
    """An act of an officer of the centre, whose territory is the country."""
    return await act_of(registry, dossier, act, *given, by=CENTRE, **said)


@pytest.fixture
async def registry(saturday, own_authority):
    """The registry on a database of this test's own, on Monday 23 November 2026 at 09:00 in Việt Nam."""
    saturday.advance(days=1, hours=23)
    ((name,),) = await rows(
        own_authority,
        "SELECT concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name) FROM person "
        "WHERE personal_number = $1",
        WIFE["number"],
    )
    WIFE["name"] = name
    return own_authority


def birth(**changed):
    """The inputs of a birth in Hùng's family."""
    inputs = {
        "child": {
            "family": "Lê",
            "middle": "Minh",
            "given": "An",
            "sex": "female",
            "born": "2026-11-19",
            "birth_place": "Bệnh viện Trung ương Huế (mô phỏng)",
            "hometown": "Huế",
        },
        "mother": {"number": WIFE["number"], "name": WIFE["name"]},
        "father": {"number": HUNG["number"], "name": HUNG["name"]},
        "birth_slip": {"number": "GCS-46-2026-000123", "signed": True},
        "commune": HUE,
        "live_with": "mother",
        "facility": "Trung tâm Y tế Hương Thủy (mô phỏng)",
    }
    return inputs | changed


async def file_birth(registry, person=HUNG, **changed):
    """A linked birth that was filed."""
    return await file(registry, person, "linked.birth", client=PORTAL, **birth(**changed))


async def parts_of(registry, dossier):
    """The parts of a linked dossier: procedure to what the officer reads, the last one of each."""
    found = await rows(
        registry,
        "SELECT procedure_code, dossier_code FROM dossier WHERE linked_to = $1 ORDER BY filed_at, dossier_code",
        dossier["dossier_code"],
    )
    return {row[0]: {"procedure_code": row[0], "dossier_code": row[1]} for row in found}


async def whole(registry, dossier, person=HUNG):
    """The citizen's dossier as it is now."""
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    return (await registry.get(path, citizen(registry, person, client_id=PORTAL))).json()


async def register(registry, dossier):
    """The civil-status office receives and registers; answers the parts then."""
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    received = await act(registry, part, "receive")
    assert received.json()["state"] == 4, received.text
    approved = await act(registry, part, "approve")
    assert approved.json()["state"] == 9, approved.text
    return await parts_of(registry, dossier)


async def test_one_dossier_three_bodies(registry):
    """Decree 63/2024: certificate and number first, then residence and card in parallel, one result."""
    dossier = await file_birth(registry)
    shown = await whole(registry, dossier)
    assert (shown["state"], shown["due_on"]) == (4, "2026-11-27")  # 24 November is a public holiday
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}
    parts = await register(registry, dossier)
    assert set(parts) == {"linked.birth.registration", "linked.birth.residence", "bhyt.child"}
    for code in ("bhyt.child", "linked.birth.residence"):
        assert (await act(registry, parts[code], "receive")).status_code == 200
    done = await whole(registry, dossier)
    assert (done["state"], done["decision"]["approved"]) == (9, True), done
    child = done["result"]["registration"]["child"]
    assert (child[:3], child[3:6]) == ("099", "326")
    assert done["result"]["residence"]["kind"] == "permanent"
    assert done["result"]["insurance"]["valid_from"] == "2026-11-19"
    connection = await connect(registry.database_url)
    facts = await load_facts(connection, [child])
    await connection.close()
    person = facts.subject
    assert person is not None
    assert (person.person.name.full, str(person.person.birth), person.person.sex.value) == (
        "Lê Minh An",
        "2026-11-19",
        "female",
    )
    assert {kin.kind.value for kin in person.kin} == {"mother", "father"}
    assert [card.card_code[:3] for card in person.insurances] == ["TE1"]
    log = await rows(
        registry,
        "SELECT outcome, procedure_code, client_id FROM access_log JOIN person ON person_id = subject_id "
        "WHERE personal_number = $1",
        child,
    )
    assert {
        ("dossier_approve", "bhyt.child", PORTAL),
        ("dossier_approve", "linked.birth.residence", PORTAL),
    } <= {tuple(row) for row in log}
    (home,) = [h for h in facts.households.values() if h.relation_of(person.person.person_id) is not None]
    assert (home.relation_of(person.person.person_id).value, len(home.members)) == ("child", 6)


async def test_each_part_is_told_within_the_citizens_dossier(registry):
    """Every state of every part is a line of the parent's history: nobody asks three offices."""
    dossier = await file_birth(registry)
    parts = await register(registry, dossier)
    await act(registry, parts["bhyt.child"], "receive")
    told = await rows(
        registry,
        "SELECT detail->>'part', (detail->>'state')::int FROM dossier_event WHERE dossier_code = $1 "
        "AND act = 'part' ORDER BY event_no",
        dossier["dossier_code"],
    )
    assert [tuple(row) for row in told if row[0] == "registration"][-1] == ("registration", 9)
    assert ("insurance", 10) in {tuple(row) for row in told}
    assert ("residence", 1) in {tuple(row) for row in told}


async def test_filed_from_three_o_clock_on_it_counts_as_of_the_next_working_day(registry):
    """Monday 15:00 is as good as Wednesday morning when Tuesday is a holiday (Decree 63/2024)."""
    registry.clock.advance(hours=6)
    dossier = await file_birth(registry)
    assert (await whole(registry, dossier))["due_on"] == "2026-11-30"


async def test_what_must_be_verified_takes_five_days(registry):
    """An unsigned birth slip is for the office to verify: five working days instead of three."""
    slip = {"number": "GCS-1", "signed": False}
    dossier = await file_birth(registry, birth_slip=slip)
    assert (await whole(registry, dossier))["due_on"] == "2026-12-01"
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")
    refused = await act(registry, part, "approve")
    assert [check["code"] for check in refused.json()["checks"]] == ["birth_slip"]
    approved = await act(registry, part, "approve", confirmed=["birth_slip"])
    assert approved.json()["state"] == 9, approved.text


async def test_two_births_at_once_get_different_numbers(registry):
    """Twins registered at the same moment: two people, two numbers of the same series (a race on the real engine)."""
    twins = [
        await file_birth(registry, child=birth()["child"] | {"given": given}) for given in ("An", "Bình")
    ]
    parts = [(await parts_of(registry, twin))["linked.birth.registration"] for twin in twins]
    for part in parts:
        await act(registry, part, "receive")
    answers = await asyncio.gather(*(act(registry, part, "approve") for part in parts))
    assert [answer.status_code for answer in answers] == [200, 200], [a.text for a in answers]
    found = await rows(
        registry, "SELECT personal_number FROM person WHERE birth_date = '2026-11-19' ORDER BY 1"
    )
    assert len({row[0] for row in found}) == len(found) == 2
    assert {row[0][:6] for row in found} == {"099326"}


async def test_a_second_dossier_makes_no_second_person(registry):
    """The other parent files the same birth: whoever is second finds the child registered."""
    first, second = await file_birth(registry), await file_birth(registry, WIFE)
    parts = [(await parts_of(registry, each))["linked.birth.registration"] for each in (first, second)]
    for part in parts:
        await act(registry, part, "receive")
    answers = await asyncio.gather(*(act(registry, part, "approve") for part in parts))
    assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
    ((count,),) = await rows(registry, "SELECT count(*) FROM person WHERE birth_date = '2026-11-19'")
    assert count == 1


async def test_a_flow_that_broke_off_goes_on(registry, monkeypatch):
    """The process dies after the certificate was committed: the next look opens residence and card, once each."""
    dossier = await file_birth(registry)
    part = (await parts_of(registry, dossier))["linked.birth.registration"]
    await act(registry, part, "receive")

    async def died(*_):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(linking, "_step", died)
        assert (await act(registry, part, "approve")).json()["state"] == 9
    assert set(await parts_of(registry, dossier)) == {"linked.birth.registration"}
    desk = registry.app.state.service.desk
    await asyncio.gather(*(linking.follow_all(desk) for _ in range(4)))
    opened = await rows(
        registry,
        "SELECT procedure_code, count(*) FROM dossier WHERE linked_to = $1 GROUP BY 1 ORDER BY 1",
        dossier["dossier_code"],
    )
    assert [tuple(row) for row in opened] == [
        ("bhyt.child", 1),
        ("linked.birth.registration", 1),
        ("linked.birth.residence", 1),
    ]


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
