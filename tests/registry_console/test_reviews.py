"""Review of look-ups, reports of misuse by citizens, statistics: who sees what, who judges, who never does."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from population_registry.domain import AccessEntry, AccessRecord
from population_registry.operators.misuse import MisuseReport, ReportState
from population_registry.storage import record_access
from population_registry.storage.misuse import entry_of, find, keep, move
from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_console.conftest import Desk, Sit

pytestmark = pytest.mark.engine
COMMUNE, CENTRE, AUDITOR, CLERK = "CA-00166-017", "C06-012", "TTr-001", "MC-00166-005"
ENTRY = re.compile(r'name="entry" value="([0-9a-f-]+)"')
SAID = "Tôi không làm thủ tục nào ở đó."
ANSWER = "Cán bộ xem để giải quyết hồ sơ tạm trú của bà, đúng quy định."


def provider(registry: Registry) -> str:
    """The identity provider's own token."""
    return registry.issuer.token(client_id="idp", sub="idp", scope="registry:release")


async def looked_at(desk: Desk, person: dict[str, str]) -> None:
    """One look of this officer at somebody."""
    await desk.take()
    assert (await desk.send_form("/console/find", number=person["number"])).status_code == 200


async def reported(registry: Registry, person: dict[str, str], **changed):
    """A report about the newest look at somebody, as the provider hands it over."""
    entry = (await registry.log_of(person["number"]))[0]["entry_id"]
    body = {"report_id": str(uuid4()), "subject": {"number": person["number"]}, "source": "registry"}
    body |= {"entry_id": entry, "said": SAID} | changed
    return body, await registry.post("/v1/misuse-reports", body, provider(registry))


async def test_a_look_is_judged_once_and_by_somebody_else(registry: Registry, sit: Sit) -> None:
    """Public-services section 11: by officer, then look by look; no name of a citizen; the first verdict stays."""
    registry.clock.advance(days=8)  # later than what other tests looked at, so that this look comes first
    await looked_at(await sit(COMMUNE), LAN)
    auditor = await sit(AUDITOR)
    page = await auditor.get("/console/reviews")
    assert COMMUNE in page.text
    english = await auditor.get(f"/console/reviews?officer={COMMUNE}&lang=en")
    assert "Officer examines a residence dossier" in english.text
    looks = await auditor.get(f"/console/reviews?officer={COMMUNE}&lang=vi")
    assert LAN["name"] not in looks.text
    assert LAN["number"] not in looks.text
    entry = ENTRY.findall(looks.text)[0]
    short = await auditor.send_form("/console/reviews", entry=entry, verdict="misuse")
    assert (short.status_code, "từ 5 đến 500" in short.text) == (400, True)
    fields = {"entry": entry, "verdict": "rightful", f"remark-{entry}": "Có hồ sơ tạm trú."}
    assert (await auditor.send_form("/console/reviews", **fields)).status_code == 303
    assert "Có hồ sơ tạm trú." in (await auditor.get(f"/console/reviews?officer={COMMUNE}")).text
    assert (await auditor.send_form("/console/reviews", **fields)).status_code == 403
    async with registry.app.state.console.database.pool() as pool:
        for change in ("UPDATE look_review SET verdict = 'misuse'", "DELETE FROM look_review"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await pool.execute(change)
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "INSERT INTO look_review VALUES (gen_random_uuid(), 'X', 'X', now(), 'rightful', 'y')"
            )


async def looks_of(registry: Registry, looks: dict[str, int]) -> None:
    """So many looks of each of these officers at Lan, one after another."""
    async with registry.app.state.console.database.pool() as pool:
        lan = await pool.fetchval("SELECT person_id FROM person WHERE personal_number = $1", LAN["number"])
        first = AccessEntry(
            entry_id=uuid4(),
            at=registry.clock(),
            subject_id=lan,
            client_id="registry-console",
            agency="Công an xã thử",
            officer="",
            purpose="Thử",
            procedure_code="console.residence_dossier",
            dossier_code="G01.899.05-261121-010042",
            fields={},
            outcome="released",
            receipt_id=None,
            correlation_id="",
        )
        rows = [
            replace(first, entry_id=(one := uuid4()), officer=officer, correlation_id=str(one))
            for officer, count in looks.items()
            for _ in range(count)
        ]
        await record_access(pool, [AccessRecord(each) for each in rows])


async def test_long_reviews_come_in_pages(registry: Registry, sit: Sit) -> None:
    """WCAG 1.4.10: twelve officers, twenty folded looks on a page; nobody is left out, nobody shown twice."""
    officers = [f"ZZ-{number:03d}" for number in range(30)]
    await looks_of(registry, dict.fromkeys(officers, 1) | {officers[0]: 25})
    auditor = await sit(AUDITOR)
    found: list[str] = []
    for number in range(1, 20):
        page = (await auditor.get(f"/console/reviews?page={number}")).text
        listed = re.findall(r'href="/console/reviews\?officer=([^&"]+)&amp;from', page)
        assert len(listed) <= 12
        found += listed
        if f"page={number + 1}" not in page:
            break
    assert len(found) == len(set(found))
    assert set(officers) <= set(found)
    assert (await auditor.get("/console/reviews?page=99")).status_code == 200
    for odd in ("0", "-1", "x", "²", "9" * 9):
        assert (await auditor.get(f"/console/reviews?page={odd}")).status_code == 200
    looks = (await auditor.get(f"/console/reviews?officer={officers[0]}")).text
    entries = ENTRY.findall(looks)
    assert len(entries) == looks.count('<details class="details">') - 1 == 20
    older = re.search(r'href="(/console/reviews\?[^"]*cursor=[^"]+)"', looks)
    assert older is not None
    rest = (await auditor.get(older[1].replace("&amp;", "&"))).text
    assert len(set(ENTRY.findall(rest)) - set(entries)) == 5
    entry = ENTRY.findall(rest)[0]
    action = re.search(r'action="(/console/reviews\?[^"]+)"', rest)
    assert action is not None
    judged = await auditor.send_form(
        action[1].replace("&amp;", "&"),
        entry=entry,
        verdict="rightful",
        **{f"remark-{entry}": "Có hồ sơ."},
    )
    back = (await auditor.get(judged.headers["location"])).text
    assert "Có hồ sơ." in back, "the reviewer comes back to the page that the look is on"


@pytest.mark.attack
async def test_only_reviewers_review(registry: Registry, sit: Sit) -> None:
    """Attack 49: whoever opens records reads no review and answers no report."""
    for officer in (COMMUNE, CENTRE, CLERK):
        desk = await sit(officer)
        for path in ("/console/reviews", "/console/misuse-reports"):
            assert (await desk.get(path)).status_code == 403
            assert (await desk.send_form(path, entry="x", verdict="rightful")).status_code == 403
    auditor = await sit(AUDITOR)
    for query in ("from=2026-13-01", "from=2026-01-01&to=2026-11-01", "from=2026-11-02&to=2026-11-01"):
        assert (await auditor.get(f"/console/reviews?{query}")).status_code == 400
    assert (await auditor.get("/console/reviews?officer=x&cursor=%00")).status_code == 400
    assert (
        await auditor.send_form("/console/reviews", entry=str(uuid4()), verdict="burn")
    ).status_code == 400


async def test_a_report_is_kept_once_and_answered_in_words(registry: Registry, sit: Sit) -> None:
    """Law 91/2025 Art. 4: handed over by the provider, however often; taken, answered; the answer leaves as event."""
    await looked_at(await sit(COMMUNE), LAN)
    body, first = await reported(registry, LAN)
    assert first.json() == {"report_id": body["report_id"], "state": "received"}
    again = await registry.post(
        "/v1/misuse-reports", body | {"said": "Một chuyện khác hẳn."}, provider(registry)
    )
    assert again.json()["state"] == "received"
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute(
            "INSERT INTO event_subscription (client_id, url, audience, kinds, since) "
            "VALUES ('idp', 'http://x', 'http://x', '{misuse.%}', now()) ON CONFLICT DO NOTHING"
        )
    auditor = await sit(AUDITOR)
    page = await auditor.get("/console/misuse-reports")
    assert SAID in page.text
    assert "Một chuyện khác hẳn." not in page.text
    assert LAN["name"] not in page.text
    report = body["report_id"]
    assert (await auditor.send_form("/console/misuse-reports", report=report, act="take")).status_code == 303
    short = await auditor.send_form(
        "/console/misuse-reports", report=report, act="misuse", **{f"answer-{report}": "Không"}
    )
    assert (short.status_code, ">Không</textarea>" in short.text) == (400, True)
    fields = {"report": report, "act": "rightful", f"answer-{report}": ANSWER}
    assert (await auditor.send_form("/console/misuse-reports", **fields)).status_code == 303
    assert (await auditor.send_form("/console/misuse-reports", **fields)).status_code == 403
    assert report not in (await auditor.get("/console/misuse-reports")).text
    async with registry.app.state.console.database.pool() as pool:
        told = await pool.fetch(
            "SELECT body->>'state', body->>'answer' FROM event_delivery WHERE stream = $1 ORDER BY delivery_no",
            f"misuse:{report}",
        )
        assert [tuple(row) for row in told] == [("looking", ""), ("rightful", ANSWER)]
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await pool.execute("UPDATE misuse_report SET answer = 'khác' WHERE answered_at IS NOT NULL")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await pool.execute("UPDATE misuse_report SET said = 'khác'")


@pytest.mark.attack
async def test_nobody_reports_for_others_or_about_others(registry: Registry, sit: Sit) -> None:
    """Attack 49: only the provider hands reports over; an entry must be about the person; an id is one person's."""
    await looked_at(await sit(COMMUNE), LAN)
    body, first = await reported(registry, LAN)
    assert first.status_code == 200
    stolen = body | {"report_id": str(uuid4()), "subject": {"number": PHUC["number"]}}
    assert (await registry.post("/v1/misuse-reports", stolen, provider(registry))).status_code == 400
    taken = body | {"subject": {"number": PHUC["number"]}, "source": "provider", "entry_id": None}
    assert (await registry.post("/v1/misuse-reports", taken, provider(registry))).status_code == 400
    for token in (
        registry.issuer.token(scope="registry:release"),
        registry.issuer.personal(LAN["number"], client_id="idp", scope="registry:release"),
        registry.issuer.token(client_id="idp", scope="registry:verify"),
    ):
        assert (await registry.post("/v1/misuse-reports", body, token)).status_code == 403
    for wrong in ({"said": ""}, {"said": "x" * 1_001}, {"entry_id": None}, {"report_id": "x"}, {"more": 1}):
        answer = await registry.post("/v1/misuse-reports", body | wrong, provider(registry))
        assert answer.status_code in {400, 422}, wrong


@pytest.mark.attack
async def test_the_accused_never_answers_even_in_a_race(registry: Registry, sit: Sit) -> None:
    """Attack 49: a constraint stands behind the rule, and of two answers at once one is written."""
    async with registry.app.state.console.database.pool() as pool:
        found = await entry_of(pool, LAN["number"], None)
        assert found is not None
        report = MisuseReport(
            uuid4(), "provider", found[0], None, AUDITOR, SAID, {"kind": "x"}, registry.clock()
        )
        assert (await keep(pool, report)) == "received"
        own = await sit(AUDITOR)
        fields = {"report": str(report.report_id), "act": "rightful", f"answer-{report.report_id}": ANSWER}
        assert (await own.send_form("/console/misuse-reports", **fields)).status_code == 403
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "UPDATE misuse_report SET state = 'rightful', answered_by = officer, answered_at = now() "
                "WHERE report_id = $1",
                report.report_id,
            )
        before = await find(pool, report.report_id)
        assert before is not None
        won = await asyncio.gather(*(move(pool, before, moved(before)) for _ in range(8)))
        assert sum(won) == 1


def moved(report: MisuseReport) -> MisuseReport:
    """The report, taken."""
    return replace(report, state=ReportState.LOOKING, taken_by="TTr-002")


async def test_statistics_show_the_own_territory(registry: Registry, sit: Sit) -> None:
    """An officer's figures are those of their territory; as page, as plot with its table, as CSV."""
    for officer in (COMMUNE, CENTRE, AUDITOR, CLERK):
        desk = await sit(officer)
        for query in ("", "?by=month", "?by=province", "?by=commune", "?procedure=1.004194"):
            page = await desk.get(f"/console/statistics{query}")
            assert page.status_code == 200, page.text
        table = await desk.get("/console/statistics.csv?by=month")
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert table.text.startswith("\ufeffmonth,name,filed,")
        for wrong in ("by=person", "from=2026-99", "from=x", "to=2031-01", "procedure=x"):
            assert (await desk.get(f"/console/statistics?{wrong}")).status_code == 400, wrong
