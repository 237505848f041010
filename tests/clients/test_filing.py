"""The journeys of both procedures through HTTP, before the real registry: from the form to a signed receipt."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from clients.portal_kit import levels
from clients.portal_kit.portal import now
from tests.clients.conftest import HUNG, LAN, PHUC, Running, Start
from tests.tampering import altered
from web.qr_codes import qr_code

TEMPORARY = "/temporary-residence"
HOUSEHOLD = "/household-insurance"

LENGTHS = itertools.count(200)
"""Days: no two dossiers of these tests are the same application, which the registry would refuse."""


def dates(name: str, days: int) -> dict[str, str]:
    """A day in three parts, counted from today."""
    day = now().date() + timedelta(days=days)
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def answers(**changed: str) -> dict[str, str]:
    """Lan's answers as she would give them."""
    return {
        "province": "01",
        "commune": "00166",
        "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa",
        "tenure": "rented",
        "owner_number": PHUC,
        "owner_name": "Trần Văn Phúc",
        "declaration": "yes",
        **dates("from", 1),  # tomorrow: a midnight between form and filing leaves it in time
        **dates("until", next(LENGTHS)),
        **changed,
    }


@pytest.fixture
async def residence(start: Start) -> Running:
    """The residence portal with Lan in front of it."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    return running


@pytest.fixture
async def insurance(start: Start) -> Running:
    """The insurance portal with Hùng in front of it."""
    running = await start("insurance_portal")
    await running.sign_in(HUNG)
    return running


async def begun(running: Running, path: str) -> str:
    """Start a procedure; the address of its form."""
    answer = await running.post(path, form_on=path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def reviewed(running: Running, form: str, fields: dict[str, str]) -> str:
    """Answer the form; the text of the review page."""
    answer = await running.post(form, fields, form_on=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{form}/review"), answer.text
    return (await running.http.get(f"{form}/review")).text


async def test_temporary_residence_from_start_to_receipt(residence: Running) -> None:
    """Pre-filled, answered, checked by the registry, filed: state 2, a due date, a receipt that holds."""
    form = await begun(residence, TEMPORARY)
    page = (await residence.http.get(form)).text
    assert "Nguyễn Thị Lan" in page
    assert 'value="Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"' in page  # where she lives, known already
    review = await reviewed(residence, form, answers())
    assert "Hồ sơ đủ điều kiện" in review
    filed = await residence.post(f"{form}/file", form_on=f"{form}/review")
    code = form.rpartition("/")[2]
    assert filed.headers["location"] == f"/dossiers/{code}"
    dossier = (await residence.http.get(f"/dossiers/{code}")).text
    assert "Mới đăng ký" in dossier, dossier
    assert "Chủ sở hữu chỗ ở" in dossier  # asked at the registry, by filing alone
    receipt = await residence.http.get(f"/dossiers/{code}/receipts/1")
    assert receipt.headers["content-type"].startswith("application/jwt")
    claims = await residence.portal.registry.check_receipt(receipt.text)
    assert claims["dossier_code"] == code
    assert LAN not in str(claims)
    paper = (await residence.http.get(f"/dossiers/{code}/receipts/1/paper")).text
    assert str(qr_code(receipt.text, error="l")) in paper
    checked = await residence.post("/receipts/check", {"receipt": receipt.text}, form_on="/receipts/check")
    assert "Chữ ký hợp lệ" in checked.text
    spoiled = await residence.post(
        "/receipts/check", {"receipt": altered(receipt.text)}, form_on="/receipts/check"
    )
    assert "Biên nhận không dùng được" in spoiled.text
    assert (await residence.http.get("/dossiers")).text.count(code) >= 1
    assert (await residence.portal.drafts.of("pairwise-residence_portal-101")) == ()


async def test_pressed_twice_filed_once(residence: Running) -> None:
    """The second press leads to the dossier of the first, though its draft is gone."""
    form = await begun(residence, TEMPORARY)
    await reviewed(residence, form, answers())
    token = await residence.form_token(f"{form}/review")
    first, second = [await residence.http.post(f"{form}/file", data={"csrf_token": token}) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await residence.portal.filed.of("pairwise-residence_portal-101")) == 1


async def test_the_same_application_again_leads_to_the_first(residence: Running) -> None:
    """While it is open nobody needs it twice: said as such, not as a fault of the registry; the draft is kept."""
    same, said = answers(), []
    for _ in range(2):
        form = await begun(residence, TEMPORARY)
        await reviewed(residence, form, same)
        said.append(await residence.post(f"{form}/file", form_on=f"{form}/review"))
    first, second = said
    assert second.status_code == 409
    assert "<h1>Bạn đã nộp hồ sơ này rồi</h1>" in second.text
    assert f'href="{first.headers["location"]}"' in second.text
    assert f'href="{form}' in second.text


async def test_a_failed_check_is_explained_and_cannot_be_filed(residence: Running) -> None:
    """What fails, why and what to do, in words; filing anyway leads back to the explanation."""
    form = await begun(residence, TEMPORARY)
    review = await reviewed(residence, form, answers(**dates("until", 10)))
    assert "Chưa nộp được" in review
    assert "Thời gian bạn chọn ngắn hơn 30 ngày." in review
    assert "Dưới 30 ngày chỉ cần thông báo lưu trú" in review
    assert f"{form}/file" not in review
    forced = await residence.post(f"{form}/file", form_on=f"{form}/review")
    assert forced.headers["location"] == f"{form}/review"
    assert await residence.portal.filed.of("pairwise-residence_portal-101") == ()
    english = (await residence.http.get(f"{form}/review?lang=en")).text
    assert "The term you chose is shorter than 30 days." in english


async def test_an_open_check_may_be_filed(residence: Running) -> None:
    """A name written a little otherwise is for an officer: the dossier is filed all the same."""
    form = await begun(residence, TEMPORARY)
    review = await reviewed(residence, form, answers(owner_name="Tran Van Phuc"))
    assert "Nộp được, cán bộ sẽ xem thêm" in review
    filed = await residence.post(f"{form}/file", form_on=f"{form}/review")
    assert filed.headers["location"].startswith("/dossiers/")


async def test_province_then_commune_without_javascript(residence: Running) -> None:
    """The first button only brings the communes of another province; everything typed is kept."""
    form = await begun(residence, TEMPORARY)
    changed = answers(province="79", commune="", address="Số 5, đường Hoa Sen", act="show-commune")
    answer = await residence.post(form, changed, form_on=form)
    assert answer.headers["location"] == f"{form}#commune"
    page = (await residence.http.get(form)).text
    assert "Bến Thành" in page
    assert 'value="Số 5, đường Hoa Sen"' in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"province": "99"}, "Hãy chọn tỉnh hoặc thành phố."),
        ({"commune": "26734"}, "Hãy chọn xã hoặc phường."),
        ({"commune": "' OR 1=1"}, "Hãy chọn xã hoặc phường."),
        ({"address": ""}, "Hãy ghi địa chỉ"),
        ({"address": "x" * 300}, "Hãy ghi địa chỉ"),
        ({"address": "a\u202eb"}, "Hãy ghi địa chỉ"),
        ({"tenure": "stolen"}, "Hãy chọn hình thức ở."),
        ({"owner_number": "12"}, "Số định danh gồm 12 chữ số."),
        ({"owner_number": "٠٩٩٠٦٨٠٠٠١٠٢"}, "Số định danh gồm 12 chữ số."),
        ({"from_day": "31", "from_month": "2"}, "Ngày bắt đầu không hợp lệ."),
        ({"from_year": "²²²²"}, "Ngày bắt đầu không hợp lệ."),
        (dates("from", -1), "Ngày bắt đầu không được ở trong quá khứ."),
        (dates("until", 0), "Ngày kết thúc phải sau ngày bắt đầu."),
        ({"contract_until_day": "x"}, "Ngày hết hợp đồng không hợp lệ."),
        ({"declaration": ""}, "Hãy đánh dấu vào lời cam đoan."),
    ],
)
async def test_bad_answers_are_named_and_kept(residence: Running, changed: dict[str, str], said: str) -> None:
    """Whatever is typed: 422, the mistake in words, a link to its field, and the rest is still there."""
    form = await begun(residence, TEMPORARY)
    answer = await residence.post(form, answers(**changed), form_on=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert (
        "Trần Văn Phúc" in answer.text or "tenure" in changed
    )  # by which right decides whether an owner is asked


@pytest.mark.attack
async def test_a_draft_of_somebody_else_does_not_exist(residence: Running) -> None:
    """Form, review, filing, dossier, receipt and withdrawal by another person: 404 each (attack 49)."""
    form = await begun(residence, TEMPORARY)
    await reviewed(residence, form, answers())
    await residence.sign_in(PHUC)
    for path in (form, f"{form}/review"):
        assert (await residence.http.get(path)).status_code == 404
    for path in (form, f"{form}/file"):
        assert (await residence.post(path, form_on=TEMPORARY)).status_code == 404
    await residence.sign_in(LAN)
    await residence.post(f"{form}/file", form_on=f"{form}/review")
    code = form.rpartition("/")[2]
    await residence.sign_in(PHUC)
    for path in (f"/dossiers/{code}", f"/dossiers/{code}/receipts/1", f"/dossiers/{code}/receipts/1/paper"):
        assert (await residence.http.get(path)).status_code == 404
    assert (await residence.post(f"/dossiers/{code}/withdraw", form_on=TEMPORARY)).status_code == 404
    assert code not in (await residence.http.get("/dossiers")).text


@pytest.mark.attack
async def test_filing_needs_its_level(residence: Running) -> None:
    """A weaker sign-in is sent to step up at every step, and comes back to the same page (attack 36)."""
    form = await begun(residence, TEMPORARY)
    await residence.sign_in(LAN, acr=levels.LOOK)
    for path in (form, f"{form}/review"):
        answer = await residence.http.get(path)
        assert answer.headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}&level=file"
    assert "level=file" in (await residence.post(TEMPORARY, form_on=TEMPORARY)).headers["location"]


async def test_a_dossier_is_withdrawn_once(residence: Running) -> None:
    """Asked for once; a second request is refused in words (Decree 118/2025 Art. 21)."""
    form = await begun(residence, TEMPORARY)
    await reviewed(residence, form, answers())
    await residence.post(f"{form}/file", form_on=f"{form}/review")
    path = f"/dossiers/{form.rpartition('/')[2]}"
    assert (await residence.post(f"{path}/withdraw", form_on=path)).status_code == 303
    assert "Công dân yêu cầu rút hồ sơ" in (await residence.http.get(path)).text
    again = await residence.post(f"{path}/withdraw", form_on=TEMPORARY)
    assert (again.status_code, "dossier-state" in again.text) == (409, True)
    assert "<h1>Chưa làm được việc này</h1>" in again.text


async def test_registry_gone_keeps_the_draft(residence: Running) -> None:
    """At every step: 503, nothing lost, a link to the draft; afterwards the answers are there again."""
    form = await begun(residence, TEMPORARY)
    token = await residence.form_token(form)
    residence.registry.cut = True
    answer = await residence.http.post(form, data=answers(address="Số 7") | {"csrf_token": token})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Không mất gì cả" in answer.text
    assert f'href="{form}"' in answer.text
    start_again = await residence.http.post(TEMPORARY, data={"csrf_token": token})
    assert start_again.status_code == 503
    residence.registry.cut = False
    assert 'value="Số 7"' in (await residence.http.get(form)).text
    assert form in (await residence.http.get("/dossiers")).text


async def test_a_filed_dossier_is_shown_without_the_registry(residence: Running) -> None:
    """An outage never hides a person's dossier; an unchecked receipt says so."""
    form = await begun(residence, TEMPORARY)
    await reviewed(residence, form, answers())
    await residence.post(f"{form}/file", form_on=f"{form}/review")
    residence.portal.registry._jwks = None
    residence.registry.cut = True
    page = await residence.http.get(f"/dossiers/{form.rpartition('/')[2]}")
    assert page.status_code == 200
    assert "Chưa kiểm tra được lúc này" in page.text


async def test_household_insurance_with_its_premium(insurance: Running) -> None:
    """Five people known from the residence data; four join, the shares fall, each card has its days."""
    form = await begun(insurance, HOUSEHOLD)
    page = (await insurance.http.get(form)).text
    assert "Lê Quang Hùng" in page
    assert page.count("<select") == 5
    fields = {f"order_{place}": str(place) for place in range(1, 5)} | {"order_5": "no"}
    fields |= {"months": "12", "facility": "Trạm Y tế phường Thuận Hóa", "declaration": "yes"}
    review = await reviewed(insurance, form, fields)
    assert "Hồ sơ đủ điều kiện" in review
    for text in ("1.366.200", "956.340", "819.720", "683.100", "3.825.360"):  # insurance.md section 2
        assert text in review
    filed = await insurance.post(f"{form}/file", form_on=f"{form}/review")
    assert filed.status_code == 303, filed.text
    assert filed.headers["location"].startswith("/dossiers/G34.899.01-")
    dossier = (await insurance.http.get(filed.headers["location"])).text
    for text in ("1.366.200", "956.340", "819.720", "683.100", "3.825.360"):
        assert text in dossier
    table = review.partition("<table")[2].partition("</table>")[0]
    assert "Lê Quang Hùng" in table
    assert table in dossier


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"order_2": "1"}, "Mỗi thứ tự chỉ dùng cho một người."),
        ({"order_2": "9"}, "Hãy chọn thứ tự đóng"),
        ({"order_2": HUNG}, "Hãy chọn thứ tự đóng"),
        (dict.fromkeys((f"order_{place}" for place in range(1, 6)), "no"), "Cần ít nhất một người tham gia."),
        ({"months": "7"}, "Hãy chọn 3, 6 hoặc 12 tháng."),
        ({"facility": ""}, "Hãy ghi nơi khám"),
    ],
)
async def test_bad_answers_about_the_household(
    insurance: Running, changed: dict[str, str], said: str
) -> None:
    """Orders twice, foreign places, nobody, wrong months: named, never an error of ours."""
    form = await begun(insurance, HOUSEHOLD)
    fields = {f"order_{place}": str(place) for place in range(1, 6)}
    fields |= {"months": "12", "facility": "Trạm Y tế", "declaration": "yes"} | changed
    answer = await insurance.post(form, fields, form_on=form)
    assert (answer.status_code, said in answer.text) == (422, True)


async def test_somebody_insured_elsewhere_is_named(start: Start) -> None:
    """Lan holds a card as an employee: the page says who cannot join, why, and what to choose."""
    running = await start("insurance_portal")
    await running.sign_in(LAN)
    form = await begun(running, HOUSEHOLD)
    fields = {"order_1": "1", "months": "3", "facility": "Trạm Y tế", "declaration": "yes"}
    review = await reviewed(running, form, fields)
    assert "Những người sau không tham gia theo hộ được" in review
    assert "Đã có thẻ bảo hiểm y tế còn hiệu lực ở nhóm khác." in review
