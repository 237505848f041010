"""GET /v1/statistics: public figures of dossiers out of what the registry keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from population_registry.api import counting
from population_registry.api.counting import FRESH_FOR
from population_registry.dossiers.statistics import By, grouped, total
from population_registry.storage.dossiers.counting import pages_of_counted
from tests.registry_api.conftest import Registry
from tests.registry_api.dossiers import act, file

pytestmark = pytest.mark.engine


@pytest.fixture
def registry(authority: Registry) -> Registry:
    """Dossiers are filed on a database of their own."""
    return authority


async def counted(registry: Registry, by: By = By.PROCEDURE):
    """The exact figures, as an officer's page reads them."""
    kept = registry.app.state.service.statistics
    cells = await kept.cells(kept.months(kept.month[:4] + "-01", kept.month), fresh=True)
    return grouped(cells, by, kept.province_of)


async def test_what_is_filed_and_received_is_counted(registry: Registry) -> None:
    """One more filed, one more received; in its province, without anybody's name."""
    before = (await counted(registry)).get("1.004194")
    first, second = await file(registry), await file(registry)
    assert (await act(registry, first, "receive")).status_code == 200
    after = (await counted(registry))["1.004194"]
    filed, received = (0, 0) if before is None else (before.filed, before.received)
    assert (after.filed, after.received) == (filed + 2, received + 1)
    assert (await counted(registry, By.PROVINCE))["01"].filed >= 2
    assert second["dossier_code"]


async def test_what_did_not_change_is_not_counted_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An officer's exact figures read the dossiers of a month anew after an act and a day, not for each look."""
    read: list[datetime] = []

    def pages(connection: Any, first: datetime, end: datetime) -> Any:
        read.append(first)
        return pages_of_counted(connection, first, end)

    monkeypatch.setattr(counting, "pages_of_counted", pages)
    service = registry.app.state.service
    now = [registry.clock()]
    kept = counting.Statistics(service.answering.database, service.statistics._places, lambda: now[0])
    month = [kept.month]

    async def filed() -> int:
        return total(grouped(await kept.cells(month, fresh=True), By.MONTH, kept.province_of)).filed

    before = await filed()
    assert await filed() == before
    assert len(read) == 1
    code = await file(registry)
    assert await filed() == before + 1
    await act(registry, code, "receive")
    assert await filed() == before + 1
    assert len(read) == 3
    now[0] += timedelta(days=1)
    assert await filed() == before + 1
    assert len(read) == 4


async def test_strangers_read_rounded_figures_without_a_token(registry: Registry) -> None:
    """Public, cacheable; nothing is told below ten, and every count is a multiple of five."""
    while sum(row.filed for row in (await counted(registry)).values()) < 10:
        await file(registry)
    registry.clock.advance(FRESH_FOR.total_seconds() + 1)
    answer = await registry.http.get("/v1/statistics?by=procedure")
    assert answer.status_code == 200, answer.text
    assert "public" in answer.headers["cache-control"]
    told = answer.json()
    assert told["total"]["filed"] >= 10
    assert all(row["filed"] % 5 == 0 for row in (*told["rows"], told["total"]))
    assert {row["name_vi"] for row in told["rows"]} >= {"Đăng ký tạm trú"}
    seen = await registry.http.get(
        "/v1/statistics?by=procedure", headers={"if-none-match": answer.headers["etag"]}
    )
    assert seen.status_code == 304
    nothing = (await registry.http.get("/v1/statistics?by=month&province=99")).json()
    assert (nothing["total"], nothing["rows"], nothing["others"]) == (None, [], None)


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11&to=2026-10",
        "from=2024-01&to=2026-11",
        "to=2031-01",
        "from=1999-01",
        "by=commune",
        "by=person",
        "province=1",
        "from=2026-13",
    ],
)
async def test_what_is_not_published_is_refused(registry: Registry, query: str) -> None:
    """Backward, too long, to come, by commune, unreadable: a standard problem."""
    answer = await registry.http.get(f"/v1/statistics?{query}")
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
