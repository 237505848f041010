"""Lists: a person's own dossiers, and the consents that others ask of them."""

from datetime import datetime, timedelta
from typing import Any, Final

from population_registry.api.cursors import cursor_at
from population_registry.api.dossiers.authority import opened_by, require_person
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.documents import asked_document, dossier_document
from population_registry.domain import FieldUse
from population_registry.storage.dossiers import consents_asked_of, dossiers_of
from population_registry.storage.loading import load_facts, numbers_of
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller
from population_registry.verification.refusals import Refusal, RefusalCode

SHOWN_FOR: Final = timedelta(days=30)
MOST_ASKED: Final = 20


async def own(desk: Desk, caller: Caller, before: datetime, limit: int) -> dict[str, Any]:
    """One page of what the person filed, newest first; a limited token shows what it is for (RFC 9396)."""
    require_person(caller)
    async with desk.database.pool() as pool:
        person_id = await desk.person_of(pool, caller)
        if person_id is None:
            raise Refusal(RefusalCode.PERSON_UNKNOWN)
        found = await dossiers_of(pool, person_id, before=before, limit=limit + 1, opened=opened_by(caller))
    now = desk.clock()
    page = found[:limit]
    more = len(found) > limit
    following = cursor_at(page[-1].filed_at) if more else None
    return {"dossiers": [dossier_document(each, now) for each in page], "next_cursor": following}


async def asked_of(desk: Desk, caller: Caller, correlation_id: str) -> dict[str, Any]:
    """Who asks the person for consent to what; the applicant finds in the log that their name was shown."""
    require_person(caller)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        person_id = await desk.person_of(connection, caller)
        if person_id is None:
            raise Refusal(RefusalCode.PERSON_UNKNOWN)
        now = desk.clock()
        found = await consents_asked_of(
            connection, person_id, since=now - SHOWN_FOR, limit=MOST_ASKED, opened=opened_by(caller)
        )
        numbers = await numbers_of(connection, sorted({each.applicant_id for each in found}))
        people = (await load_facts(connection, numbers)).people.values()
        names = {each.person.person_id: each.person.name.full for each in people}
        for each in found:
            await desk.log(
                connection,
                caller,
                each,
                [each.applicant_id],
                outcome="consent_asked_shown",
                fields={"name": FieldUse.RELEASED},
                officer=None,
                correlation_id=correlation_id,
            )
        asked = [asked_document(each, person_id, names.get(each.applicant_id, ""), now) for each in found]
    return {"consents": asked}
