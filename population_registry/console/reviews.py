"""Look-ups of officers under review: who looked most, without a case, beyond their territory; each look judged once.

No page here names whom an officer looked at: a reviewer judges the officer's reasons, not the citizen.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.api.cursors import after_entry, entry_cursor
from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.domain import RECENT_YEARS
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied
from population_registry.operators.reviewing import MOST_DAYS, Review, Sign, Verdict, View, reviewed
from population_registry.storage import look_reviews
from population_registry.storage.reviews import count_by_officer, list_entries
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.refusals import Refusal
from web import Language, PageProblem, read_form
from web.plots import Plot, Point, Series

PATH: Final = f"{HOME}/reviews"
OFFICERS, LOOKS, MOST_PAGES = 12, 20, 99
"""Officers, or looks, on one page: as many as a phone shows without losing the reader; and pages of officers."""
LEAST_REMARK, LONGEST_REMARK, LONGEST_CODE = 5, 500, 64
DEFAULT_DAYS: Final = 7
QUERY: Final = ("from", "to", "officer", "sign")


@at_desk(Power.REVIEW_LOOKUPS)
async def overview(request: Request, work: Work) -> Response:
    """Officers by how much they looked, and the looks of the one that was chosen."""
    return await _page(request, work)


@at_desk(Power.REVIEW_LOOKUPS)
async def judge(request: Request, work: Work) -> Response:
    """POST a verdict on one look; the first one counts, never on one's own."""
    form = await read_form(request)
    verdict = next((each for each in Verdict if each.value == form.text("verdict")), None)
    try:
        entry = UUID(form.text("entry"))
    except ValueError:
        raise PageProblem(400, "bad-request") from None
    if verdict is None:
        raise PageProblem(400, "bad-request")
    remark = form.text(f"remark-{entry}").strip()
    if not LEAST_REMARK <= len(remark) <= LONGEST_REMARK:
        return await _page(request, work, 400, errors={f"remark-{entry}": "console.review.remark.wrong"})
    async with work.console.database.pool() as pool:
        officer = await look_reviews.officer_of_look(pool, entry)
        if officer is None:
            raise PageProblem(404, "not-found")
        said = reviewed(entry, officer, work.officer, verdict, remark, work.console.clock())
        if not await look_reviews.write(pool, said):
            raise Denied(Denial.DECIDED)
    query = request.url.query
    return RedirectResponse(f"{PATH}?{query}#{entry}" if query else PATH, 303)


def review_of(request: Request, today: date) -> tuple[Review, str | None]:
    """What is reviewed, and which field of the period is wrong; then the last week stands in for it."""
    asked = request.query_params
    first, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
    wrong = (
        "from" if asked.get("from") and first is None else "to" if asked.get("to") and last is None else None
    )
    last = last or today
    first = first or last - timedelta(days=DEFAULT_DAYS - 1)
    officer = asked.get("officer", "")[:LONGEST_CODE] or None
    sign = next((each for each in Sign if each.value == asked.get("sign")), None)
    review = Review(View.ENTRIES if officer or sign else View.OFFICERS, first, last, officer, sign)
    if review.is_bounded and wrong is None:
        return review, None
    week = Review(review.view, today - timedelta(days=DEFAULT_DAYS - 1), today, officer, sign)
    return week, wrong or "to"


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in RECENT_YEARS else None


def midnight(day: date) -> datetime:
    """The beginning of a day in Việt Nam."""
    return datetime.combine(day, time(), VIET_NAM)


async def _page(
    request: Request, work: Work, status: int = 200, *, errors: dict[str, str] | None = None
) -> Response:
    review, wrong = review_of(request, work.console.clock().astimezone(VIET_NAM).date())
    errors = dict(errors or {})
    if wrong is not None:
        errors[wrong] = "console.review.period.wrong"
    start, end = midnight(review.first), midnight(review.last + timedelta(days=1))
    async with work.console.database.pool() as pool:
        rows, following, counted, more = [], None, [], False
        number = page_number(request)
        if review.view is View.ENTRIES:
            try:
                place = min(after_entry(request.query_params.get("cursor") or None), (end, UUID(int=0)))
            except Refusal:
                raise PageProblem(400, "bad-request") from None
            found: Any = await list_entries(pool, start, place, review.officer, review.sign, LOOKS + 1)
            said = await look_reviews.verdicts_on(pool, [row[0] for row in found[:LOOKS]])
            rows = [look(work, request, row, said.get(row[0])) for row in found[:LOOKS]]
            following = entry_cursor(found[LOOKS - 1][1], found[LOOKS - 1][0]) if len(found) > LOOKS else None
        else:
            before = (number - 1) * OFFICERS
            several = await count_by_officer(pool, start, end, None, None, OFFICERS + 1, before)
            counted, more = list(several[:OFFICERS]), len(several) > OFFICERS and number < MOST_PAGES
    texts = work.console.pages.texts_for(request)
    plot = busiest(counted, texts.t) if counted else None
    return render(
        request,
        work,
        "reviews.html",
        400 if wrong is not None else status,
        errors=errors,
        review=review,
        most_days=MOST_DAYS,
        officers=counted,
        number=number,
        more=more,
        plot=plot,
        entries=rows,
        following=following,
        cursor=request.query_params.get("cursor", ""),
        query={name: request.query_params.get(name, "") for name in QUERY},
        signs=list(Sign),
        own=work.officer.officer_id,
    )


def page_number(request: Request) -> int:
    """Which page of officers is asked for; the first one for what is no such number."""
    asked = request.query_params.get("page", "")
    plain = asked.isascii() and asked.isdecimal() and len(asked) <= len(str(MOST_PAGES))
    return max(1, int(asked)) if plain else 1


def look(work: Work, request: Request, row: Any, said: Any) -> dict[str, Any]:
    """One look as the page shows it; the purpose in the reviewer's language where it is the catalogue's own."""
    entry_id, at, officer, agency, purpose, procedure, case, outcome, _ = row
    known = work.console.answering.catalogue.procedures.get(procedure)
    if known is not None and known.name_vi == purpose:
        english = work.console.pages.texts_for(request).language is Language.EN
        purpose = known.name_en if english else known.name_vi
    return {
        "entry_id": entry_id,
        "at": at,
        "officer": officer,
        "agency": agency,
        "purpose": purpose,
        "procedure": procedure,
        "case": case,
        "outcome": outcome,
        "said": said,
    }


def busiest(counted: Any, t: Any) -> Plot:
    """Who asked most, as bars: questions with a case and without one."""
    return Plot(
        name="busiest",
        title=t("console.review.busiest"),
        axis=t("console.officer"),
        points=tuple(Point(str(row[0])) for row in counted),
        series=(Series(t("console.review.rows"), tuple(float(row[3]) for row in counted)),),
    )
