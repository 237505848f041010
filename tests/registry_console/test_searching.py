"""Search at the console: the people of the territory, nobody else's; each shown person has a line in their log."""

from __future__ import annotations

import re

import pytest

from tests.registry_api.conftest import LAN, Registry
from tests.registry_console.conftest import Sit

pytestmark = pytest.mark.engine
COMMUNE, CENTRE = "CA-00166-017", "C06-012"


async def test_fragments_find_people_of_the_territory(registry: Registry, sit: Sit) -> None:
    """Without marks and out of order; who lives elsewhere is counted, never named; the record opens from the list."""
    desk = await sit(COMMUNE)
    await desk.take(case="G01.899.05-261121-050001")
    page = await desk.send_form("/console/search", name="lan nguyen", from_year="1994")
    assert page.status_code == 200, page.text
    assert "Nguyễn Thị Lan" in page.text
    assert LAN["number"] not in page.text
    handle = re.findall(r'name="person" value="([0-9a-f]+)"', page.text)[0]
    assert "Nguyễn Thị Lan" in (await desk.send_form("/console/record", person=handle)).text
    other = await desk.send_form("/console/search", name="le quang hung", from_year="1979", to_year="1979")
    assert "Lê Quang Hùng" not in other.text
    assert "Lê Quang Hùng" in (await everywhere(sit)).text
    log = await registry.log_of(LAN["number"], "G01.899.05-261121-050001")
    assert "searched" in {row["outcome"] for row in log}


async def everywhere(sit: Sit):
    """The same search by an officer of the country."""
    desk = await sit(CENTRE)
    await desk.take()
    return await desk.send_form("/console/search", name="le quang hung", from_year="1979", to_year="1979")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "<script>"},
        {"from_year": "x"},
        {"from_year": "1900", "to_year": "2026"},
        {"file_number": "?" * 40},
    ],
)
async def test_what_cannot_be_searched_says_so(sit: Sit, fields: dict[str, str]) -> None:
    """Nothing, signs, no year, a whole century: the form comes back with a sentence."""
    desk = await sit(COMMUNE)
    await desk.take()
    page = await desk.send_form("/console/search", **fields)
    assert page.status_code == 400
    assert 'id="name-error"' in page.text
