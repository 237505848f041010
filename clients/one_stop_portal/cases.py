"""A case at the counter: whom it is about, what is asked for, how far it has come. Kept sealed, for two weeks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from clients.one_stop_portal.services import AGENCY, SERVICES, SYSTEM, Service
from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.paging import Cursor, Page
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.storage.drafts import Draft
from web import PageProblem

FORM, CONFIRM, FILED, HANDED = "form", "confirm", "filed", "handed"
STAGES: Final = (FORM, CONFIRM, FILED, HANDED)
ONE_DAY: Final = timedelta(days=1)
ASSISTED, DEPENDANT, OWN = "assisted", "dependant", "own"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``party`` says in which right it is filed; ``whom`` a dependant's pseudonym.

    ``own`` is what is known of the person: the released record, or number, name and birth date. ``answers`` are the
    form as typed, ``inputs`` the answers by the names of their questions. ``request`` and ``way`` are the citizen's
    confirmation on its way; ``dossier`` is what the registry said last; ``kept_until`` the last day on which the case
    is surely there.
    """

    code: str
    service_code: str
    party: str
    stage: str = FORM
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    born: str = field(default="", repr=False)
    whom: str = field(default="", repr=False)
    flags: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)
    answers: Mapping[str, list[str]] = field(default_factory=dict, repr=False)
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request: str = field(default="", repr=False)
    way: str = ""
    sent_to: str = ""
    dossier: Mapping[str, Any] = field(default_factory=dict, repr=False)
    kept_until: str = ""

    @property
    def service(self) -> Service:
        """What is asked for."""
        return SERVICES[self.service_code]

    @property
    def detail(self) -> Mapping[str, object]:
        """The agreement for this one dossier."""
        return {**self.service.detail, "dossier": self.code}


async def begun(portal: Portal, subject: str, case: Case) -> Case:
    """Keep a new case under its keeper, with the first answers of its form. Raises as the registry's client."""
    until = (now() + portal.drafts.lifetime - ONE_DAY).date().isoformat()
    made = replace(case, answers=await case.service.procedure.prefill(portal, case.own), kept_until=until)
    await portal.drafts.start(subject, draft_of(made))
    return made


async def reserved(portal: Portal) -> str:
    """The next dossier code of this counter."""
    return await portal.filed.reserve_code(AGENCY, SYSTEM)


async def kept(portal: Portal, case: Case) -> Case:
    """Keep how far it has come."""
    await portal.drafts.keep(draft_of(case))
    return case


async def learnt(portal: Portal, case: Case, **said: Any) -> Case:
    """Keep what was found out, and nothing else: in the meantime somebody may have gone on with the case."""
    amended = await portal.drafts.amend(case.code, lambda draft: replace(draft, own={**draft.own, **said}))
    return replace(case, **said) if amended is None else Case(**amended.own)


async def found(portal: Portal, subject: str, code: str) -> Case:
    """The keeper's case; to everybody else there is none. Raises PageProblem 404."""
    if len(code) > MAX_CODE or not CODE.match(code):
        raise PageProblem(404, "not-found")
    draft = await portal.drafts.find(subject, code)
    if draft is None or draft.procedure_code not in SERVICES:
        raise PageProblem(404, "draft-gone")
    return Case(**draft.own)


async def in_hand(portal: Portal, subject: str, after: Cursor | None) -> Page[Case]:
    """A page of the keeper's cases, the newest first."""
    found = await portal.drafts.page(subject, tuple(SERVICES), after)
    return Page(tuple(Case(**each.own) for each in found.rows), found.following)


def known_of(number: str, name: str, born: str) -> dict[str, Any]:
    """What is known of somebody whose record was not released, in the record's own shape."""
    return {"number": number, "name": {"full": name}, "birth_date": born}


def draft_for_form(case: Case) -> Draft:
    """The case as a portal's form sees it."""
    return Draft(case.code, case.service_code, own=case.own, answers=case.answers)


def draft_of(case: Case) -> Draft:
    """As it is kept."""
    return Draft(case.code, case.service_code, own=asdict(case))
