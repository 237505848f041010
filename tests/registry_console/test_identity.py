"""Cards, numbers and status at the desk: checks and effect first, orders at once, the rest with a second officer."""

from __future__ import annotations

import re

import pytest

from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_api.dossiers import rows
from tests.registry_api.test_identity_acts import CARD
from tests.registry_console.conftest import Desk, Sit, handle_on

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE, AUDITOR = "CA-00166-017", "CA-01-004", "C06-012", "TTr-001"
INSURER = "BHXH-46-031"
SINCE = {"since_day": "20", "since_month": "11", "since_year": "2026"}
HOLD, WITHDRAW = "identity.card-withdraw:custody", "identity.card-withdraw:altered"
GIVE_BACK, NUMBER = "identity.card-return:measure_ended", "identity.number:falsified_file"
WRONGLY = "identity.number:wrongly_recorded"
REQUEST = re.compile(r'name="request" value="([0-9a-f-]+)"')


@pytest.fixture
def registry(own_authority: Registry) -> Registry:
    """Decisions change the record: they are made on a database of their own."""
    return own_authority


@pytest.fixture
async def desk(registry: Registry, sit: Sit) -> Desk:
    """An officer of the commune where Phúc lives for good."""
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute("UPDATE officer SET territory = '00235' WHERE officer_id = $1", COMMUNE)
    return await sit(COMMUNE)


async def before(desk: Desk, person: dict[str, str], purpose: str = "identity_acts") -> str:
    """The handle of somebody whose record is open under this purpose."""
    await desk.take(purpose)
    opened = await desk.send_form("/console/find", number=person["number"])
    assert opened.status_code == 200, opened.text
    return handle_on(opened)


async def state_of(registry: Registry, person: dict[str, str]) -> str:
    """How the newest card stands."""
    ((state, _),) = await rows(registry, CARD, person["number"])
    return str(state)


async def test_a_card_is_held_on_an_order_and_given_back(registry: Registry, desk: Desk) -> None:
    """Law on Identity Art. 29(2), 34(1)(c): checks and effect laid out, nothing written; then done, then undone."""
    person = await before(desk, PHUC)
    assert "Giữ thẻ: bị tạm giữ" in (await desk.send_form("/console/identity", person=person)).text
    order = {"person": person, "act": HOLD, "decision": "12/QĐ-CSĐT", **SINCE}
    checked = await desk.send_form("/console/identity/check", **order)
    assert "khóa ngay" in checked.text
    assert "Ngày không trước ngày cấp thẻ" in checked.text
    assert await state_of(registry, PHUC) == "valid"
    done = await desk.send_form("/console/identity/act", **order)
    assert (done.status_code, await state_of(registry, PHUC)) == (303, "held")
    shown = await desk.get(done.headers["location"])
    assert (shown.status_code, "12/QĐ-CSĐT" in shown.text) == (200, True)
    code = done.headers["location"].rpartition("/")[2]
    told = await rows(registry, "SELECT kind FROM dossier_outbox WHERE dossier_code = $1", code)
    assert "registry.WithdrawCard" in [row[0] for row in told]
    assert COMMUNE in [each["officer"] for each in await registry.log_of(PHUC["number"], code)]
    back = await desk.send_form("/console/identity/act", **order | {"act": GIVE_BACK})
    assert (back.status_code, await state_of(registry, PHUC)) == (303, "valid")


@pytest.mark.attack
async def test_a_card_is_withdrawn_by_two_officers(registry: Registry, desk: Desk, sit: Sit) -> None:
    """Attack 49: asked by one, examined and approved by another; the record changes with the approval, once."""
    other = await sit(PROVINCE)
    order = {"person": await before(desk, PHUC), "act": WITHDRAW, "decision": "7/QĐ-QLHC", **SINCE}
    asked = await desk.send_form("/console/identity/act", **order)
    assert (asked.headers["location"], await state_of(registry, PHUC)) == ("/console/requests", "valid")
    found = REQUEST.search((await other.get("/console/requests")).text)
    assert found is not None
    own = await desk.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert (own.status_code, "tự duyệt" in own.text or "đề nghị" in own.text) == (403, True)
    assert (await desk.send_form("/console/requests/examine", request=found[1])).status_code == 403
    examined = await other.send_form("/console/requests/examine", request=found[1])
    assert "Thu hồi thẻ: bị tẩy xóa" in examined.text
    approved = await other.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert approved.headers["location"].startswith("/console/dossiers/G01.899.07-")
    assert await state_of(registry, PHUC) == "withdrawn"
    again = await other.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert again.status_code == 403


@pytest.mark.attack
async def test_what_holds_no_more_is_not_done(registry: Registry, desk: Desk, sit: Sit) -> None:
    """Attack 49, stale approvals: the card was held meanwhile, so the approval is refused whole."""
    other = await sit(PROVINCE)
    order = {"person": await before(desk, PHUC), "act": WITHDRAW, "decision": "8/QĐ-QLHC", **SINCE}
    assert (await desk.send_form("/console/identity/act", **order)).status_code == 303
    assert (await desk.send_form("/console/identity/act", **order | {"act": HOLD})).status_code == 303
    found = REQUEST.search((await other.get("/console/requests")).text)
    assert found is not None
    examined = await other.send_form("/console/requests/examine", request=found[1])
    assert ("không có thẻ đang sử dụng" in examined.text, 'value="approve"' in examined.text) == (True, False)
    forged = await other.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert (forged.status_code, await state_of(registry, PHUC)) == (403, "held")
    assert (
        await other.send_form("/console/requests/decide", request=found[1], answer="reject")
    ).status_code == 303


async def test_a_number_is_asked_for_and_decided_by_the_centre(
    registry: Registry, desk: Desk, sit: Sit
) -> None:
    """Decree 70/2024 Art. 11(7)(c): the commune asks, no province approves, the centre opens and decides."""
    order = {"person": await before(desk, PHUC), "act": NUMBER, "decision": "KL 3/2026"}
    assert (await desk.send_form("/console/identity/act", **order)).status_code == 303
    province, centre = await sit(PROVINCE), await sit(CENTRE)
    found = REQUEST.search((await centre.get("/console/requests")).text)
    assert found is not None
    refused = await province.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert refused.status_code == 403
    opened = await centre.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert opened.status_code == 303, opened.text
    page = (await centre.get(opened.headers["location"])).text
    assert "Hủy, xác lập lại số định danh cá nhân" in page


async def test_a_number_recorded_wrongly_gets_the_right_province(
    registry: Registry, desk: Desk, sit: Sit
) -> None:
    """Decree 70/2024 Art. 11(7)(b): registered elsewhere; both officers see where, the dossier says it."""
    person = await before(desk, PHUC)
    assert 'name="province"' in (await desk.send_form("/console/identity", person=person)).text
    order = {"person": person, "act": WRONGLY, "decision": "KS 12/2026", "province": "79"}
    for changed, words in (
        ({"province": "77"}, "trong danh sách"),
        ({"act": NUMBER}, "do ghi sai"),
        ({"act": HOLD, **SINCE}, "do ghi sai"),
    ):
        refused = await desk.send_form("/console/identity/check", **order | changed)
        assert (refused.status_code, words in refused.text) == (400, True), changed
    checked = await desk.send_form("/console/identity/check", **order)
    assert (checked.status_code, "Hồ Chí Minh" in checked.text) == (200, True)
    mended = await desk.send_form("/console/identity", **order)
    assert 'value="KS 12/2026"' in mended.text, "nothing is typed twice to mend an order"
    assert '<option value="79" selected>' in mended.text
    assert (await desk.send_form("/console/identity/act", **order)).status_code == 303
    centre = await sit(CENTRE)
    found = REQUEST.search((await centre.get("/console/requests")).text)
    assert found is not None
    examined = await centre.send_form("/console/requests/examine", request=found[1])
    assert "Hồ Chí Minh" in examined.text
    opened = await centre.send_form("/console/requests/decide", request=found[1], answer="approve")
    assert opened.status_code == 303, opened.text
    code = opened.headers["location"].rpartition("/")[2]
    ((inputs,),) = await rows(
        registry, "SELECT inputs->>'province' FROM dossier WHERE dossier_code = $1", code
    )
    assert inputs == "79"


@pytest.mark.attack
async def test_no_act_without_errand_order_and_office(registry: Registry, desk: Desk, sit: Sit) -> None:
    """Attack 49: no errand, no decision, a day to come, an act that does not fit, an auditor: nothing."""
    person = await before(desk, PHUC, "residence_dossier")
    assert (await desk.send_form("/console/identity", person=person)).status_code == 403
    await desk.take("identity_acts")
    good = {"person": person, "act": HOLD, "decision": "12/QĐ", **SINCE}
    for wrong, status in (
        ({"decision": ""}, 400),
        ({"since_day": "32"}, 400),
        ({"since_year": "²026"}, 400),
        ({"act": GIVE_BACK}, 400),
        ({"act": "identity.card-withdraw:whim"}, 400),
        ({"since_year": "2090"}, 409),
    ):
        answer = await desk.send_form("/console/identity/act", **good | wrong)
        assert answer.status_code == status, wrong
    assert (await (await sit(AUDITOR)).send_form("/console/identity/act", **good)).status_code == 403
    elsewhere = await sit(INSURER)
    assert (await elsewhere.send_form("/console/identity/act", **good)).status_code == 403
    assert await state_of(registry, PHUC) == "valid"


async def test_the_police_of_the_permanent_residence_deal_with_it(registry: Registry, sit: Sit) -> None:
    """Lan rents in Cầu Giấy and is registered in Nghệ An: her record opens here, her card is theirs to deal with."""
    desk = await sit(COMMUNE)
    person = await before(desk, LAN)
    refused = await desk.send_form("/console/identity", person=person)
    assert (refused.status_code, "thường trú" in refused.text) == (403, True)
    assert await state_of(registry, LAN) == "valid"
