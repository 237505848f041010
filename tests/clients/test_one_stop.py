"""The one-stop counter over HTTP, before the real registry; the provider answers in its own wire format."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.dpop import DpopKey, HeldToken
from clients.one_stop_portal.card_line import LONGEST, read_card_line
from clients.one_stop_portal.services import OFFERED, SERVICES
from clients.portal_kit import levels
from clients.portal_kit.question import Question
from keys import KeyPurpose
from tests.clients.conftest import CLIENT_IDS, HUNG, LAN, PHUC, Running, Start, access_token
from tests.clients.test_residence_procedures import TOLD, Told

CLERK, OTHER = "099193000135", "099077000136"
HERE = "Trung tâm phục vụ hành chính công phường Cầu Giấy"
STAFF = {"vn_role": "counter_clerk", "vn_agency": HERE, "name": "Lê Thị Thanh Vân"}
CARD = f"{PHUC}||Trần Văn Phúc|09021968|Nam|Hà Nội|20062021"


@dataclass
class Party:
    """A relying party whose provider says what a test wants; everything that was sent to it is kept."""

    running: Running
    says: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def token(self, number: str) -> str:
        """A citizen's token as the provider signs it."""
        name = CLIENT_IDS[self.running.name]
        return access_token(self.running.provider.ring, name, number, "citizen", scope="registry:dossiers")

    async def own_token(self, scope: str) -> HeldToken:
        """The portal's own token."""
        ring = self.running.provider.ring
        name = CLIENT_IDS[self.running.name]
        return HeldToken(access_token(ring, name, None, name, None, scope=scope))

    async def keys_for(self, kid: object) -> Mapping[str, Any]:
        """The provider's keys; whoever checks picks the one of that name."""
        assert isinstance(kid, str)
        ring = self.running.provider.ring
        return {"keys": ring.jwks()["keys"]}

    async def post(
        self, endpoint: str, form: Mapping[str, str], *, key: DpopKey | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """The provider's answer."""
        del key
        self.sent.append((endpoint, dict(form)))
        kind = form.get("act") or endpoint
        return self.says.get(kind, (400, {"error": "invalid_request"}))


@pytest.fixture
async def counter(start: Start) -> tuple[Running, Party]:
    """The counter with a clerk in front of it."""
    running = await start("one_stop_portal")
    party = willing(running)
    await running.sign_in(CLERK, **STAFF)
    return running, party


def willing(running: Running) -> Party:
    """A provider behind the counter that says yes to everything."""
    party = Party(running)
    party.says = {
        "backchannel_authentication_endpoint": (200, {"auth_req_id": "r" * 22}),
        "send_code": (200, {"status": "code_sent", "to": "p•••@example.vn.test"}),
        "confirm_code": (200, {"status": "confirmed"}),
        "record_paper": (200, {"status": "confirmed"}),
        "token_endpoint": (200, {"access_token": party.token(PHUC)}),
        "/eid/v1/dependants": (200, {"dependants": []}),
    }
    running.app.state.portal = running.portal = replace(running.portal, party=party)
    return party


async def received(running: Running, card: str = CARD, service: str = "1.010041") -> str:
    """Receive somebody; the address of the case."""
    answer = await running.post("/cases/new", {"card": card, "service": service}, form_on="/cases/new")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def asked(running: Running, way: str = "code") -> str:
    """A case that waits for the citizen."""
    case = await received(running)
    await running.post(f"{case}/form", {"used_for": "Nhập học"}, form_on=case)
    await running.post(f"{case}/way", {"way": way}, form_on=case)
    return case


async def test_from_the_card_to_the_receipt(counter: tuple[Running, Party]) -> None:
    """Public services 12: verified, filled in, confirmed for this very dossier, filed, handed over."""
    running, party = counter
    assert "/on-behalf" not in (await running.http.get("/cases/new")).text, "a counter has no such page"
    case = await asked(running)
    code = case.rpartition("/")[2]
    endpoint, form = next(each for each in party.sent if each[0] == "backchannel_authentication_endpoint")
    assert endpoint
    (detail,) = json.loads(form["authorization_details"])
    assert (detail["dossier"], detail["procedure"]) == (code, "1.010041")
    assert form["login_hint"] == PHUC
    assert form["confirmation"] == "code"
    assert "p•••@example.vn.test" in (await running.http.get(case)).text
    done = await running.post(f"{case}/confirm", {"code": "123456"}, form_on=case)
    assert done.status_code == 303, done.text
    page = (await running.http.get(case)).text
    assert "Đã nộp hồ sơ" in page
    paper = (await running.http.get(f"{case}/receipt")).text
    assert "Trần Văn Phúc" in paper
    assert code in paper
    await running.post(f"{case}/hand-over", form_on=case)
    assert "Đã trả" in (await running.http.get("/")).text
    sent = len(party.sent)
    again = await running.post(f"{case}/confirm", {"code": "123456"}, form_on="/cases/new")
    assert again.status_code == 303
    assert len(party.sent) == sent, "a filed case asks for nothing more"


async def test_a_wrong_card_begins_nothing(counter: tuple[Running, Party]) -> None:
    """The registry's no, and a line that is none: the form again, and no case."""
    running, party = counter
    for card in (CARD.replace("Phúc", "Phú Hộ"), "xin chào", f"{LAN}||Ai Đó|01011990|Nữ|x|01012020"):
        answer = await running.post("/cases/new", {"card": card, "service": "1.010041"}, form_on="/cases/new")
        assert answer.status_code == 422
    assert party.sent == []


async def test_the_card_of_the_app_is_scanned(
    counter: tuple[Running, Party],
) -> None:
    """A signed card of this minute begins a case without typing; an old picture or a forged one begins none."""
    running, _ = counter
    ring = running.provider.ring
    made = int(time.time())
    said = {
        "iss": running.portal.settings.issuer,
        "iat": made,
        "exp": made + 60,
        "jti": "p-1",
        "number": PHUC,
        "name": "Trần Văn Phúc",
        "birth_date": "1968-02-09",
        "card": {"state": "valid"},
    }

    def scanned(**changed: object) -> str:
        text = ring.signer(KeyPurpose.EID_APP).sign(said | changed, typ="eid-card+jwt")
        return f"{said['iss']}/check-card#{text}"

    assert (await received(running, scanned())).startswith("/cases/")
    for card, words in (
        (scanned(iat=made - 600, exp=made - 540), "ảnh chụp màn hình"),
        (scanned(iss="https://evil.example"), "không phải là mã"),
        (scanned(birth_date="1968"), "không phải là mã"),
    ):
        answer = await running.post("/cases/new", {"card": card, "service": "1.010041"}, form_on="/cases/new")
        assert answer.status_code == 422
        assert words in answer.text


@pytest.mark.attack
async def test_no_filing_without_a_yes(counter: tuple[Running, Party]) -> None:
    """Attack 52: a silent citizen, a wrong code, a refusal: nothing is filed, and the page says what to do."""
    running, party = counter
    case = await asked(running, "app")
    party.says["token_endpoint"] = (400, {"error": "authorization_pending"})
    assert "chưa trả lời" in (await running.post(f"{case}/confirm", form_on=case)).text
    party.says["token_endpoint"] = (400, {"error": "access_denied"})
    assert (await running.post(f"{case}/confirm", form_on=case)).status_code == 409
    case = await asked(running)
    party.says["confirm_code"] = (200, {"status": "wrong_code", "left": 3})
    answer = await running.post(f"{case}/confirm", {"code": "1"}, form_on=case)
    assert answer.status_code == 422
    assert "Còn 3 lần thử" in answer.text
    party.says["confirm_code"] = (409, {"error": "too_many_tries"})
    assert "quá nhiều lần" in (await running.post(f"{case}/confirm", {"code": "1"}, form_on=case)).text
    assert f"{case}/receipt" not in (await running.http.get(case)).text
    assert (await running.http.get(f"{case}/receipt")).status_code == 303


@pytest.mark.attack
async def test_cases_belong_to_who_received_them(counter: tuple[Running, Party]) -> None:
    """Attack 49: to another clerk, and to a citizen, there is no such case; the desk is for staff."""
    running, _ = counter
    case = await received(running)
    await running.sign_in(OTHER, **STAFF)
    assert (await running.http.get(case)).status_code == 404
    await running.sign_in(HUNG)
    for path in (case, "/cases/new", f"{case}/receipt"):
        assert (await running.http.get(path)).status_code == 403
    for other in ({"vn_role": "commune_officer", "vn_agency": "Công an"}, {"vn_role": "counter_clerk"}):
        await running.sign_in(HUNG, **other)
        assert (await running.http.get("/cases/new")).status_code == 403
    await running.sign_in(CLERK, levels.LOOK, **STAFF)
    assert (await running.http.get(case)).headers["location"].startswith("/sign-in?")


MENU = re.compile(r'<nav class="menu".*?</nav>', re.DOTALL)
LINK = re.compile(r'href="([^"]+)"')


async def test_the_menu_offers_nobody_a_refusal(counter: tuple[Running, Party]) -> None:
    """Receiving people is offered to staff alone; every entry of anybody's menu opens for them."""
    running, _ = counter

    async def offered() -> list[str]:
        menu = MENU.search((await running.http.get("/")).text)
        assert menu is not None
        links = LINK.findall(menu[0])
        assert [(await running.http.get(each)).status_code for each in links] == [200] * len(links)
        return links

    assert {"/cases/new", "/papers"} <= set(await offered())
    await running.sign_in(HUNG)
    assert not {"/cases/new", "/papers"} & set(await offered())


async def test_a_citizen_files_for_themselves(counter: tuple[Running, Party]) -> None:
    """The same counter, an own account: nobody helps, and nothing is asked of the provider but the list."""
    running, party = counter
    await running.sign_in(LAN)
    answer = await running.post("/file", {"whom": "myself", "service": "1.010041"}, form_on="/file")
    case = answer.headers["location"]
    wrong = await running.post(case, {"used_for": ""}, form_on=case)
    assert wrong.status_code == 422
    done = await running.post(case, {"used_for": "Vay vốn ngân hàng"}, form_on=case)
    assert done.status_code == 303, done.text
    assert "Đã nộp hồ sơ" in (await running.http.get(case)).text
    assert {endpoint for endpoint, _ in party.sent} == {"/eid/v1/dependants"}


@pytest.mark.attack
async def test_a_guardian_whose_right_ended_files_nothing(counter: tuple[Running, Party]) -> None:
    """Attack 52: the provider's no at the moment of filing is told; a pseudonym that is not listed is no choice."""
    running, party = counter
    await running.sign_in(HUNG)
    child = {
        "sub": "pairwise-child",
        "name": "Bé Thử",
        "basis": "parent",
        "until": "2036-07-14T17:00:00+00:00",
    }
    party.says["/eid/v1/dependants"] = (200, {"dependants": [child]})
    strange = await running.post("/file", {"whom": "another", "service": "1.010041"}, form_on="/file")
    assert strange.status_code == 422
    own_only = await running.post("/file", {"whom": child["sub"], "service": "bhyt.child"}, form_on="/file")
    assert (own_only.status_code, "nộp cho chính mình" in own_only.text) == (422, True)
    answer = await running.post("/file", {"whom": child["sub"], "service": "1.010041"}, form_on="/file")
    case = answer.headers["location"]
    party.says["token_endpoint"] = (400, {"error": "invalid_request"})
    refused = await running.post(case, {"used_for": "Nhập học"}, form_on=case)
    assert refused.status_code == 409
    assert "không còn quyền" in refused.text
    form = party.sent[-1][1]
    assert form["subject_token"] == child["sub"]
    assert json.loads(form["authorization_details"])[0]["dossier"] == case.rpartition("/")[2]


TYPED_HERE = {
    "residence.split": {"leaver_0": "head"},
    "residence.correct": {"what": "relation", "kind": "permanent", "relation": "child"}
    | {"person_number": HUNG, "person_name": "Lê Quang Hùng", "person_birth_year": "1979"},
    "bhyt.household": {
        "order_count": "2",
        "order_1": PHUC,
        "order_2": HUNG,
        "months": "6",
        "facility": "Trạm",
    },
    "bhyt.child": {"child": "elsewhere", "child_number": "099226000149", "facility": "Trạm Y tế"},
    "bhyt.correction": {"whose": "1", "field": "facility", "facility": "Trạm Y tế phường Thuận Hóa"},
    "linked.birth": {"role": "father", "family": "Trần", "given": "Bảo An", "sex": "female"}
    | {"born_day": "1", "born_month": "11", "born_year": "2026", "slip_kind": "paper"}
    | {
        "birth_place": "Bệnh viện Đống Đa (mô phỏng)",
        "hometown": "Hà Nội",
        "slip_number": "GCS-01-2026-000321",
    }
    | {"other_number": "099170000103", "other_name": "Đỗ Thị Hòa", "province": "01", "commune": "00166"}
    | {"live_with": "mother", "residence_kind": "permanent", "facility": "Trạm Y tế phường Đống Đa"},
    "linked.death": {"whose": "member", "notice_kind": "paper", "notice_number": "12/GBT-2026"}
    | {"deceased_number": HUNG, "deceased_name": "Lê Quang Hùng", "deceased_birth_year": "1979"}
    | {"died_day": "1", "died_month": "11", "died_year": "2026", "province": "01", "commune": "00166"},
}
"""What is typed where the household is not known."""


@pytest.mark.parametrize("code", SERVICES)
async def test_every_procedure_is_filed_at_the_counter(counter: tuple[Running, Party], code: str) -> None:
    """Decree 118/2025: each residence and insurance form as its portal declares it, card to registry."""
    running, _ = counter
    case = await received(running, service=code)
    told = TOLD[code] if code in TOLD else Told("", {}, {})
    fields = TYPED_HERE.get(code) or told.fields
    steering = next((each.name for each in questions_of(code) if each.steers), "")
    if steering:
        more = await running.post(f"{case}/form", fields | {"act": f"show-{steering}"}, form_on=case)
        assert more.headers["location"] == f"{case}#{steering}"
    answer = await running.post(f"{case}/form", fields, form_on=case)
    assert answer.status_code == 303, answer.text
    await running.post(f"{case}/way", {"way": "code"}, form_on=case)
    done = await running.post(f"{case}/confirm", {"code": "123456"}, form_on=case)
    assert done.status_code == 303, done.text
    dossier = await running.portal.filed.one(case.rpartition("/")[2], subject_of(running))
    assert dossier is not None
    assert dossier.procedure_code == code


def questions_of(code: str) -> list[Question]:
    """The questions of a procedure."""
    return [each for section in SERVICES[code].procedure.sections for each in section.questions]


def subject_of(running: Running) -> str:
    """Under whom the clerk's cases are kept."""
    return running.tokens(CLERK).subject


@given(st.text(max_size=LONGEST + 50) | st.lists(st.text(max_size=20), max_size=14).map("|".join))
def test_any_line_is_read_or_refused(line: str) -> None:
    """Whatever a scanner types: a person with twelve digits and a day, or nobody."""
    found = read_card_line(line)
    assert found is None or (len(found.number) == 12 and found.name)


def test_a_card_line_names_its_person() -> None:
    """Seven parts, the old number empty; a line of eleven parts of the newest cards as well."""
    for tail in ("", "|Cha||Mẹ|"):
        found = read_card_line(CARD + tail)
        assert found is not None
        assert (found.number, found.name, found.born.isoformat()) == (PHUC, "Trần Văn Phúc", "1968-02-09")


def test_services_name_one_detail_each() -> None:
    """RFC 9396: what a person agrees to is the procedure and its purpose, readable, filed at this counter."""
    assert len(SERVICES) == 16
    assert {code for _, codes in OFFERED for code in codes} == set(SERVICES)
    for service in SERVICES.values():
        assert service.purpose.endswith("nộp tại một cửa")
        assert "trực tuyến" not in service.purpose
        assert service.detail["procedure"] == service.code
        assert 5 <= len(service.purpose) <= 500
