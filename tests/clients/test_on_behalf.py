"""“On whose behalf” at a portal: chosen once, shown on every page, asked of provider and registry at every use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from clients.portal_kit.representing import Dependant
from clients.portal_kit.storage.sessions import Acting
from clients.portal_kit.storage.tables import portal_session
from keys import KeyRing
from tests.clients.conftest import CLIENT_IDS, LAN, PHUC, Running, Start, access_token
from tests.clients.synchronised import new_code, open_door, tell, wanting
from tests.clients.test_filing import begun, reviewed
from tests.clients.test_one_stop import Party

QUYNH, DAUGHTER, CHILD = "099190000153", "099322000154", "pairwise-daughter"
NAME = "Lê Ngọc Khánh My"
ACT = {"sub": "pairwise-quynh", "kind": "representative", "basis": "parent", "pid": QUYNH}


def listed(**changed: Any) -> dict[str, Any]:
    """The daughter as the provider lists her."""
    until = datetime.now(UTC) + timedelta(days=3000)
    return {
        "sub": CHILD,
        "name": NAME,
        "basis": "parent",
        "scope": "pid registry:dossiers registry:release",
        "until": until.isoformat(),
        "pid": DAUGHTER,
        "birthdate": "2022-07-15",
        **changed,
    }


def knowing(running: Running) -> Party:
    """A provider behind the portal that knows the mother's daughter."""
    party = Party(running)
    token = access_token(
        running.provider.ring,
        CLIENT_IDS[running.name],
        DAUGHTER,
        CHILD,
        scope="pid registry:dossiers registry:release",
        act=ACT,
    )
    party.says = {
        "/eid/v1/dependants": (200, {"dependants": [listed()]}),
        "token_endpoint": (200, {"access_token": token, "expires_in": 300}),
    }
    running.app.state.portal = running.portal = replace(running.portal, party=party)
    return party


@pytest.fixture
async def residence(start: Start) -> tuple[Running, Party]:
    """The residence portal with the mother in front of it, and a provider that knows her daughter."""
    running = await start("residence_portal")
    party = knowing(running)
    await running.sign_in(QUYNH, name="Trịnh Thị Như Quỳnh")
    return running, party


async def chosen(running: Running) -> None:
    """The mother chooses her daughter."""
    answer = await running.post("/on-behalf", {"whom": CHILD}, form_on="/on-behalf")
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text


async def test_a_mother_files_for_her_daughter(residence: tuple[Running, Party]) -> None:
    """Decree 69/2024 Art. 14: the form is the child's, filled in from her record; the dossier names the mother."""
    running, party = residence
    assert NAME not in (await running.http.get("/")).text
    await chosen(running)
    for page in ("/", "/confirmation", "/dossiers"):
        assert "Đang thực hiện thay cho" in (await running.http.get(page)).text
    form = await begun(running, "/confirmation")
    assert NAME in (await running.http.get(form)).text
    review = await reviewed(running, form, {"used_for": "Nhập học mẫu giáo", "declaration": "yes"})
    assert "Nhập học mẫu giáo" in review
    filed = await running.post(f"{form}/file", form_on=f"{form}/review")
    assert filed.status_code == 303, filed.text
    page = (await running.http.get(filed.headers["location"])).text
    assert "Trịnh Thị Như Quỳnh" in page.partition("<main")[2]
    exchanges = [each for endpoint, each in party.sent if endpoint == "token_endpoint"]
    assert len(exchanges) == 1, "one token of minutes served every step"
    assert exchanges[0]["subject_token"] == CHILD
    ended = await running.post("/on-behalf", {"whom": "myself"}, form_on="/dossiers")
    assert ended.status_code == 303
    mine = await running.http.get("/dossiers")
    assert form.rpartition("/")[2] not in mine.text
    assert "Đang thực hiện thay cho" not in mine.text


@pytest.mark.attack
async def test_nobody_is_chosen_who_is_not_listed(residence: tuple[Running, Party]) -> None:
    """Attack 52: a pseudonym is a name and no key; whoever is not in the list of now is no choice."""
    running, party = residence
    party.says["/eid/v1/dependants"] = (200, {"dependants": [listed(sub="another")]})
    refused = await running.post("/on-behalf", {"whom": CHILD}, form_on="/on-behalf")
    assert refused.status_code == 422
    assert "Đang thực hiện thay cho" not in (await running.http.get("/")).text


@pytest.mark.attack
async def test_a_right_that_ended_opens_nothing(residence: tuple[Running, Party]) -> None:
    """Attack 52: the provider's no is told with the way out; the drafts of before are not the mother's own."""
    running, party = residence
    await chosen(running)
    form = await begun(running, "/confirmation")
    cookie = running.http.cookies[running.portal.session_cookie]
    session = await running.portal.sessions.find(cookie)
    assert session is not None
    assert session.acting is not None
    await running.portal.sessions.act_for(session, replace(session.acting, token=""))
    party.says["token_endpoint"] = (400, {"error": "invalid_request"})
    refused = await running.http.get("/dossiers")
    assert refused.status_code == 403
    assert f"Bạn không còn được thực hiện thay cho {NAME}" in refused.text
    await running.post("/on-behalf", {"whom": "myself"}, form_on="/dossiers")
    assert (await running.http.get(form)).status_code == 404


async def test_a_birthday_ends_it_by_the_clock(residence: tuple[Running, Party]) -> None:
    """Civil Code Arts. 20, 21: from that second on every page is the mother's own again, and says so."""
    running, _ = residence
    await chosen(running)
    session = await running.portal.sessions.find(running.http.cookies[running.portal.session_cookie])
    assert session is not None
    assert session.acting is not None
    over = replace(session.acting.dependant, until=datetime.now(UTC).isoformat())
    await running.portal.sessions.act_for(
        session, Acting(over, session.acting.token, session.acting.expires_at)
    )
    page = (await running.http.get("/")).text
    assert f"Việc thực hiện thay cho {NAME} đã kết thúc" in page
    assert "Đang thực hiện thay cho" not in page


async def test_from_fourteen_on_nothing_is_released(residence: tuple[Running, Party]) -> None:
    """Decree 69/2024 Art. 14(2): a parent files for a young person, whose record fills in nothing."""
    running, party = residence
    young = listed(scope="pid registry:dossiers")
    party.says["/eid/v1/dependants"] = (200, {"dependants": [young]})
    assert "Từ 14 tuổi" in (await running.http.get("/on-behalf")).text
    await chosen(running)
    form = await begun(running, "/confirmation")
    page = (await running.http.get(form)).text
    assert "Theo lời khai của bạn" in page
    assert NAME in page
    assert "Thanh Hóa" not in page.partition("<main")[2]  # where she lives is in her record alone
    form = await begun(running, "/split-household")
    page = (await running.http.get(form)).text
    assert "Trịnh Thị Như Quỳnh" in page.partition('id="leaver_0"')[2], (
        "her mother's own household, which they share"
    )
    found = await running.portal.drafts.find(keeper_of(running), form.rpartition("/")[2])
    assert found is not None
    assert set(found.own) == {"number", "name", "birth_date", "household"}


async def test_another_household_is_not_told(residence: tuple[Running, Party]) -> None:
    """Law on personal data 91/2025 Art. 3: who lives elsewhere from 14 on is only whom the parent named."""
    running, party = residence
    elsewhere = listed(scope="pid registry:dossiers", pid=PHUC, name="Trần Văn Phúc")
    party.says["/eid/v1/dependants"] = (200, {"dependants": [elsewhere]})
    await chosen(running)
    form = await begun(running, "/split-household")
    assert 'name="leaver_count"' in (await running.http.get(form)).text
    found = await running.portal.drafts.find(keeper_of(running), form.rpartition("/")[2])
    assert found is not None
    assert set(found.own) == {"number", "name", "birth_date"}


def keeper_of(running: Running) -> str:
    """Under whom the drafts of the mother for her daughter are kept."""
    return f"{running.tokens(QUYNH).subject} for {CHILD}"


async def test_the_choice_survives_a_second_sign_in(residence: tuple[Running, Party]) -> None:
    """A step up on the way keeps for whom it is; another person at the browser begins as themselves."""
    running, _ = residence
    await chosen(running)
    cookie = running.http.cookies[running.portal.session_cookie]
    sessions = running.portal.sessions
    again = await sessions.find(await sessions.start(running.tokens(QUYNH), replaces=cookie))
    assert again is not None
    assert again.acting is not None
    assert (again.acting.dependant.subject, again.acting.token) == (CHILD, "")
    cookie = await sessions.start(running.tokens(QUYNH), replaces=None)
    kept = await sessions.find(cookie)
    assert kept is not None
    await sessions.act_for(kept, Acting(Dependant(CHILD, NAME, "parent", None)))
    other = await sessions.find(await sessions.start(running.tokens(LAN), replaces=cookie))
    assert other is not None
    assert other.acting is None


async def test_what_is_kept_of_a_choice_is_sealed(residence: tuple[Running, Party]) -> None:
    """No name, number or token of a dependant can be read in the portal's database."""
    running, _ = residence
    await chosen(running)
    async with running.portal.database.transaction() as connection:
        rows = (await connection.execute(select(portal_session))).all()
        assert (await connection.execute(select(func.count()).select_from(portal_session))).scalar_one() >= 1
    assert DAUGHTER not in repr(rows)
    assert "Khánh My" not in repr(rows)


@pytest.mark.attack
async def test_the_national_portal_shows_a_dependants_dossiers(
    start: Start, rings: dict[str, KeyRing]
) -> None:
    """Attack 52: one piece for three portals; the provider is asked before a daughter's dossiers are shown."""
    running = await start("national_portal")
    open_door(running, rings)
    party = knowing(running)
    await running.sign_in(QUYNH, name="Trịnh Thị Như Quỳnh")
    hers, mine = new_code(), new_code()
    await tell(running, wanting(hers), person=DAUGHTER)
    await tell(running, wanting(mine), person=QUYNH)
    await chosen(running)
    page = (await running.http.get("/dossiers")).text
    assert "Đang thực hiện thay cho" in page
    assert (hers in page, mine in page) == (True, False)
    assert (await running.http.get(f"/dossiers/{hers}")).status_code == 200
    assert (await running.http.get(f"/dossiers/{mine}")).status_code == 404
    assert hers not in (await running.http.get("/inbox")).text
    assert "Trang này là của chính bạn" in (await running.http.get("/who-looked")).text
    assert "Thủ tục này bạn nộp cho chính mình" in (await running.http.get("/birth")).text
    await forget_token(running)
    party.says["token_endpoint"] = (400, {"error": "invalid_request"})
    for path in ("/", "/dossiers", f"/dossiers/{hers}"):
        refused = await running.http.get(path)
        assert refused.status_code == 403
        assert hers not in refused.text
    await running.post("/on-behalf", {"whom": "myself"}, form_on="/dossiers")
    page = (await running.http.get("/dossiers")).text
    assert (hers in page, mine in page) == (False, True)


async def forget_token(running: Running) -> None:
    """The five minutes of the dependant's token are over."""
    session = await running.portal.sessions.find(running.http.cookies[running.portal.session_cookie])
    assert session is not None
    assert session.acting is not None
    await running.portal.sessions.act_for(session, Acting(session.acting.dependant))


async def test_some_procedures_are_filed_in_ones_own_name(start: Start) -> None:
    """A parent's own procedures about a child say so instead of filing as the child."""
    running = await start("insurance_portal")
    party = Party(running)
    party.says = {"/eid/v1/dependants": (200, {"dependants": [listed()]})}
    running.app.state.portal = running.portal = replace(running.portal, party=party)
    await running.sign_in(QUYNH)
    await chosen(running)
    page = (await running.http.get("/child-card")).text
    assert "Thủ tục này bạn nộp cho chính mình" in page
    token = await running.form_token("/on-behalf")
    answer = await running.http.post("/child-card", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/child-card")
