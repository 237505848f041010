"""Insurance procedures over HTTP: premium and cards of a household, cards of children, corrections, decreases."""

from __future__ import annotations

import asyncio

import pytest

from tests.registry_api.conftest import LAN
from tests.registry_api.dossiers import act, citizen, file, officer, pay, rows

pytestmark = pytest.mark.engine

HUNG = {"number": "099079000104", "name": "Lê Quang Hùng", "birth_date": "1979-08-23"}
WIFE, MOTHER, SON, DAUGHTER = "099182000141", "099155000142", "099203000143", "099305000144"
PORTAL = "insurance-portal"
FACILITY = "Trung tâm Y tế Hương Thủy (mô phỏng)"
HOUSEHOLD = {"months": 6, "facility": FACILITY}
CARDS = (
    "SELECT card_code, group_code, valid_from::text, valid_until::text, state, state_since::text, facility, "
    "five_year_from::text FROM health_insurance JOIN person USING (person_id) WHERE personal_number = $1 "
    "ORDER BY insurance_no"
)


@pytest.fixture
async def registry(own_authority):
    """The registry on a database of this test's own: its decisions change the record."""
    return own_authority


async def enrol(registry, members, months=6, *, decide=True):
    """A household dossier of Hùng's, paid and received; approved when asked."""
    reference = f"PAY-{'-'.join(member[-3:] for member in members)}-{months}"
    dossier = await file(
        registry, HUNG, "bhyt.household", client=PORTAL, members=members, months=months, facility=FACILITY
    )
    assert (await pay(registry, dossier, reference=reference, client=PORTAL)).status_code == 200
    received = await act(registry, dossier, "receive")
    assert received.json()["state"] == 4, received.text
    return (await act(registry, dossier, "approve")) if decide else received


async def reduce(registry, number, group, state, since, **said):
    """A decrease that the insurer opens by itself and an officer approves."""
    body = {
        "procedure_code": "bhyt.reduction",
        "purpose": "Báo giảm theo đơn vị",
        "filing": "ex_officio",
        "applicant": {"number": number},
        "officer": "BHXH-46-001",
        "inputs": {"number": number, "group": group, "state": state, "since": since} | said,
    }
    answer = await registry.post("/v1/dossiers", body, officer(registry))
    assert answer.status_code == 201, answer.text
    await act(registry, answer.json(), "receive")
    return await act(registry, answer.json(), "approve")


async def test_a_household_joins(registry):
    """Form 4, premium as the fee, five working days, cards with code, first day and order (insurance.md 1 to 3)."""
    members = [HUNG["number"], WIFE, SON]
    dossier = await file(
        registry, HUNG, "bhyt.household", client=PORTAL, members=members, months=6, facility=FACILITY
    )
    assert dossier["fee"]["amount"] == 6 * (113_850 + 79_695 + 68_310)
    await pay(registry, dossier, client=PORTAL)
    received = (await act(registry, dossier, "receive")).json()
    assert received["due_on"] == "2026-11-30"  # 24 November is a public holiday
    assert {check["flag"] for check in received["checks"]} == {"pass"}
    done = await act(registry, dossier, "approve")
    assert done.json()["state"] == 9, done.text
    assert [card["position"] for card in done.json()["result"]["cards"]] == [1, 2, 3]
    for number in members:
        ((code, group, begins, ends, state, since, facility, five),) = await rows(registry, CARDS, number)
        assert (code[:5], len(code), group) == ("GD446", 15, "GD")
        assert (begins, ends, state, since) == ("2026-12-21", "2027-06-20", "in_force", None)
        assert (facility, five) == (FACILITY, "2031-12-21")
    told = await rows(
        registry,
        "SELECT recipients FROM dossier_outbox WHERE dossier_code = $1 AND kind = 'registry.IssueCard'",
        dossier["dossier_code"],
    )
    assert [list(row[0]) for row in told] == [[PORTAL]] * 3


async def test_the_order_goes_on_within_the_year(registry):
    """Decree 188/2025 Art. 6(5)(b): who pays later in the same year and household pays the lower share."""
    assert (await enrol(registry, [HUNG["number"], WIFE])).json()["state"] == 9
    later = await enrol(registry, [MOTHER], months=12)
    assert later.json()["fee"]["amount"] == 12 * 68_310, later.text
    assert later.json()["result"]["cards"][0]["position"] == 3


async def test_two_dossiers_of_one_household_never_share_a_place(registry):
    """Two paid at the same first place: the second decided finds the order changed and is not approved."""
    first = (await enrol(registry, [HUNG["number"]], decide=False)).json()
    second = (await enrol(registry, [WIFE], decide=False)).json()
    assert first["fee"]["amount"] == second["fee"]["amount"]
    answers = await asyncio.gather(*(act(registry, each, "approve") for each in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
    loser = first if answers[0].status_code == 409 else second
    again = await act(registry, loser, "approve")
    assert again.json()["code"] == "dossier-checks"
    assert [check["reasons"] for check in again.json()["checks"]] == [["order_of_paying_changed"]]
    positions = await rows(registry, "SELECT position FROM insurance_payment")
    assert [row[0] for row in positions] == [1]


@pytest.mark.parametrize(
    ("members", "check", "reason"),
    [
        ([HUNG["number"], LAN["number"]], "household_members", "not_in_household"),
        (["099199999999"], "household_members", "not_in_household"),
    ],
)
async def test_strangers_do_not_join(registry, members, check, reason):
    """Only people registered together at one dwelling (Law 25/2008 Art. 2(7)); nobody else's data is told."""
    dossier = await file(registry, HUNG, "bhyt.household", client=PORTAL, members=members, **HOUSEHOLD)
    await pay(registry, dossier, client=PORTAL)
    received = (await act(registry, dossier, "receive")).json()
    refused = await act(registry, received, "approve")
    failed = {each["code"]: each["reasons"] for each in refused.json()["checks"]}
    assert (refused.status_code, failed[check]) == (409, [reason])


@pytest.mark.attack
async def test_the_price_tells_nothing_about_strangers(registry):
    """Attack 50: the premium of a stranger and of a number of nobody is the same."""
    fees = []
    for number in (LAN["number"], "099199999999"):
        members = [HUNG["number"], number]
        dossier = await file(registry, HUNG, "bhyt.household", client=PORTAL, members=members, **HOUSEHOLD)
        fees.append((dossier["fee"]["amount"], dossier["state"], dossier["consents"]))
    assert fees[0] == fees[1]


async def test_nobody_is_covered_twice(registry):
    """A renewal begins the day after the present card ends, and a card that has not begun stops a further one."""
    assert (await enrol(registry, [HUNG["number"]])).json()["state"] == 9
    received = (await enrol(registry, [HUNG["number"]], months=12, decide=False)).json()
    refused = await act(registry, received, "approve")
    codes = {each["code"]: each["reasons"] for each in refused.json()["checks"]}
    assert codes["no_double_cover"] == ["card_not_begun"]


async def test_a_move_to_a_higher_group_gives_unused_months_back(registry):
    """Whole unused months go back, and nothing beyond what was paid (insurance.md section 2)."""
    assert (await enrol(registry, [HUNG["number"]], months=6)).json()["state"] == 9
    registry.clock.advance(days=72)  # Monday 1 February 2027
    today = registry.clock().date()
    done = await reduce(registry, HUNG["number"], "GD", "reduced", today.isoformat(), reason="other_group")
    assert done.json()["state"] == 9, done.text
    ((paid, refunded, on),) = await rows(
        registry, "SELECT months * monthly, refunded, refunded_on FROM insurance_payment"
    )
    assert (paid, refunded, on) == (683_100, 4 * 113_850, today)
    assert done.json()["result"] == {"refund": 4 * 113_850}
    ((*_, state, since, _, _),) = await rows(registry, CARDS, HUNG["number"])
    assert (state, since) == ("reduced", today.isoformat())


async def test_a_report_gives_nothing_back(registry):
    """A mere report (120) ends cover; only death and a higher group are grounds of a refund."""
    assert (await enrol(registry, [WIFE], months=3)).json()["state"] == 9
    done = await reduce(registry, WIFE, "GD", "moved_out", "2026-11-21")
    assert done.json()["result"] == {"refund": 0}, done.text
    again = await registry.post(
        "/v1/dossiers",
        {
            "procedure_code": "bhyt.reduction",
            "purpose": "Báo giảm",
            "filing": "ex_officio",
            "applicant": {"number": WIFE},
            "officer": "BHXH-46-001",
            "inputs": {"number": WIFE, "group": "DN", "state": "stopped", "since": "2026-11-21"},
        },
        officer(registry),
    )
    await act(registry, again.json(), "receive")
    refused = await act(registry, again.json(), "approve")
    assert [each["code"] for each in refused.json()["checks"]] == ["cover"]


async def test_a_citizen_reports_no_decrease(registry):
    """The insurer acts by itself; nobody ends another's cover by an application."""
    body = {
        "procedure_code": "bhyt.reduction",
        "purpose": "Báo giảm",
        "inputs": {"number": WIFE, "group": "GD", "state": "stopped", "since": "2026-11-21"},
    }
    answer = await registry.post("/v1/dossiers", body, citizen(registry, HUNG, client_id=PORTAL))
    assert answer.status_code in {403, 404, 422}, answer.text


async def test_a_card_follows_the_population_registry(registry):
    """Name and birth date are the registry's (Law on Identity Art. 16): another value is corrected there first."""
    assert (await enrol(registry, [HUNG["number"]])).json()["state"] == 9
    wrong = await file(registry, HUNG, "bhyt.correction", client=PORTAL, field="name", value="Lê Quang Hưng")
    await act(registry, wrong, "receive")
    refused = await act(registry, wrong, "approve")
    assert [each["reasons"] for each in refused.json()["checks"]] == [
        ["correct_the_population_registry_first"]
    ]
    moved = await file(
        registry,
        HUNG,
        "bhyt.correction",
        client=PORTAL,
        field="facility",
        facility="Bệnh viện Huế (mô phỏng)",
    )
    await act(registry, moved, "receive")
    assert (await act(registry, moved, "approve")).json()["state"] == 9
    ((*_, facility, _),) = await rows(registry, CARDS, HUNG["number"])
    assert facility == "Bệnh viện Huế (mô phỏng)"
    ledger = await rows(
        registry, "SELECT before->>'facility' FROM registry_change WHERE kind = 'CorrectCard'"
    )
    assert [row[0] for row in ledger] == [FACILITY]


@pytest.mark.parametrize(
    ("inputs", "member"),
    [
        ({"members": [], **HOUSEHOLD}, "inputs.members"),
        ({"members": [WIFE, WIFE], **HOUSEHOLD}, "inputs.members"),
        ({"members": [WIFE], "months": 4, "facility": "x"}, "inputs.months"),
        ({"members": [WIFE], "months": 3, "facility": ""}, "inputs.facility"),
        ({"members": [WIFE], "months": 3, "facility": "x", "already_paid": 4}, "inputs.already_paid"),
        ({"members": ["1"], **HOUSEHOLD}, "inputs.members.0"),
    ],
)
async def test_inputs_are_strict(registry, inputs, member):
    """Each wrong place is named; the share is never what the filer says."""
    body = {"procedure_code": "bhyt.household", "purpose": "Đóng BHYT", "inputs": inputs}
    answer = await registry.post("/v1/dossiers", body, citizen(registry, HUNG, client_id=PORTAL))
    assert (answer.status_code, answer.json()["member"]) == (400, member)


BABY = "099226000149"


async def test_a_child_under_six_gets_a_card_at_once(registry):
    """Group TE, benefit digit 1, from birth to 72 months or 30 September, and an insurer's number (Art. 16(3))."""
    mother = await _person(registry, BABY, "mother")
    dossier = await file(registry, mother, "bhyt.child", client=PORTAL, child=BABY, facility=FACILITY)
    assert (dossier["state"], dossier["fee"]["amount"]) == (10, 0)
    ((code, group, begins, ends, state, *_),) = await rows(registry, CARDS, BABY)
    assert (code[:3], group, begins, ends, state) == ("TE1", "TE", "2026-11-02", "2032-11-02", "in_force")
    ((number,),) = await rows(
        registry, "SELECT social_insurance FROM person WHERE personal_number = $1", BABY
    )
    assert (code[5:], number[:2] in {"97", "98"}) == (number, True)
    again = await file(registry, mother, "bhyt.child", client=PORTAL, child=BABY, facility="Nơi khác")
    assert again["state"] == 1
    received = await act(registry, again, "receive")
    failed = [each["reasons"] for each in received.json()["checks"] if each["flag"] == "fail"]
    assert failed == [["child_has_card"]]


async def test_only_parents_and_guardians_ask_for_a_childs_card(registry):
    """A stranger's application is not decided, and does not tell whether the child exists."""
    told = []
    for child in (BABY, "099226999999"):
        dossier = await file(registry, HUNG, "bhyt.child", client=PORTAL, child=child, facility=FACILITY)
        received = await act(registry, dossier, "receive")
        refused = await act(registry, received.json(), "approve")
        told.append([c["reasons"] for c in refused.json()["checks"] if c["code"] == "parent_or_guardian"])
        assert (
            await registry.get(f"/v1/dossiers/{dossier['dossier_code']}", citizen(registry, HUNG))
        ).json()["state"] == 4
    assert told == [[["not_kin"]], [["not_kin"]]]


async def _person(registry, number, kind):
    """The number of somebody's kin, as a person of the tests."""
    ((found,),) = await rows(
        registry,
        "SELECT k.personal_number FROM person p JOIN kinship USING (person_id) "
        "JOIN person k ON k.person_id = kin_person_id WHERE p.personal_number = $1 AND kind = $2",
        number,
        kind,
    )
    return {"number": found}
