"""The counter's lists: today's cases and the recorded paper consents, in pages, for those whom they concern."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Row, select

from clients.dpop import HeldToken
from clients.one_stop_portal import taking_over
from clients.one_stop_portal.cases import FILED, OWN, Case, begun, known_of
from clients.one_stop_portal.people import hands_of
from clients.one_stop_portal.reception import verified
from clients.one_stop_portal.storage.papers import Clerk
from clients.one_stop_portal.storage.tables import paper_consent
from clients.one_stop_portal.taking_over import PURPOSE
from clients.portal_kit.dossiers import dossier_code
from clients.portal_kit.paging import PAGE
from clients.portal_kit.portal import now
from tests.clients.conftest import CLIENT_IDS, HUNG, PHUC, Running, access_token
from tests.clients.test_one_stop import CLERK, HERE, OTHER, STAFF, Party, asked, counter, subject_of

__all__ = ["counter"]
SCAN = hashlib.sha256(b"a scan").hexdigest()
LISTED = re.compile(r'<p class="hint">(H26[0-9.-]+)</p>')
"""The code of a case in the list."""
PAPER = {"paper_number": "GDY-17/2026", "paper_scan": SCAN, "paper_witness": "MC-00166-006"}


async def recorded(running: Running) -> str:
    """A case that somebody confirmed on paper; its code."""
    case = await asked(running, "paper")
    done = await running.post(f"{case}/confirm", PAPER, form_on=case)
    assert done.status_code == 303, done.text
    return case.rpartition("/")[2]


async def test_a_paper_is_listed_for_review(counter: tuple[Running, Party]) -> None:
    """Public services 12: who agreed to what on paper, before which clerk and witness, when, and the digest."""
    running, _ = counter
    code = await recorded(running)
    page = (await running.http.get("/papers")).text
    for shown in ("GDY-17/2026", SCAN, "MC-00166-006", "Trần Văn Phúc", code, "Lê Thị Thanh Vân"):
        assert shown in page
    assert PHUC not in page.partition("<main")[2], "the number is masked"
    assert "Bạn đã ghi giấy này" in page
    await running.sign_in(HUNG)
    assert (await running.http.get("/papers")).status_code == 403


@pytest.mark.attack
async def test_a_paper_is_reviewed_once_by_a_colleague(counter: tuple[Running, Party]) -> None:
    """Attack 49: not by the clerk who recorded it, not twice, with no other word than the two."""
    running, _ = counter
    await recorded(running)
    own = str((await row(running)).paper_id)
    address = f"/papers/{own}/review"
    assert (await running.post(address, {"finding": "agrees"}, form_on="/papers")).status_code == 409
    await running.sign_in(OTHER, **STAFF | {"name": "Võ Minh Tâm"})
    found = re.search(r'action="(/papers/\d+/review)"', (await running.http.get("/papers")).text)
    assert found is not None
    assert found[1] == address
    for wrong in ("/papers/0/review", f"/papers/{'9' * 30}/review", "/papers/x/review"):
        refused = await running.post(wrong, {"finding": "agrees"}, form_on="/papers")
        assert refused.status_code in {404, 409}
    assert (await running.post(address, {"finding": "fine"}, form_on="/papers")).status_code == 404
    assert (await running.post(address, {"finding": "differs"}, form_on="/papers")).status_code == 303
    assert (await running.post(address, {"finding": "agrees"}, form_on="/papers")).status_code == 409
    page = (await running.http.get("/papers")).text
    assert "Không khớp" in page
    assert "Võ Minh Tâm" in page


@pytest.mark.attack
async def test_papers_are_read_by_their_office_alone(counter: tuple[Running, Party]) -> None:
    """Attack 46, 49: a clerk of another office sees and reviews none; who wrote on one still does after moving on."""
    running, _ = counter
    code = await recorded(running)
    address = f"/papers/{(await row(running)).paper_id}/review"
    elsewhere = STAFF | {"vn_agency": "Trung tâm phục vụ hành chính công phường Thuận Hóa"}
    await running.sign_in(OTHER, **elsewhere)
    page = await running.http.get("/papers")
    assert page.status_code == 200
    assert code not in page.text
    refused = await running.post(address, {"finding": "agrees"}, form_on="/papers")
    assert refused.status_code == 409
    assert (await row(running)).finding is None
    await running.sign_in(CLERK, **elsewhere)
    assert code in (await running.http.get("/papers")).text
    await running.sign_in(OTHER, **STAFF)
    assert (await running.post(address, {"finding": "agrees"}, form_on="/papers")).status_code == 303
    await running.sign_in(OTHER, **elsewhere)
    assert code in (await running.http.get("/papers")).text


async def test_what_is_kept_of_a_paper_is_sealed(counter: tuple[Running, Party]) -> None:
    """No name, number or digest can be read in the counter's database."""
    running, _ = counter
    await recorded(running)
    kept = repr(await row(running))
    for secret in (PHUC, "Phúc", SCAN, "GDY-17"):
        assert secret not in kept


async def test_the_days_cases_come_in_pages(counter: tuple[Running, Party]) -> None:
    """Twenty to a page, each case once, and only one's own."""
    running, _ = counter
    subject = running.tokens(CLERK).subject
    codes = {dossier_code("H26.17.05", now().date(), "01", number) for number in range(900_000, 900_025)}
    own = known_of(PHUC, "Trần Văn Phúc", "1968-02-09")
    for code in sorted(codes):
        await begun(running.portal, subject, Case(code, "1.010041", OWN, name="Trần Văn Phúc", own=own))
    first = (await running.http.get("/")).text
    following = re.search(r'href="(/\?cursor=[^"]+)"', first)
    assert following is not None
    second = (await running.http.get(following[1])).text
    shown = [set(LISTED.findall(page)) for page in (first, second)]
    assert len(shown[0]) == PAGE
    assert shown[0] | shown[1] == codes
    assert not shown[0] & shown[1]
    assert "/?cursor=" not in second
    await running.sign_in(OTHER, **STAFF)
    assert not LISTED.findall((await running.http.get(following[1])).text)


async def row(running: Running) -> Row[Any]:
    """The one paper of this test's database."""
    async with running.portal.database.transaction() as connection:
        return (await connection.execute(select(paper_consent))).one()


async def taken_over(running: Running, case: str, card: str = PHUC) -> Response:
    """A colleague's try to go on with a case, with what the desk's scanner read."""
    address = f"/colleagues/{case.rpartition('/')[2]}"
    return await running.post(address, {"card": card}, form_on=address)


async def test_a_colleague_goes_on_with_a_case(counter: tuple[Running, Party]) -> None:
    """Public services 12: whoever stands in begins nothing anew; case and citizen's log say who, when."""
    running, _ = counter
    case = await asked(running)
    before = await looks(running)
    await running.sign_in(OTHER, **STAFF | {"name": "Võ Minh Tâm"})
    listed = (await running.http.get("/colleagues")).text
    assert case.rpartition("/")[2] in listed
    assert "Trần Văn Phúc" not in listed, "nothing of the citizen before the case is one's own"
    done = await taken_over(running, case)
    assert (done.status_code, done.headers["location"]) == (303, case)
    page = (await running.http.get(case)).text
    for shown in ("Trần Văn Phúc", "Lê Thị Thanh Vân", "Võ Minh Tâm", "Nhập học"):
        assert shown in page
    assert 'action="' + case + '/way"' in page, (
        "the yes that the first clerk asked for counts for nobody else"
    )
    await running.post(f"{case}/way", {"way": "code"}, form_on=case)
    filed = await running.post(f"{case}/confirm", {"code": "123456"}, form_on=case)
    assert filed.status_code == 303, filed.text
    assert case.rpartition("/")[2] not in (await running.http.get("/colleagues")).text
    await running.sign_in(CLERK, **STAFF)
    told = await running.http.get(case, follow_redirects=True)
    assert "Võ Minh Tâm tiếp tục hồ sơ" in told.text
    assert "Trần Văn Phúc" not in told.text
    assert "Bạn đã tiếp nhận" in (await running.http.get("/colleagues")).text
    assert await looks(running) == before + 1, "the citizen reads of it"


@pytest.mark.attack
async def test_what_is_filed_while_a_colleague_takes_over_stays_filed(
    counter: tuple[Running, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 53: the first clerk files while the second one's look at the citizen is under way; both acts stand."""
    running, _ = counter
    case = await asked(running)
    code, drafts = case.rpartition("/")[2], running.portal.drafts

    async def filed_meanwhile(*asked: Any) -> Mapping[str, str]:
        await drafts.amend(code, lambda draft: replace(draft, own={**draft.own, "stage": FILED}))
        return await verified(*asked)

    await running.sign_in(OTHER, **STAFF)
    with monkeypatch.context() as slow:
        slow.setattr(taking_over, "verified", filed_meanwhile)
        assert (await taken_over(running, case)).status_code == 303
    kept = await drafts.find(running.tokens(OTHER).subject, code)
    assert kept is not None
    assert (kept.own["stage"], kept.own["request"]) == (FILED, "")


async def looks(running: Running) -> int:
    """How often the citizen's own log says that a case of theirs was taken over."""
    own = access_token(running.provider.ring, CLIENT_IDS[running.name], PHUC, "citizen")
    page = await running.portal.registry.who_looked(HeldToken(own))
    return json.dumps(page, ensure_ascii=False).count(PURPOSE)


async def otherwise(*_asked: Any) -> Mapping[str, str]:
    """What the registry says when the birth date of the case is no longer the person's."""
    return {"name": "match", "birth_date": "mismatch"}


@pytest.mark.attack
async def test_a_case_is_taken_over_with_its_citizen_at_the_desk(
    counter: tuple[Running, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 46, 49: not without the person's number, not by another office, not by a citizen, not unseen."""
    running, _ = counter
    case = await asked(running)
    code = case.rpartition("/")[2]
    before = await looks(running)
    await running.sign_in(
        OTHER, **STAFF | {"vn_agency": "Trung tâm phục vụ hành chính công phường Thuận Hóa"}
    )
    assert code not in (await running.http.get("/colleagues")).text
    assert (await running.http.get(f"/colleagues/{code}")).status_code == 404
    foreign = await running.post(f"/colleagues/{code}", {"card": PHUC}, form_on="/colleagues")
    assert foreign.status_code in {403, 404}
    await running.sign_in(OTHER, **STAFF)
    for card in ("", HUNG, "099068000102x"):
        assert (await taken_over(running, case, card)).status_code == 422
    assert (await running.http.get(case)).status_code == 404
    assert await looks(running) == before
    with monkeypatch.context() as changed:
        changed.setattr(taking_over, "verified", otherwise)
        assert (await taken_over(running, case)).status_code == 422, "the registry says that it is not they"
    stranger = Clerk(running.tokens(OTHER).subject, "another office")
    assert not await hands_of(running.portal).taken_over(code, subject_of(running), stranger, "Somebody")
    assert (await running.http.get(case)).status_code == 404
    await running.sign_in(HUNG)
    assert (await running.http.get("/colleagues")).status_code == 403


async def test_a_case_goes_to_one_of_two_colleagues(counter: tuple[Running, Party]) -> None:
    """Two press at once: one holds the case, the other is told who does; nobody takes it from themselves."""
    running, _ = counter
    code = (await asked(running)).rpartition("/")[2]
    hands = hands_of(running.portal)
    first = running.tokens(CLERK).subject
    clerks = [Clerk(name, HERE) for name in ("second", "third")]
    taken = await asyncio.gather(*(hands.taken_over(code, first, each, "Ai Đó") for each in clerks))
    assert sorted(taken) == [False, True]
    found = await hands.of(code, HERE)
    assert [each.holds for each in found] == [False, True]
    assert not await hands.taken_over(code, found[-1].subject, Clerk(found[-1].subject, HERE), "Ai Đó")
