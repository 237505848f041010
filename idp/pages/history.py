"""``/account/history``: who looked at me, the provider's log and the registry's in one list, and reporting misuse."""

import asyncio
import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import own_records
from idp.authentication.begin import SignedInPerson
from idp.authentication.own_records import Enough, MisuseReport
from idp.domain import paths
from idp.domain.client import Client
from idp.pages.account import event_text, own_act_form, render_section
from idp.pages.consent import claim_labels
from idp.pages.details import context_of, others, procedure_name
from idp.pages.visit import browser_of, client_name, go, page, services_of, signed_in
from idp.ports import Access, AccessPage, HistoryEntry, Unavailable
from idp.shell import Services
from web import Texts

HISTORY: Final = paths.ACCOUNT + "/history"
REPORT: Final = HISTORY + "/report"
PAGE: Final = 25
LONGEST_CURSOR: Final = 256
LONGEST_REFERENCE: Final = 64
REGISTRY, PROVIDER = "registry", "provider"


def routes() -> list[Route]:
    """Every page of this part."""
    return [page(HISTORY, show_history), page(REPORT, show_report), page(REPORT, post_report, "POST")]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the joint list begins: before this row of ours, from this cursor of the registry's."""

    before: int | None = None
    cursor: str | None = None
    ended: bool = False
    """The registry has no older rows."""

    def text(self) -> str:
        """As it travels in an address; it holds no personal data."""
        return (
            base64.urlsafe_b64encode(orjson.dumps((self.before, self.cursor, self.ended)))
            .decode()
            .rstrip("=")
        )


def read_place(text: str) -> Place:
    """The opposite; whatever is none is the beginning."""
    if not text or len(text) > LONGEST_CURSOR:
        return Place()
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        before, cursor, ended = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error):
        return Place()
    number = before if isinstance(before, int) and 0 <= before < 2**62 else None
    word = cursor if isinstance(cursor, str) and cursor.isascii() and cursor.isprintable() else None
    return Place(number, word, ended is True)


@dataclass(frozen=True, slots=True)
class JointPage:
    """Rows of both logs, newest first; ``following`` is where older ones begin, None at the end.

    ``silent``: the registry did not answer, so only our own rows are here.
    """

    rows: tuple[HistoryEntry | Access, ...]
    following: Place | None
    silent: bool = False


def newest(mine: Iterable[HistoryEntry], theirs: Iterable[Access]) -> list[HistoryEntry | Access]:
    """The rows of a page, by their times; each log keeps its own order, so that a page is a beginning of both.

    Rows of ours that two processes wrote at once may stand in another order than their clocks say: sorted by time,
    one of them could stay behind the page's end, where the next page does not look.
    """
    both: Iterator[HistoryEntry | Access] = merge(mine, theirs, key=_when, reverse=True)
    return list(islice(both, PAGE))


async def joint_page(services: Services, person: SignedInPerson, place: Place) -> JointPage:
    """One page of the joint list: both are asked at once, and the next begins behind what the page took of each."""
    account = person.account
    mine, theirs = await asyncio.gather(
        services.records.history(account.account_id, limit=PAGE + 1, before=place.before),
        _asked(services, account.personal_number, place),
    )
    found = theirs or AccessPage()
    rows = newest(mine, found.entries)
    ours = [row for row in rows if isinstance(row, HistoryEntry)]
    used = [row for row in rows if isinstance(row, Access)]
    before = ours[-1].seq if ours else place.before
    cursor, ended = place.cursor, place.ended
    if len(used) == len(found.entries):
        cursor, ended = (found.cursor, found.cursor is None) if theirs is not None else (cursor, ended)
    elif used:
        cursor = used[-1].cursor
    more = len(mine) > len(ours) or len(used) < len(found.entries) or (theirs is not None and not ended)
    following = Place(before, cursor, ended) if more and rows else None
    return JointPage(tuple(rows), following, silent=theirs is None)


async def _asked(services: Services, number: str, place: Place) -> AccessPage | None:
    """The registry's rows; None when it does not answer."""
    if place.ended:
        return AccessPage()
    try:
        return await services.registry.accesses(number, place.cursor, PAGE)
    except Unavailable:
        return None


async def show_history(request: Request) -> Response:
    """Both logs about me, newest first (Law 91/2025, Art. 4: the right to know)."""
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    services = services_of(request)
    texts = services.pages.texts_for(request)
    place = read_place(request.query_params.get("c", ""))
    shown = await joint_page(services, person, place)
    ours = [row for row in shown.rows if isinstance(row, HistoryEntry)]
    clients, names = await services.records.clients(), await others(services, ours)
    reports = {
        (each.source, each.reference): each for each in await services.own.reports(person.account.account_id)
    }
    rows = [
        _own(row, texts, clients, names) if isinstance(row, HistoryEntry) else _theirs(row, texts, clients)
        for row in shown.rows
    ]
    for row in rows:
        made = reports.get((str(row["source"]), str(row["reference"])))
        row["report"] = made.state if made is not None else None
        row["answer"] = made.answer if made is not None else ""
    return render_section(
        request,
        "account_history.html",
        person,
        rows=rows,
        silent=shown.silent,
        first=place == Place(),
        following=f"?c={shown.following.text()}" if shown.following else "",
        report_path=REPORT,
        history_path=HISTORY,
        done=request.query_params.get("done", "") == "reported",
    )


async def show_report(request: Request) -> Response:
    """What is wrong with one entry."""
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    source, reference = _named(request.query_params)
    if not reference:
        return go(HISTORY)
    return _report_page(request, person, source, reference)


async def post_report(request: Request) -> Response:
    """Keep the report; saying it twice is saying it once."""
    form = await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    source, reference = _named(form)
    said = " ".join(form.text("said").split())
    services, account_id = services_of(request), person.account.account_id
    if not reference:
        return go(HISTORY)
    if not said:
        return _report_page(request, person, source, reference, "report.said.missing")
    if source == PROVIDER and not await _is_mine(services, account_id, reference):
        return go(HISTORY)
    if all(
        (each.source, each.reference) != (source, reference)
        for each in await services.own.reports(account_id)
    ):
        act = MisuseReport(browser_of(request).session, account_id, source, reference, said)
        outcome = await services.loop.run(act, act.needs, own_records.report)
        if isinstance(outcome, Enough):
            return _report_page(request, person, source, reference, "report.enough")
    return go(f"{HISTORY}?done=reported")


async def _is_mine(services: Services, account_id: str, reference: str) -> bool:
    """Whether the row of our log that is reported is about this person (attack 49)."""
    found = await services.records.history(account_id, limit=1, before=int(reference) + 1)
    return bool(found) and found[0].seq == int(reference)


def _named(values: Mapping[str, str]) -> tuple[str, str]:
    """Source and reference of an entry; an empty reference for what cannot be one."""
    source, reference = values.get("source", ""), values.get("reference", "")[:LONGEST_REFERENCE]
    plain = reference.isascii() and reference.replace("-", "").isalnum()
    if source not in own_records.SOURCES or not plain:
        return "", ""
    if source == PROVIDER and not (reference.isdecimal() and len(reference) < len(str(2**62))):
        return "", ""
    return source, reference


def _report_page(
    request: Request, person: SignedInPerson, source: str, reference: str, problem: str = ""
) -> Response:
    texts = services_of(request).pages.texts_for(request)
    return render_section(
        request,
        "account_report.html",
        person,
        status=422 if problem else 200,
        action=REPORT,
        back_path=HISTORY,
        source=source,
        reference=reference,
        longest=own_records.LONGEST_WORDS,
        errors={"said": texts.t(problem)} if problem else {},
    )


def _when(row: HistoryEntry | Access) -> int:
    return row.at_ms if isinstance(row, HistoryEntry) else row.at


def _own(
    entry: HistoryEntry, texts: Texts, clients: Mapping[str, Client], names: Mapping[str, str]
) -> dict[str, object]:
    return {
        "source": PROVIDER,
        "reference": str(entry.seq),
        "when": datetime.fromtimestamp(entry.at, UTC),
        "what": event_text(entry, texts),
        "who": client_name(clients.get(entry.client_id or ""), texts.language) or entry.client_id or "",
        "context": context_of(entry.claims, texts, names),
        "verified": [],
        "released": claim_labels(entry.claims, texts),
    }


def _theirs(entry: Access, texts: Texts, clients: Mapping[str, Client]) -> dict[str, object]:
    who = client_name(clients.get(entry.client), texts.language) or entry.agency
    name = procedure_name(entry.procedure, texts) or entry.procedure
    context = [texts.t("history.procedure", procedure=name)]
    if entry.dossier:
        context.append(texts.t("history.dossier", dossier=entry.dossier))
    if entry.officer:
        context.append(texts.t("history.officer", officer=entry.officer))
    released = [name for name, use in entry.fields.items() if use == "released"]
    verified = [name for name in entry.fields if name not in released]
    return {
        "source": REGISTRY,
        "reference": entry.entry_id,
        "when": datetime.fromtimestamp(entry.at / 1000, UTC),
        "what": entry.purpose,
        "who": who,
        "context": context,
        "verified": field_names(verified, texts),
        "released": field_names(released, texts),
    }


def field_names(names: Iterable[str], texts: Texts) -> list[str]:
    """Fields of the registry in words, each once; what has no word of its own is a condition of the procedure."""
    keys = (f"detail.claim.{name}" for name in names)
    return list(dict.fromkeys(texts.t(key if key in texts else "detail.claim.other") for key in keys))
