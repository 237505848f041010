"""A birth as one dossier of a parent at the national portal: one form, three bodies, one page (Decree 63/2024)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clients.national_portal.linked_birth import prefill, read, spouse_of
from clients.one_stop_portal.services import SERVICES
from clients.portal_kit.dossiers import Dossier, DossierEvent, DossierState, Fee
from clients.portal_kit.linked import parts_of
from clients.portal_kit.portal import now
from tests.clients.conftest import Running, Start
from tests.clients.test_filing import begun, reviewed
from web import Form

THAO, MINH = "099197000118", "099095000119"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def answers(**changed: str) -> dict[str, str]:
    """What Thảo adds to the form that is filled in already."""
    born = now().date() - timedelta(days=2)
    return {
        "family": "Huỳnh",
        "middle": "Phan",
        "given": "Bảo Ngọc",
        "sex": "female",
        "born_day": str(born.day),
        "born_month": str(born.month),
        "born_year": str(born.year),
        "birth_place": "Bệnh viện Phụ sản (mô phỏng)",
        "hometown": "Đà Nẵng",
        "slip_kind": "signed",
        "slip_number": "GCS-48-2026-000777",
        "other_name": "Huỳnh Nhật Minh",
        "other_number": MINH,
        "live_with": "mother",
        "residence_kind": "permanent",
        "facility": "Bệnh viện Hải Châu (mô phỏng)",
        "declaration": "yes",
        **changed,
    }


def history(*lines: tuple[str, dict[str, Any]]) -> tuple[DossierEvent, ...]:
    """Lines of a history."""
    return tuple(
        DossierEvent(number, act, DossierState.PROCESSING, AT, AT, "system", None, detail)
        for number, (act, detail) in enumerate(lines, start=1)
    )


WHOLE = Dossier(
    code="G22.99.01-261123-220001",
    procedure_code="linked.birth",
    names={},
    state=DossierState.PROCESSING,
    version=1,
    filing="online",
    assisted=False,
    submitted_at=AT,
    received_on=None,
    due_on=None,
    half_days=6,
    punctuality="running",
    fee=Fee(0, "none"),
    consents=(),
    inputs={},
    history=(),
    decision=None,
)


def test_three_parts_before_anything_happened() -> None:
    """The parent sees from the first moment what will happen; residence and card wait for the certificate."""
    assert [(part.name, part.state) for part in parts_of(WHOLE)] == [
        ("registration", None),
        ("residence", None),
        ("insurance", None),
    ]
    assert parts_of(replace(WHOLE, procedure_code="1.004194")) == ()


def test_each_part_shows_its_last_state_alarms_and_result() -> None:
    """The newest line of a part counts; what was late is said; a refused part has no result."""
    lines = history(
        ("open_part", {"part": "registration"}),
        ("part", {"part": "registration", "dossier_code": "G15.899.03-261123-150001", "state": 1}),
        ("alarm", {"part": "registration", "alarm": "not_acknowledged"}),
        ("part", {"part": "registration", "dossier_code": "G15.899.03-261123-150001", "state": 9}),
        ("open_part", {"part": "residence"}),
    )
    result = {"registration": {"child": "099326000001"}, "insurance": {"refused": True}}
    registration, residence, insurance = parts_of(replace(WHOLE, history=lines, result=result))
    assert (registration.state, registration.done) == (DossierState.DONE, True)
    assert registration.alarms == (("not_acknowledged", AT),)
    assert (residence.state, residence.done) == (DossierState.SUBMITTED, False)
    assert (insurance.refused, insurance.result) == (True, {})


def test_the_spouse_is_filled_in() -> None:
    """Head and spouse of one household are each other's answer; a brother is not (Decree 224/2026 Art. 15)."""

    def own(relation: str, other: str) -> dict[str, Any]:
        return {
            "number": "1",
            "household": [{"number": "1", "relation": relation}, {"number": "2", "relation": other}],
        }

    assert (spouse_of(own("head", "spouse_wife")) or {})["number"] == "2"
    assert (spouse_of(own("spouse_husband", "head")) or {})["number"] == "2"
    assert spouse_of(own("head", "sibling")) is None
    assert spouse_of({"number": "1", "household": None}) is None


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"given": " "}, "given"),
        ({"sex": "x"}, "sex"),
        ({"born_year": "2199"}, "born"),
        ({"other_number": "12"}, "other_number"),
        ({"other_name": "", "other_number": "", "live_with": "father"}, "live_with"),
        ({"slip_number": ""}, "slip_number"),
        ({"declaration": ""}, "declaration"),
    ],
)
def test_mistakes_are_named_where_they_are(changed: dict[str, str], where: str) -> None:
    """The form's rules: a name, a day that has come, both or neither of the other parent's fields."""
    offered = {
        "role": "mother",
        "other": "father",
        "own": {"number": THAO, "name": {"full": "Phan Thị Thu Thảo"}},
        "commune": "20242",
        "home": "Đà Nẵng",
    }
    form = Form(tuple(answers(**changed).items()))
    assert where in {name for name, _ in read(form, offered, date.today()).errors}  # noqa: DTZ011 - the form's day
    alone = Form(tuple(answers(other_name="", other_number="").items()))
    assert "father" not in read(alone, offered, now().date()).inputs


OFFERED: dict[str, Any] = {
    "minor": False,
    "own": {"number": THAO, "name": {"full": "Phan Thị Thu Thảo"}, "birth_date": "1997-03-02"},
    "provinces": [{"code": "48", "name": "Đà Nẵng"}],
    "communes": [{"code": "20242", "name": "Hải Châu"}],
    "today": date(2026, 11, 23),
    "role": "mother",
    "other": "father",
    "commune": "20242",
}
"""What both forms offer: the portal's knows the role and the home, the counter's asks."""


@pytest.mark.parametrize("alone", [False, True])
def test_the_counter_files_what_the_portal_files(alone: bool) -> None:
    """Decree 63/2024: the same answers at a desk, where role and home are typed, are the very same inputs."""
    told = answers(**({"other_name": "", "other_number": ""} if alone else {}))
    typed = told | {"role": "mother", "province": "48", "commune": "20242"}
    service = SERVICES["linked.birth"]
    at_desk = service.read(Form(tuple(typed.items())), OFFERED, now().date())
    online = read(Form(tuple(told.items())), OFFERED, now().date())
    assert not at_desk.errors
    assert service.to_file(at_desk.inputs) == online.inputs
    assert ("father" in online.inputs) is not alone


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"role": ""}, "role"),
        ({"born_year": "2199"}, "born"),
        ({"commune": "00001"}, "commune"),
        ({"other_name": ""}, "other_name"),
        ({"other_name": "", "other_number": "", "live_with": "father"}, "live_with"),
    ],
)
def test_the_counter_names_mistakes_where_they_are(changed: dict[str, str], where: str) -> None:
    """Who files, where they live, both or neither of the other parent's fields, a parent who was named."""
    typed = answers() | {"role": "mother", "province": "48", "commune": "20242"} | changed
    found = SERVICES["linked.birth"].read(Form(tuple(typed.items())), OFFERED, now().date())
    assert where in {name for name, _ in found.errors}


@pytest.fixture
async def national(start: Start) -> Running:
    """The national portal with a mother in front of it."""
    running = await start("national_portal")
    await running.sign_in(THAO, name="Phan Thị Thu Thảo")
    return running


async def test_a_birth_is_filed_and_followed_on_one_page(national: Running) -> None:
    """Pre-filled with the father of the household; filed once; the page shows the three bodies."""
    form = await begun(national, "/birth")
    page = (await national.http.get(form)).text
    for known in ("Huỳnh Nhật Minh", MINH, 'value="Huỳnh"'):
        assert known in page
    review = await reviewed(national, form, answers())
    assert "Huỳnh Phan Bảo Ngọc" in review
    answer = await national.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 303, answer.text
    page = (await national.http.get(answer.headers["location"])).text
    for body in ("Đăng ký khai sinh và cấp số định danh", "Công an cấp xã", "Cơ quan bảo hiểm xã hội"):
        assert body in page
    assert "Chờ kết quả của cơ quan trước" in page


async def test_prefill_without_a_household() -> None:
    """Who lives in no household fills in the other parent themselves."""
    own = {"number": THAO, "sex": "female", "name": {"family": "Phan"}, "household": None}
    answered = await prefill(None, own)  # type: ignore[arg-type]  # looks nothing up
    assert "other_number" not in answered
    assert answered["residence_kind"] == ["temporary"]
