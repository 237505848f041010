"""Which officer a request comes from: the person of the token, or the one whom an admitted system names."""

from population_registry.api.service import Service
from population_registry.operators.errands import Errand
from population_registry.operators.officers import Officer, Power
from population_registry.operators.policy import Denied, must_have_errand, must_hold
from population_registry.storage.officers import officer_of_id, officer_of_number
from population_registry.verification.asking import Caller, Context
from population_registry.verification.authorising import admit
from population_registry.verification.refusals import Refusal, RefusalCode


async def officer_of(service: Service, caller: Caller, named: str | None) -> Officer:
    """The officer, as long as the office is held.

    A token of a signed-in person speaks for that person only, whatever officer the request names.

    Raises:
        Refusal: `officer-not-allowed`; `reason`: `unknown`, or `other_person`.
    """
    async with service.answering.database.pool() as pool:
        if caller.person_number is not None:
            known = await officer_of_number(pool, caller.person_number)
        else:
            known = None if named is None else await officer_of_id(pool, named)
    if known is None:
        raise _refused("unknown")
    if named not in {None, known.officer.officer_id}:
        raise _refused("other_person")
    return known.officer


def permitted(officer: Officer, power: Power, errand: Errand | None = None) -> None:
    """The role allows the act, under the errand where one is needed.

    Raises:
        Refusal: `officer-not-allowed`; `reason` is the denial.
    """
    try:
        if power is Power.SEARCH:
            must_have_errand(officer, power, errand)
        else:
            must_hold(officer, power)
    except Denied as denied:
        raise _refused(denied.denial.value) from None


def errand_context(service: Service, caller: Caller, officer: Officer, errand: Errand) -> Context:
    """Why, for the access log, when the catalogue lets this system work under that purpose.

    Raises:
        Refusal: what `admit` raises.
    """
    catalogue = service.answering.catalogue
    entry = catalogue.get(f"console.{errand.purpose.value}")
    context = Context(entry.name_vi, entry.code, errand.case, officer.officer_id)
    admit(caller, context, catalogue, service.answering.clock())
    return context


def _refused(reason: str) -> Refusal:
    return Refusal(RefusalCode.OFFICER_NOT_ALLOWED, member="officer", reason=reason)
