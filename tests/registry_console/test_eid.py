"""The e-ID at the desk: level 2 in person, locks, requests that the centre decides; the provider's door."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import asyncpg
import httpx2
import pytest

from population_registry.console.eid_office import ActRefused, EidOffice
from population_registry.storage.eid_acts import of_subject
from tests.registry_api.conftest import ISSUER, LAN, LOC, PHUC, Registry
from tests.registry_console.conftest import Desk, Sit, handle_on

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE, AUDITOR = "CA-00166-017", "CA-01-004", "C06-012", "TTr-001"
WHOLE = ("card", "face", "fingerprint")


class Door:
    """Stands where the provider's door is, keeps what it was asked, and answers what it was told to."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"look": {"status": "active", "level": 1, "lock_reasons": [], "cases": []}} | answers
        self.asked: list[dict[str, str]] = []

    async def done(self, work: Any, act: str, **members: str) -> Any:
        """One act."""
        self.asked.append({"officer": work.officer.officer_id, "act": act, **members})
        answer = self.answers[act]
        if isinstance(answer, str):
            raise ActRefused(answer)
        return answer


def behind(registry: Registry, **answers: Any) -> Door:
    """The console asks this door from now on."""
    door = Door(**answers)
    registry.app.state.console = replace(registry.app.state.console, eid=door)
    return door


async def before(desk: Desk, person: dict[str, str], purpose: str = "verify_in_person") -> str:
    """The handle of somebody whose record is open under this purpose."""
    await desk.take(purpose)
    opened = await desk.send_form("/console/find", number=person["number"])
    assert opened.status_code == 200, opened.text
    return handle_on(opened)


async def kept(
    registry: Registry, person: dict[str, str]
) -> Counter[tuple[str, tuple[str, ...], str | None]]:
    """Act, comparisons and outcome of whatever was done to somebody (all at one moment: this clock stands)."""
    async with registry.app.state.console.database.pool() as pool:
        who = await pool.fetchval("SELECT person_id FROM person WHERE personal_number = $1", person["number"])
        return Counter((each.act.value, each.compared, each.outcome) for each in await of_subject(pool, who))


async def test_a_level_1_citizen_is_raised_in_person(registry: Registry, sit: Sit) -> None:
    """Decree 69/2024 Arts. 11, 12: compared first, then raised; the comparison is kept, the link handed over once."""
    door = behind(
        registry, issue={"status": "active", "level": 2, "mailed": False, "link": f"{ISSUER}/r?t=x"}
    )
    desk, earlier = await sit(COMMUNE), await kept(registry, LAN)
    person = await before(desk, LAN)
    page = await desk.send_form("/console/eid", person=person)
    assert "Đang hoạt động" in page.text
    assert "nâng lên mức độ 02" in page.text
    without = await desk.send_form(
        "/console/eid/act", person=person, act="issue", email="lan@x.vn", compared="card"
    )
    assert (without.status_code, "Chưa đối chiếu đủ" in without.text) == (400, True)
    assert [each["act"] for each in door.asked] == ["look", "look"]
    raised = await desk.send_form(
        "/console/eid/act", person=person, act="issue", email="lan@x.vn", phone="0912345678", compared=WHOLE
    )
    assert raised.status_code == 200, raised.text
    assert f"{ISSUER}/r?t=x" in raised.text
    assert door.asked[-1] == {
        "officer": COMMUNE,
        "act": "issue",
        "number": LAN["number"],
        "case": "G01.899.05-261121-010042",
        "email": "lan@x.vn",
        "phone": "+84912345678",
    }
    assert await kept(registry, LAN) - earlier == Counter([("issue", WHOLE, "done")])
    logged = [(each["officer"], each["procedure_code"]) for each in await registry.log_of(LAN["number"])]
    assert (COMMUNE, "console.verify_in_person") in logged


async def test_what_the_provider_refuses_is_said_and_kept(registry: Registry, sit: Sit) -> None:
    """Its code in words, nothing lost that was typed, and the outcome beside the comparison."""
    behind(registry, issue="no_valid_card")
    desk, earlier = await sit(COMMUNE), await kept(registry, LAN)
    person = await before(desk, LAN)
    refused = await desk.send_form(
        "/console/eid/act", person=person, act="issue", email="lan@x.vn", compared=WHOLE
    )
    assert (refused.status_code, "không có thẻ căn cước còn hạn" in refused.text) == (409, True)
    assert 'value="lan@x.vn"' in refused.text
    assert await kept(registry, LAN) - earlier == Counter([("issue", WHOLE, "no_valid_card")])


@pytest.mark.attack
async def test_no_e_id_without_errand_territory_and_office(registry: Registry, sit: Sit) -> None:
    """Attack 49: another errand, another territory, one's own account, an auditor: the provider is never asked."""
    door = behind(registry)
    desk = await sit(COMMUNE)
    person = await before(desk, LAN, "residence_dossier")
    assert (await desk.send_form("/console/eid", person=person)).status_code == 403
    offered = await desk.send_form("/console/eid/act", person=person, act="lock", compared="face")
    assert offered.status_code == 403
    await desk.send_form("/console/errand", act="end")
    assert (await desk.send_form("/console/eid", person=person)).status_code == 403
    await desk.take("lock_eid")
    outside = await desk.send_form("/console/find", number=LOC["number"])
    if outside.status_code == 403:
        assert (await desk.send_form("/console/eid", person=handle_on(outside))).status_code == 403
    auditor = await sit(AUDITOR)
    assert (await auditor.send_form("/console/eid", person=person)).status_code == 403
    assert door.asked == []


async def test_locks_are_asked_for_and_the_centre_decides(registry: Registry, sit: Sit) -> None:
    """Arts. 16-18: a body's wish becomes a request; commune forwards, the centre decides, never who asked."""
    case = {"case_id": "c-1", "kind": "lock", "reason": "judicial_request", "case": "TK03-7"}
    case |= {"state": "requested", "requested_at": "2026-11-20T02:00:00+00:00"}
    door = behind(registry, request=case)
    desk = await sit(COMMUNE)
    person = await before(desk, LAN, "proceedings")
    bare = await desk.send_form("/console/eid/act", person=person, act="request_lock", compared="paper")
    assert (bare.status_code, "Hãy chọn căn cứ" in bare.text) == (400, True)
    fields = {"person": person, "act": "request_lock", "compared": "paper", "reason": "judicial_request"}
    assert (await desk.send_form("/console/eid/act", **fields)).status_code == 200
    assert (door.asked[-1]["act"], door.asked[-1]["kind"]) == ("request", "lock")
    waiting = {"cases": [{**case, "number": LAN["number"], "mine": True, "own": False}]}
    door = behind(registry, queue=waiting, forward=case, approve=case)
    assert "TK03-7" in (await desk.get("/console/eid-cases")).text
    assert (await desk.send_form("/console/eid-cases", case_id="c-1", act="approve")).status_code == 400
    assert (await desk.send_form("/console/eid-cases", case_id="c-1", act="forward")).status_code == 303
    waiting["cases"][0] |= {"state": "forwarded"}
    centre = await sit(CENTRE)
    assert (await centre.send_form("/console/eid-cases", case_id="c-1", act="approve")).status_code == 400, (
        "mine"
    )
    waiting["cases"][0] |= {"mine": False}
    assert (await desk.send_form("/console/eid-cases", case_id="c-1", act="approve")).status_code == 400
    assert (await centre.send_form("/console/eid-cases", case_id="c-2", act="approve")).status_code == 404
    assert (await centre.send_form("/console/eid-cases", case_id="c-1", act="approve")).status_code == 303
    assert door.asked[-1]["act"] == "approve"


@pytest.mark.attack
async def test_requests_of_other_territories_are_not_listed(registry: Registry, sit: Sit) -> None:
    """A commune officer sees the requests of their commune; the centre those of the country."""
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute("UPDATE officer SET territory = '00004' WHERE officer_id = $1", PROVINCE)
    case = {"case_id": "c-9", "kind": "lock", "reason": "operator", "case": "TK03-9", "state": "requested"}
    case |= {
        "requested_at": "2026-11-20T02:00:00+00:00",
        "number": PHUC["number"],
        "mine": False,
        "own": False,
    }
    behind(registry, queue={"cases": [case]}, forward=case)
    stranger = await sit(PROVINCE)
    assert "TK03-9" not in (await stranger.get("/console/eid-cases")).text
    assert (await stranger.send_form("/console/eid-cases", case_id="c-9", act="forward")).status_code == 404
    assert "TK03-9" in (await (await sit(CENTRE)).get("/console/eid-cases")).text


@pytest.mark.attack
async def test_what_was_compared_cannot_be_rewritten(registry: Registry, sit: Sit) -> None:
    """Attack 49: no change, no second outcome, no removal; a trigger stands behind the rule."""
    behind(registry, lock={"status": "locked", "level": 1, "lock_reasons": ["own_request"]})
    desk = await sit(COMMUNE)
    person = await before(desk, LAN, "lock_eid")
    locked = await desk.send_form("/console/eid/act", person=person, act="lock", compared="face")
    assert "Đang khóa" in locked.text
    async with registry.app.state.console.database.pool() as pool:
        for change in (
            "UPDATE eid_act SET compared = '{}'",
            "UPDATE eid_act SET outcome = 'failed' WHERE outcome IS NOT NULL",
            "DELETE FROM eid_act",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await pool.execute(change)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"", "sign_in_again"),
        (403, b"{}", "not_an_officer"),
        (409, b'{"error":"four_eyes"}', "four_eyes"),
        (400, b'{"error":"invalid_request"}', "invalid_request"),
        (409, b"[]", None),
        (200, b"no json", None),
        (200, b"[" * 300_000, None),
        (502, b"{}", None),
    ],
)
async def test_the_door_answers_in_codes_or_not_at_all(
    registry: Registry, sit: Sit, status: int, body: bytes, code: str | None
) -> None:
    """A refusal has the provider's code; anything unreadable is "try again later", never a crash."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=body))
    office = EidOffice(ISSUER, transport, None)
    registry.app.state.console = replace(registry.app.state.console, eid=office)
    desk = await sit(COMMUNE)
    person = await before(desk, LAN)
    page = await desk.send_form("/console/eid", person=person)
    await office.close()
    assert page.status_code == (503 if code is None else 409)


PHUC_CARD = "099068000102||Trần Văn Phúc|09021968|Nam|Hà Nội|20062021"


@pytest.mark.attack
async def test_anybody_is_received_whose_card_is_on_the_desk(registry: Registry, sit: Sit) -> None:
    """Decree 69/2024 Art. 11: level 2 at any office; without a card that matches in all, the record stays closed."""
    raised = {"status": "active", "level": 2, "mailed": True, "link": ""}
    door = behind(registry, issue=raised)
    desk = await sit(COMMUNE)
    await desk.take("verify_in_person")
    closed = await desk.send_form("/console/find", number=PHUC["number"])
    assert (closed.status_code, "bất kỳ cơ quan công an nào" in closed.text) == (403, True)
    person = handle_on(closed)
    for card in ("", "x|y", PHUC_CARD.replace("Phúc", "Lộc"), PHUC_CARD.replace("2021", "2022")):
        refused = await desk.send_form("/console/present", person=person, card=card)
        assert (refused.status_code, "không khớp" in refused.text) == (400, True), card
    assert (await desk.send_form("/console/eid", person=person)).status_code == 403
    assert door.asked == []
    opened = await desk.send_form("/console/present", person=person, card=PHUC_CARD)
    assert (opened.status_code, "gỡ bỏ mọi cách đăng nhập cũ" in opened.text) == (200, True)
    present = re.search(r'name="present" value="([0-9a-f]+)"', opened.text)
    assert present is not None
    form = {"person": handle_on(opened), "present": present[1], "act": "issue", "email": "phuc@x.vn"}
    done = await desk.send_form("/console/eid/act", **form, compared=WHOLE)
    assert (done.status_code, "chọn mật khẩu mới" in done.text) == (200, True)
    assert (COMMUNE, "console.verify_in_person") in [
        (each["officer"], each["procedure_code"]) for each in await registry.log_of(PHUC["number"])
    ]
    await desk.take("issue_eid", case="G01.899.05-261121-010043")
    assert (await desk.send_form("/console/eid/act", **form, compared=WHOLE)).status_code == 403, (
        "another errand"
    )
    assert (await desk.send_form("/console/record", person=form["person"])).status_code == 403
    await desk.take("residence_dossier")
    elsewhere = await desk.send_form("/console/present", person=person, card=PHUC_CARD)
    assert elsewhere.status_code == 403
