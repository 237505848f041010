"""``/account/history``: who looked at me, the provider's log and the registry's in one list."""

import asyncio
import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication.begin import SignedInPerson
from idp.domain import paths
from idp.domain.client import Client
from idp.pages.account import event_text, render_section
from idp.pages.consent import claim_labels
from idp.pages.details import context_of, others, procedure_name
from idp.pages.visit import client_name, go, page, services_of, signed_in
from idp.ports import Access, AccessPage, HistoryEntry, Unavailable
from idp.registry import CLIENT_ID
from idp.shell import Services
from web import Texts

HISTORY: Final = paths.ACCOUNT + "/history"
REPORT: Final = HISTORY + "/report"
PAGE: Final = 25
LONGEST_CURSOR: Final = 256
REGISTRY, PROVIDER = "registry", "provider"


def routes() -> list[Route]:
    """Every page of this part."""
    return [page(HISTORY, show_history)]


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
    shown, reported = await asyncio.gather(
        joint_page(services, person, place), services.own.reports(person.account.account_id)
    )
    rows = await rows_in_words(services, shown.rows, texts)
    reports = {(each.source, each.reference): each for each in reported}
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
        here="" if place == Place() else place.text(),
        following=f"?c={shown.following.text()}" if shown.following else "",
        report_path=REPORT,
        history_path=HISTORY,
        done=request.query_params.get("done", "") == "reported",
    )


async def rows_in_words(
    services: Services, shown: Sequence[HistoryEntry | Access], texts: Texts
) -> list[dict[str, object]]:
    """Rows of a page as they are shown."""
    ours = [row for row in shown if isinstance(row, HistoryEntry)]
    clients, names = await services.records.clients(), await others(services, ours)
    return [
        _own(row, texts, clients, names) if isinstance(row, HistoryEntry) else _theirs(row, texts, clients)
        for row in shown
    ]


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
    ourselves = texts.t(f"history.from.{PROVIDER}") if entry.client == CLIENT_ID else ""
    who = ourselves or client_name(clients.get(entry.client), texts.language) or entry.agency
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
