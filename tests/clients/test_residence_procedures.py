"""Every residence procedure through HTTP, before the real registry: form, review, filing, and what comes of it."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from clients.portal_kit.portal import now
from clients.residence_portal.procedures import PROCEDURES
from keys import KeyPurpose
from tests.clients.conftest import CLIENT_IDS, LAN, PHUC, Running, Start, access_token
from tests.clients.provider import ISSUER
from tests.clients.test_filing import begun, dates, reviewed

SERIAL = itertools.count(1)
FLAT = {"province": "01", "commune": "00166", "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"}
OWNER = {"owner_number": PHUC, "owner_name": "Trần Văn Phúc"}


@dataclass(frozen=True)
class Told:
    """What a procedure is told, what of it reaches the registry, and the state in which it is then."""

    path: str
    fields: dict[str, str]
    inputs: dict[str, Any]
    state: int = 1
    show: str = ""


def words(text: str) -> str:
    """A text that no other dossier of these tests has."""
    return f"{text} {next(SERIAL)}"


def day(days: int) -> str:
    """A day from today as the registry's inputs hold it."""
    return (now().date() + timedelta(days=days)).isoformat()


TOLD = {
    "1.004222": Told(
        "/permanent-residence",
        {"ground": "rented", **FLAT, **OWNER, "floor_area_m2": "45,5"},
        {"ground": "rented", "owner": {"number": PHUC, "name": "Trần Văn Phúc"}},
        show="ground",
    ),
    "1.004194": Told(
        "/temporary-residence",
        {**FLAT, **OWNER, "tenure": "rented", **dates("from", 1), **dates("until", 150)},
        {"tenure": "rented", "commune": "00166"},
    ),
    "1.002755": Told("/extend-temporary-residence", dates("until", 90), {"until": day(90)}),
    "2.001159": Told(
        "/stay-notice",
        {"host": "household", **FLAT, "people_me": "yes", "arrived_at_time": "20:15", "reason": "Thăm nhà"}
        | dates("arrived_at", -1)
        | dates("until", 2),
        {"host": "household", "until": day(2), "reason": "Thăm nhà"},
        state=10,
    ),
    "1.003677": Told(
        "/absence",
        {"category": "long", "reason": "Đi làm xa", "province": "79", "commune": "26743", "address": "Số 1"}
        | dates("from", 1)
        | dates("until", 400),
        {"category": "long", "destination": "Số 1", "commune": "26743"},
        state=10,
        show="category",
    ),
    "residence.declare-current": Told(
        "/declare-residence", FLAT, {"dwelling": {"commune": "00166", "address": FLAT["address"]}}
    ),
    "1.010041": Told("/confirmation", {"used_for": "Nhập học cho con"}, {"used_for": "Nhập học cho con"}, 10),
    "residence.split": Told("/split-household", {"leaver_0": "head"}, {}),
    "residence.correct": Told(
        "/correct-residence",
        {"what": "address", "kind": "permanent", "address": "Số 8, ngõ 21"},
        {"what": "address", "kind": "permanent", "address": "Số 8, ngõ 21"},
        show="what",
    ),
    "residence.delete-permanent": Told(
        "/delete-permanent-residence",
        {"ground": "settled_abroad", "people_me": "yes", **dates("since", -30)},
        {"ground": "settled_abroad", "since": day(-30)},
    ),
    "1.010028": Told(
        "/delete-temporary-residence",
        {"ground": "lease_ended", "people_me": "yes", **dates("since", -30)},
        {"ground": "lease_ended", "since": day(-30)},
    ),
}


@pytest.fixture
async def residence(start: Start) -> Running:
    """The residence portal with Lan in front of it."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    return running


async def filed(running: Running, path: str, fields: dict[str, str]) -> str:
    """The code of a dossier that was filed."""
    form = await begun(running, path)
    await reviewed(running, form, {"declaration": "yes"} | fields)
    answer = await running.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def act(running: Running, code: str, act: str, **said: Any) -> None:
    """An officer of the centre acts on the dossier at the registry."""
    at = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": running.portal.settings.registry_url,
        "sub": "registry-console",
        "client_id": "registry-console",
        "scope": "registry:decide",
        "iat": at,
        "exp": at + 300,
        "jti": f"jti-{time.monotonic_ns()}",
    }
    token = running.provider.ring.signer(KeyPurpose.ACCESS_TOKEN).sign(claims, typ="at+jwt")
    wire, officer = running.portal.registry.wire, "C06-012"
    seen = await wire.send("GET", f"/v1/dossiers/{code}?officer={officer}", token=token)
    body = {"act": act, "officer": officer, "version": seen["version"], **said}
    await wire.send("POST", f"/v1/dossiers/{code}/acts", token=token, body=body)


def test_every_procedure_is_told_here() -> None:
    """The eleven residence procedures of the registry, each with a form of this portal."""
    assert {each.procedure_code for each in PROCEDURES} == set(TOLD)


@pytest.mark.parametrize("code", sorted(TOLD))
async def test_a_procedure_from_its_page_to_the_registry(residence: Running, code: str) -> None:
    """Page, form, review, filing: what was answered reaches the registry, with a signed receipt of who filed."""
    told = TOLD[code]
    intro = (await residence.http.get(told.path)).text
    assert "Căn cứ: " in intro  # the registry's catalogue
    form = await begun(residence, told.path)
    if told.show:
        only = {told.show: told.fields[told.show], "act": f"show-{told.show}"}
        assert (await residence.post(form, only, form_on=form)).status_code == 303
    review = await reviewed(residence, form, {"declaration": "yes"} | told.fields)
    assert "Danh tính của bạn khớp" in review
    answer = await residence.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 303, answer.text
    dossier_code = answer.headers["location"].rpartition("/")[2]
    cookie = residence.http.cookies.get(residence.portal.session_cookie)
    session = await residence.portal.sessions.find(cookie)
    assert session is not None
    dossier = await residence.portal.dossiers.one(await residence.portal.token(session), dossier_code)
    assert told.inputs.items() <= dossier.inputs.items()
    assert dossier.state.value == told.state
    page = (await residence.http.get(f"/dossiers/{dossier_code}")).text
    assert f'href="/dossiers/{dossier_code}/receipts/1"' in page
    receipt = (await residence.http.get(f"/dossiers/{dossier_code}/receipts/1")).text
    claims = await residence.portal.registry.check_receipt(receipt)
    assert (claims["procedure_code"], claims["dossier_code"]) == (code, dossier_code)


@pytest.mark.parametrize("code", sorted(TOLD))
async def test_an_empty_form_is_explained(residence: Running, code: str) -> None:
    """Nothing typed: 422 with every mistake as a link to its field, never an error of ours."""
    form = await begun(residence, TOLD[code].path)
    answer = await residence.post(form, {"ground": "x"}, form_on=form)
    assert (answer.status_code, "error-summary" in answer.text) == (422, True)
    english = await residence.http.get(f"{form}?lang=en")
    assert english.status_code == 200


async def test_the_paper_ct07_is_signed_and_its_persons_alone(residence: Running) -> None:
    """Decided at once: the signed paper to download; nobody else can (Law on Residence Art. 17)."""
    code = await filed(residence, "/confirmation", {"used_for": words("Vay vốn")})
    page = (await residence.http.get(f"/dossiers/{code}")).text
    assert "Tải giấy CT07" in page
    data = await residence.http.get(f"/dossiers/{code}/paper.json")
    assert "no-store" in data.headers["cache-control"]
    assert "confirmation" in data.json()
    assert (await residence.http.get(f"/dossiers/{code}/paper.exe")).status_code == 404
    await residence.sign_in(PHUC)
    assert (await residence.http.get(f"/dossiers/{code}/paper.json")).status_code == 404


async def test_the_owner_agrees_at_the_portal(residence: Running) -> None:
    """Filed, asked, seen by nobody but the owner, answered once; whoever filed sees that it was."""
    fields = {**FLAT, **OWNER, "tenure": "rented", **dates("from", 1), **dates("until", 160)}
    code = await filed(residence, "/temporary-residence", fields)
    assert "Đang chờ ý kiến của người khác" in (await residence.http.get(f"/dossiers/{code}")).text
    assert code not in (await residence.http.get("/consents")).text  # it is not hers to answer
    assert (await residence.http.get(f"/consents/{code}")).status_code == 404
    forged = await residence.post(
        f"/consents/{code}", {"answer": "yes", "role": "owner"}, form_on="/consents"
    )
    assert forged.status_code == 404
    await residence.sign_in(PHUC)
    assert code in (await residence.http.get("/consents")).text
    here = f"/consents/{code}"
    page = (await residence.http.get(here)).text
    assert "Nguyễn Thị Lan" in page
    assert "Hoa Sữa" in page
    unclear = await residence.post(here, {"role": "owner"}, form_on=here)
    assert (unclear.status_code, "error-summary" in unclear.text) == (422, True)
    assert (await residence.post(here, {"answer": "yes", "role": "owner"}, form_on=here)).status_code == 303
    assert "Đã đồng ý" in (await residence.http.get(here)).text
    again = await residence.post(here, {"answer": "no", "role": "owner"}, form_on="/consents")
    assert again.status_code == 422  # nothing of it is open any more
    await residence.sign_in(LAN)
    assert "Đã đồng ý" in (await residence.http.get(f"/dossiers/{code}")).text


async def takes_paper_away(residence: Running, here: str, page: str) -> None:
    """CT05 under its line, signed by the registry; a list of its own; no paper under another line or kind."""
    papers = (await residence.http.get(f"{here}/papers")).text
    for told in (page, papers):
        assert "CT05 – Yêu cầu bổ sung" in told
        assert "CT04 – Tiếp nhận" in told
    newest, first = re.findall(rf'href="({here}/papers/\d+)\.json"', papers)
    paper = await residence.http.get(f"{newest}.json")
    assert "no-store" in paper.headers["cache-control"]
    assert (paper.json()["form"], f"{newest}.pdf" in page) == ("CT05", True)
    assert (await residence.http.get(f"{first}.json")).json()["form"] == "CT04"
    for nothing in (
        f"{newest}.exe",
        f"{here}/papers/0.json",
        f"{here}/papers/1.json",
        f"{here}/papers/9999999.pdf",
    ):
        assert (await residence.http.get(nothing)).status_code == 404, nothing


@pytest.mark.attack
@pytest.mark.parametrize("portal", ["residence_portal", "eid_app"])
async def test_whose_phone_is_registered_agrees_with_it(start: Start, portal: str) -> None:
    """Attack 38: without the phone's signature nothing is recorded; the page leads to the phone, vi and en."""
    residence = await start("residence_portal")
    await residence.sign_in(LAN)
    length = 170 if portal == "eid_app" else 180
    fields = {**FLAT, **OWNER, "tenure": "rented", **dates("from", 1), **dates("until", length)}
    code = await filed(residence, "/temporary-residence", fields)
    owners = residence if portal == "residence_portal" else await start(portal)
    tokens = owners.tokens(PHUC)
    ring, client = owners.provider.ring, CLIENT_IDS[portal]
    token = access_token(ring, client, PHUC, tokens.subject, eid_phone=True)
    cookie = await owners.portal.sessions.start(replace(tokens, access_token=token), replaces=None)
    owners.http.cookies.set(owners.portal.session_cookie, cookie)
    here = f"/consents/{code}"
    for language, words_shown in (
        ("vi", "Hãy đồng ý bằng điện thoại của bạn"),
        ("en", "Agree with your phone"),
    ):
        refused = await owners.post(
            f"{here}?lang={language}", {"answer": "yes", "role": "owner"}, form_on=here
        )
        assert refused.status_code == 403
        assert words_shown in refused.text
        assert "/account/devices" in refused.text
    assert (await owners.post(here, {"answer": "no", "role": "owner"}, form_on=here)).status_code == 303


async def test_a_supplement_is_asked_for_and_sent(residence: Running) -> None:
    """CT05 in the officer's words, the form with the earlier answers, the clock goes on; in the end CT06."""
    code = await filed(
        residence, "/correct-residence", {"what": "address", "kind": "permanent", "address": words("Số")}
    )
    await act(residence, code, "receive")
    await act(residence, code, "ask_supplement", reason="Thiếu giấy tờ chứng minh địa chỉ")
    here = f"/dossiers/{code}"
    page = (await residence.http.get(here)).text
    assert "Thiếu giấy tờ chứng minh địa chỉ" in page
    assert "Tạm dừng" in page
    await takes_paper_away(residence, here, page)
    begun_again = await residence.post(f"{here}/supplement", form_on=here)
    form = begun_again.headers["location"]
    assert form == f"/correct-residence/{code}"
    assert "Bạn đang bổ sung hồ sơ" in (await residence.http.get(form)).text
    await reviewed(
        residence, form, {"declaration": "yes", "what": "address", "kind": "permanent", "address": "Số 8A"}
    )
    sent = await residence.post(f"{form}/file", form_on=f"{form}/review")
    assert sent.headers["location"] == here
    page = (await residence.http.get(here)).text
    assert "Đang xử lý" in page
    assert f"{here}/receipts/2" in page  # whoever sent it was verified again
    await act(residence, code, "refuse", reason="Địa chỉ không thuộc phường này")
    page = (await residence.http.get(here)).text
    assert "Hồ sơ bị từ chối giải quyết" in page
    assert "Địa chỉ không thuộc phường này" in page
    assert f"{here}/withdraw" not in page


async def test_somebody_who_is_not_the_owner_is_told(residence: Running) -> None:
    """The person named owns nothing there: refused beforehand in words, and nothing is filed."""
    form = await begun(residence, "/temporary-residence")
    fields = {
        **FLAT,
        "owner_number": LAN,
        "owner_name": "Nguyễn Thị Lan",
        "tenure": "rented",
        "declaration": "yes",
    }
    review = await reviewed(residence, form, fields | dates("from", 1) | dates("until", 170))
    assert "Chưa nộp được" in review
    assert f"{form}/file" not in review


async def test_the_same_dossier_twice_leads_to_the_first(residence: Running) -> None:
    """Two drafts with the same content: the second is refused in words, with a link to the first."""
    fields = {"what": "address", "kind": "permanent", "address": words("Ngõ")}
    code = await filed(residence, "/correct-residence", fields)
    form = await begun(residence, "/correct-residence")
    await reviewed(residence, form, {"declaration": "yes"} | fields)
    answer = await residence.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 409
    assert "Bạn đã nộp một hồ sơ giống hệt" in answer.text
    assert f'href="/dossiers/{code}"' in answer.text


async def test_what_was_typed_outlives_the_session(residence: Running) -> None:
    """The session ended while somebody was typing: sign in again, and every answer is there."""
    form = await begun(residence, "/absence")
    page = (await residence.http.get(form)).text
    fields = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("csrf_token", "draft_key")
    }
    cookie = residence.http.cookies.get(residence.portal.session_cookie)
    session = await residence.portal.sessions.find(cookie)
    assert session is not None
    await residence.portal.sessions.end(session)
    answer = await residence.http.post(form, data={"category": "long", "reason": "Đi làm xa"} | fields)
    assert answer.headers["location"].startswith("/sign-in?")
    await residence.sign_in(LAN)
    assert 'value="Đi làm xa"' in (await residence.http.get(form)).text


@pytest.mark.attack
async def test_a_form_of_somebody_else_changes_no_draft(residence: Running) -> None:
    """Without a session a draft is changed only with the key that its own form carried (attack 49)."""
    form = await begun(residence, "/absence")
    await residence.sign_in(PHUC)
    other = await begun(residence, "/absence")
    page = (await residence.http.get(other)).text
    fields = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("csrf_token", "draft_key")
    }
    cookie = residence.http.cookies.get(residence.portal.session_cookie)
    session = await residence.portal.sessions.find(cookie)
    assert session is not None
    await residence.portal.sessions.end(session)
    for key in (fields["draft_key"], "", "x" * 5000, "AAAA"):
        sent = fields | {"draft_key": key, "reason": "Kẻ trộm"}
        assert (await residence.http.post(form, data=sent)).status_code == 303
    await residence.sign_in(LAN)
    assert "Kẻ trộm" not in (await residence.http.get(form)).text
