"""A case at the counter: whom it is about, what is asked for, how far it has come. Kept sealed, for its day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from clients.one_stop_portal.services import AGENCY, SERVICES, SYSTEM, Service
from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.portal import Portal
from clients.portal_kit.storage.drafts import Draft
from web import PageProblem

FORM, CONFIRM, FILED, HANDED = "form", "confirm", "filed", "handed"
STAGES: Final = (FORM, CONFIRM, FILED, HANDED)
ASSISTED, DEPENDANT, OWN = "assisted", "dependant", "own"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``party`` says in which right it is filed; ``whom`` a dependant's pseudonym.

    ``request`` and ``way`` are the citizen's confirmation on its way; ``dossier`` is what the registry said last.
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
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request: str = field(default="", repr=False)
    way: str = ""
    sent_to: str = ""
    dossier: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def service(self) -> Service:
        """What is asked for."""
        return SERVICES[self.service_code]

    @property
    def detail(self) -> Mapping[str, object]:
        """The agreement for this one dossier."""
        return {**self.service.detail, "dossier": self.code}


async def begun(portal: Portal, subject: str, case: Case) -> Case:
    """Keep a new case under its keeper, with a code of the day where it has none."""
    code = case.code or await reserved(portal)
    made = replace(case, code=code)
    await portal.drafts.start(subject, draft_of(made))
    return made


async def reserved(portal: Portal) -> str:
    """The next dossier code of this counter."""
    return await portal.filed.reserve_code(AGENCY, SYSTEM)


async def kept(portal: Portal, case: Case) -> Case:
    """Keep how far it has come."""
    await portal.drafts.keep(draft_of(case))
    return case


async def found(portal: Portal, subject: str, code: str) -> Case:
    """The keeper's case; to everybody else there is none. Raises PageProblem 404."""
    if len(code) > MAX_CODE or not CODE.match(code):
        raise PageProblem(404, "not-found")
    draft = await portal.drafts.find(subject, code)
    if draft is None or draft.procedure_code not in SERVICES:
        raise PageProblem(404, "draft-gone")
    return Case(**draft.own)


async def of_today(portal: Portal, subject: str) -> list[Case]:
    """The keeper's cases, the newest first."""
    listed = await portal.drafts.of(subject)
    drafts = [
        await portal.drafts.find(subject, each.code) for each in listed if each.procedure_code in SERVICES
    ]
    return [Case(**each.own) for each in drafts if each is not None]


def draft_of(case: Case) -> Draft:
    """As it is kept."""
    return Draft(case.code, case.service_code, own=asdict(case))
