"""Any officer, errand and record: what is shown at the console was allowed, and stands in its person's own log."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from population_registry.operators.errands import Purpose
from tests.registry_api.conftest import LAN, Registry
from tests.registry_console.conftest import Sit

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE = "CA-00166-017", "CA-01-004", "C06-012"
WITHOUT_RECORDS = ("TTr-001", "BHXH-46-031", "MC-00166-005")
NAMES = {LAN["number"]: "Nguyễn Thị Lan", "099079000104": "Lê Quang Hùng", "099083000131": "Phạm Đức Cường"}
REACHED = {
    COMMUNE: {LAN["number"]},
    PROVINCE: {LAN["number"], "099083000131"},
    CENTRE: set(NAMES),
}
"""Whose records lie in the territory, and are not the officer's own."""
CASES = count(1)
ANY_LOOK = given(
    officer=st.sampled_from([*REACHED, *WITHOUT_RECORDS]),
    purpose=st.none() | st.sampled_from(Purpose),
    cased=st.booleans(),
    number=st.sampled_from(sorted(NAMES)),
)


@pytest.mark.attack
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@ANY_LOOK
async def test_no_record_without_errand_and_entry(
    registry: Registry, sit: Sit, officer: str, purpose: Purpose | None, cased: bool, number: str
) -> None:
    """Attack 49: a record that is shown had power, purpose, case and territory, and its person sees who looked.

    What is not shown leaves no word of the record on the page and no released field in the log.
    """
    case = f"G01.899.05-261121-8{next(CASES):05}" if cased else ""
    desk = await sit(officer)
    before = {row["entry_id"] for row in await registry.log_of(number)}
    taken = (
        purpose is not None
        and (await desk.send_form("/console/errand", purpose=purpose.value, case=case)).status_code == 303
    )
    page = await desk.send_form("/console/find", number=number)
    shown = page.status_code == 200 and NAMES[number] in page.text.partition("</header>")[2]
    rows = [row for row in await registry.log_of(number) if row["entry_id"] not in before]
    assert shown == bool(rows)
    if shown:
        assert taken
        assert cased
        assert number in REACHED[officer]
        assert {(row["officer"], row["dossier_code"]) for row in rows} == {(officer, case)}
        assert "released" in {use for row in rows for use in row["fields"].values()}
    assert shown or page.status_code != 200 or not taken
