"""Officers' search: plan, find, choose a page, write one access-log row for everybody touched, then answer.

The console and the API share it; who the officer is has been settled before.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import uuid4

import asyncpg
import orjson

from keys import KeyRing, SealBroken
from population_registry.api.database import Database
from population_registry.domain import AccessEntry, AccessRecord, FieldUse
from population_registry.operators.choosing import Key, agreeing, page_of
from population_registry.operators.criteria import Criteria
from population_registry.operators.officers import Officer, Place, covers
from population_registry.operators.places import PlacesOfToday
from population_registry.operators.planning import MOST_PEOPLE, Vocabulary, plan_search, too_broad
from population_registry.storage import Pool, record_access
from population_registry.storage.searching import Shown, find_people, read_shown, read_vocabulary
from population_registry.verification.asking import Context
from population_registry.verification.refusals import Refusal, malformed

COUNTED_FOR: Final = timedelta(minutes=10)
"""How long one process keeps the counts of words and places."""
SHOWN: Final = ("number", "name", "birth_date", "sex", "status", "permanent_commune")
SEARCHED, BEYOND, NOBODY, REFUSED = "searched", "searched_out_of_area", "searched_nobody", "search_refused"
"""Outcomes in the access log: shown; exists elsewhere and was not shown; nobody found; refused as too broad."""
_LONGEST_CURSOR: Final = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `total`: how many match in the officer's territory; `beyond`: how many exist outside it."""

    people: tuple[Shown, ...]
    total: int
    beyond: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who searches under which errand, through which system, by what."""

    officer: Officer
    client_id: str
    context: Context
    criteria: Criteria
    correlation_id: str

    @property
    def binding(self) -> str:
        """What a cursor belongs to: officer, case and criteria."""
        told = (self.client_id, self.officer.officer_id, self.context.dossier_code, repr(self.criteria))
        return hashlib.sha256(repr(told).encode()).hexdigest()


class Searching:
    """Searches of one process."""

    def __init__(
        self, database: Database, ring: KeyRing, places: PlacesOfToday, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._ring, self._places, self._clock = database, ring, places, clock
        self._words: tuple[datetime, Vocabulary] | None = None

    async def search(self, inquiry: Inquiry, cursor: str | None = None, limit: int = 20) -> Found:
        """One page of people, committed to the access log before it is returned.

        Raises:
            Refusal: `search-too-broad`; `invalid-request` for a cursor of another search.
            Problem: 503, the database is away; nothing left.
        """
        after = self._after(cursor, inquiry)
        async with self._database.pool() as pool:
            try:
                return await self._search(pool, inquiry, after, limit)
            except Refusal:
                await record_access(pool, [self._row(inquiry, None, REFUSED)])
                raise

    async def _search(self, pool: Pool, inquiry: Inquiry, after: Key | None, limit: int) -> Found:
        criteria, officer = inquiry.criteria, inquiry.officer
        plan = None
        if not criteria.exact:
            places = self._places.of_place(criteria.place)
            plan = plan_search(criteria, officer.territory, places, await self._vocabulary(pool))
            if plan is None:
                return await self._logged(pool, inquiry, (), (), Found((), 0, 0, None))
        try:
            candidates = await find_people(pool, criteria, plan)
        except asyncpg.QueryCanceledError:
            raise too_broad(criteria) from None
        if len(candidates) > MOST_PEOPLE:
            raise too_broad(criteria)
        found = agreeing(criteria, candidates)
        everybody = await read_shown(pool, [each.person_id for each in found]) if criteria.exact else {}
        mine = [
            each for each in found if not criteria.exact or _covered(officer, everybody.get(each.person_id))
        ]
        page, key = page_of(mine, after, limit)
        shown = everybody or await read_shown(pool, [each.person_id for each in page])
        people = tuple(shown[each.person_id] for each in page if each.person_id in shown)
        kept = {each.person_id for each in mine}
        beyond = [each.person_id for each in found if each.person_id not in kept]
        answer = Found(people, len(mine), len(beyond), self._cursor(key, inquiry))
        return await self._logged(pool, inquiry, [each.person_id for each in people], beyond, answer)

    async def _logged(
        self, pool: Pool, inquiry: Inquiry, shown: Sequence[int], beyond: Sequence[int], answer: Found
    ) -> Found:
        rows = [self._row(inquiry, person_id, SEARCHED) for person_id in shown]
        rows += [self._row(inquiry, person_id, BEYOND) for person_id in beyond]
        await record_access(pool, rows or [self._row(inquiry, None, NOBODY)])
        return answer

    def _row(self, inquiry: Inquiry, person_id: int | None, outcome: str) -> AccessRecord:
        fields = dict.fromkeys(SHOWN if outcome == SEARCHED else (), FieldUse.SEARCHED)
        return AccessRecord(
            AccessEntry(
                entry_id=uuid4(),
                at=self._clock(),
                subject_id=person_id,
                client_id=inquiry.client_id,
                agency=inquiry.officer.agency,
                officer=inquiry.officer.officer_id,
                purpose=inquiry.context.purpose,
                procedure_code=inquiry.context.procedure_code,
                dossier_code=inquiry.context.dossier_code,
                fields=fields,
                outcome=outcome,
                receipt_id=None,
                correlation_id=inquiry.correlation_id,
            )
        )

    async def _vocabulary(self, pool: Pool) -> Vocabulary:
        now = self._clock()
        if self._words is None or not self._words[0] <= now < self._words[0] + COUNTED_FOR:
            self._words = (now, await read_vocabulary(pool))
        return self._words[1]

    def _cursor(self, key: Key | None, inquiry: Inquiry) -> str | None:
        if key is None:
            return None
        sealed = self._ring.sealer("registry.search").seal(orjson.dumps(key), inquiry.binding)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def _after(self, cursor: str | None, inquiry: Inquiry) -> Key | None:
        if cursor is None:
            return None
        if len(cursor) > _LONGEST_CURSOR:
            raise malformed("cursor")
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            opened: list[Any] = orjson.loads(
                self._ring.sealer("registry.search").open(sealed, inquiry.binding)
            )
            return cast("Key", tuple(opened))
        except (SealBroken, ValueError, binascii.Error):
            raise malformed("cursor") from None


def _covered(officer: Officer, shown: Shown | None) -> bool:
    if shown is None:
        return False
    return covers(officer, tuple(Place(commune, province) for _, commune, province in shown.places))
