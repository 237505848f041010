"""What one officer asks for and another decides: the request as it is written down, the same for every kind."""

from collections.abc import Mapping
from uuid import uuid4

from starlette.responses import RedirectResponse, Response

from population_registry.console.desk import HOME, Work
from population_registry.domain import PersonFacts
from population_registry.operators.errands import Errand
from population_registry.operators.four_eyes import LIFETIME, FourEyesRequest, RequestKind
from population_registry.storage import four_eyes


async def ask_second(
    work: Work, kind: RequestKind, person: PersonFacts, errand: Errand, content: Mapping[str, object]
) -> Response:
    """The request waits for another officer from now on; who asked sees it among their own."""
    now = work.console.clock()
    async with work.console.database.pool() as pool:
        await four_eyes.ask(
            pool,
            FourEyesRequest(
                request_id=uuid4(),
                kind=kind,
                subject_id=person.person.person_id,
                officer_id=work.officer.officer_id,
                errand=errand,
                content=content,
                created_at=now,
                expires_at=now + LIFETIME,
            ),
        )
    return RedirectResponse(f"{HOME}/requests", 303)
