"""A case at the counter lives for two weeks: people come back, and so does whoever serves them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from clients.dpop import HeldToken
from clients.portal_kit.portal import ZONE, Portal, now
from clients.portal_kit.registry import RegistryGone
from tests.clients.conftest import Running
from tests.clients.test_one_stop import Party, asked, counter, received, subject_of

__all__ = ["counter"]
KEPT_UNTIL = re.compile(r"Giữ đến</dt>\s*<dd[^>]*>(\d\d)/(\d\d)/(\d{4})<")


async def test_whoever_has_to_come_back_finds_their_case(
    counter: tuple[Running, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public services 12: a document fetched tomorrow, the result next week; after two weeks the case is gone."""
    running, _ = counter
    case = await received(running)
    said = KEPT_UNTIL.search((await running.http.get(case)).text)
    assert said is not None
    day, month, year = map(int, said.groups())
    last_moment = datetime(year, month, day, 23, 59, 59, tzinfo=ZONE)
    at = {"now": last_moment}
    monkeypatch.setattr(running.portal.drafts, "_clock", lambda: at["now"])
    assert "Người dân có thể quay lại" in (await running.http.get(case)).text
    at["now"] = last_moment + timedelta(days=1)
    assert (await running.http.get(case)).status_code == 404
    assert last_moment - now() > timedelta(days=12)


async def no_answer(_portal: Portal) -> HeldToken:
    """A registry, or a provider, that is away."""
    raise RegistryGone("registry_unreachable")


async def test_a_filed_case_shows_the_state_of_now(
    counter: tuple[Running, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clerk who hands over a result sees what the registry says today; while it is away, what it said last."""
    running, _ = counter
    case = await asked(running)
    await running.post(f"{case}/confirm", {"code": "123456"}, form_on=case)
    code = case.rpartition("/")[2]
    found = await running.portal.drafts.find(subject_of(running), code)
    assert found is not None
    stale = {**found.own["dossier"], "state": 5}
    await running.portal.drafts.keep(replace(found, own={**found.own, "dossier": stale}))
    with monkeypatch.context() as away:
        away.setattr(type(running.portal), "own_token", no_answer)
        assert "Yêu cầu bổ sung giấy tờ" in (await running.http.get(case)).text
    assert "Yêu cầu bổ sung giấy tờ" not in (await running.http.get(case)).text


@pytest.mark.attack
async def test_a_look_at_a_case_undoes_no_act_on_it(
    counter: tuple[Running, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One tab waits for the registry while the result is handed over in another: it stays handed over (attack 53)."""
    running, _ = counter
    case = await asked(running)
    await running.post(f"{case}/confirm", {"code": "123456"}, form_on=case)
    code = case.rpartition("/")[2]
    drafts = running.portal.drafts
    found = await drafts.find(subject_of(running), code)
    assert found is not None
    await drafts.keep(replace(found, own={**found.own, "dossier": {**found.own["dossier"], "state": 5}}))
    token_of = type(running.portal).own_token

    async def handed_over_meanwhile(portal: Portal) -> HeldToken:
        assert (await running.post(f"{case}/hand-over", form_on="/")).status_code == 303
        return await token_of(portal)

    with monkeypatch.context() as slow:
        slow.setattr(type(running.portal), "own_token", handed_over_meanwhile)
        assert (await running.http.get(case)).status_code == 200
    kept = await drafts.find(subject_of(running), code)
    assert kept is not None
    assert (kept.own["stage"], kept.own["dossier"]["state"] != 5) == ("handed", True)
