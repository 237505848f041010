"""GET /v1/statistics: how dossiers are answered, for everybody to read; small groups hidden, counts rounded.

For public pages: no token, five minutes old at most, may be cached. Ask once by each dimension that is shown:

    GET /v1/statistics?by=month&from=2025-12&to=2026-11
    GET /v1/statistics?by=procedure      (this year so far)
    GET /v1/statistics?by=province&procedure=1.004194

`rows` are the groups that may be shown, `others` sums those that are too small (null when there are none), `total` is
everything (null when even that is too small). Counts are multiples of `rounded_to`, so rows need not add up to the
total. Shares lie between 0 and 1 and are null where they are of nothing.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from population_registry.api.counting import Statistics
from population_registry.api.references import Document
from population_registry.api.service import service_of
from population_registry.dossiers.statistics import (
    LEAST,
    ROUNDED_TO,
    By,
    Cell,
    Tally,
    grouped,
    only,
    published,
)
from population_registry.matching import Gazetteer
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.verification.refusals import malformed

router = APIRouter(tags=["statistics"])
MAX_AGE = 300
_MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"


class Counts(BaseModel):
    """One group of dossiers."""

    filed: int
    received: int
    refused_intake: int
    waiting: int = Field(description="Filed and not ended")
    on_time: int = Field(description="Ended on or before the day of the appointment (index 2.1)")
    late: int
    overdue: int = Field(description="Not ended, and the day of the appointment has passed")
    decided: int
    online: int = Field(description="Assisted filing included")
    assisted: int
    payable: int
    paid: int
    on_time_share: float | None
    online_share: float | None
    assisted_share: float | None
    paid_share: float | None
    mean_days: float | None = Field(description="Working days from receipt to result (index 2.2)")


class Row(Counts):
    """One group with its code and name; no code for what no province decides."""

    code: str
    name_vi: str
    name_en: str


class StatisticsAnswer(BaseModel):
    """Statistics of dossiers."""

    by: By
    first: str = Field(alias="from")
    last: str = Field(alias="to")
    least: int = Field(description="Smaller groups are in `others`")
    rounded_to: int
    rows: list[Row]
    others: Counts | None
    total: Counts | None


@router.get(
    "/v1/statistics",
    response_model=StatisticsAnswer,
    summary="Statistics of dossiers · Thống kê giải quyết hồ sơ",
)
async def statistics(
    request: Request,
    by: Annotated[By, Query(description="`commune` is not told to the public")] = By.MONTH,
    first: Annotated[str | None, Query(alias="from", pattern=_MONTH)] = None,
    last: Annotated[str | None, Query(alias="to", pattern=_MONTH)] = None,
    procedure: Annotated[str | None, Query(max_length=40)] = None,
    province: Annotated[str | None, Query(pattern="^[0-9]{2}$")] = None,
) -> Response:
    """Received, on time, late, online, assisted, paid; by month, procedure or province. Public."""
    service = service_of(request)
    counting = service.statistics
    last = last or counting.month
    first = first or f"{last[:4]}-01"
    months = counting.months(first, last)
    if months is None or by is By.COMMUNE:
        raise malformed("by" if by is By.COMMUNE else "to")
    cells = only(
        await counting.cells(months),
        lambda cell: _asked(counting, cell, procedure, province),
    )
    shown = published(grouped(cells, by, counting.province_of))
    places = service.references.places
    answer = {
        "by": by.value,
        "from": first,
        "to": last,
        "least": LEAST,
        "rounded_to": ROUNDED_TO,
        "rows": [
            {"code": code, **_names(by, code, places), **document(row)} for code, row in shown.rows.items()
        ],
        "others": None if shown.others is None else document(shown.others),
        "total": None if shown.total is None else document(shown.total),
    }
    return Document.of(answer).response(request, max_age=MAX_AGE)


def _asked(counting: Statistics, cell: Cell, procedure: str | None, province: str | None) -> bool:
    return procedure in {None, cell.procedure} and province in {None, counting.province_of(cell.commune)}


def _names(by: By, code: str, places: Gazetteer) -> dict[str, str]:
    if by is By.PROCEDURE and code in PROCEDURES:
        return {"name_vi": PROCEDURES[code].name_vi, "name_en": PROCEDURES[code].name_en}
    if by is By.PROVINCE and code in places.provinces:
        return dict.fromkeys(("name_vi", "name_en"), places.provinces[code].name)
    return dict.fromkeys(("name_vi", "name_en"), code)


def document(counted: Tally) -> dict[str, Any]:
    """A tally as JSON."""
    return {name: getattr(counted, name) for name in Counts.model_fields}
