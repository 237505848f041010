"""Acts of an officer on a dossier that is there, each with its line in the log of everybody concerned."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from population_registry.api.dossiers.acting import needs_of, require_version
from population_registry.api.dossiers.authority import (
    SCOPE_DECIDE,
    unknown,
)
from population_registry.api.dossiers.desk import Desk, numbers_in
from population_registry.api.dossiers.documents import officer_document
from population_registry.api.dossiers.models import (
    ActRequest,
)
from population_registry.api.dossiers.paper import with_paper
from population_registry.domain import FieldUse
from population_registry.dossiers import Channel, Dossier, DossierRefusal, DossierRefused
from population_registry.dossiers.acts import (
    Moment,
    answer_consent,
    ask_supplement,
    hand_over,
    receive,
    refuse_intake,
    renew_consents,
    stop,
)
from population_registry.dossiers.apologising import apologise
from population_registry.dossiers.deciding import Decided, all_checks, approve, refuse
from population_registry.storage import Connection
from population_registry.storage.dossiers import read_dossier
from population_registry.storage.loading import load_facts
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller, read_number, require_scope
from population_registry.verification.refusals import malformed

_DECISIONS: Final = frozenset({"approve", "refuse"})


def _reason(asked: ActRequest) -> str:
    if asked.reason is None:
        raise malformed("reason")
    return asked.reason


def _record_consent(dossier: Dossier, moment: Moment, asked: ActRequest, person_id: int | None) -> Dossier:
    """What somebody signed or said, recorded by the officer with what proves it (Decree 58/2026 Art. 4(5))."""
    for name in ("person", "given", "channel", "evidence"):
        if getattr(asked, name) is None:
            raise malformed(name)
    if person_id is None:
        raise DossierRefused(DossierRefusal.CONSENT_CLOSED)
    return answer_consent(
        dossier,
        moment,
        needs_of(dossier, person_id, asked.roles),
        given=bool(asked.given),
        channel=Channel(str(asked.channel)),
        evidence=asked.evidence,
    )


def _apologise(dossier: Dossier, moment: Moment, asked: ActRequest, _person: int | None) -> Dossier:
    """Form 04: in words, with a new day."""
    if asked.appointed_on is None:
        raise malformed("appointed_on")
    return apologise(dossier, moment, _reason(asked), asked.appointed_on)


_ACTS: Final[Mapping[str, Callable[[Dossier, Moment, ActRequest, int | None], Dossier]]] = {
    "apologise": _apologise,
    "receive": lambda dossier, moment, _asked, _person: receive(dossier, moment),
    "refuse_intake": lambda dossier, moment, asked, _person: refuse_intake(dossier, moment, _reason(asked)),
    "ask_supplement": lambda dossier, moment, asked, _person: ask_supplement(dossier, moment, _reason(asked)),
    "record_consent": _record_consent,
    "renew_consents": lambda dossier, moment, _asked, _person: renew_consents(dossier, moment),
    "return_result": lambda dossier, moment, _asked, _person: hand_over(dossier, moment),
    "stop": lambda dossier, moment, asked, _person: stop(dossier, moment, _reason(asked)),
}
"""Acts that need no fact of the registry; `approve` and `refuse` decide."""


async def officer_act(
    desk: Desk, caller: Caller, code: str, asked: ActRequest, correlation_id: str
) -> dict[str, Any]:
    """One act of an officer on the version that the officer saw; everybody concerned finds it in their log."""
    require_scope(caller, SCOPE_DECIDE)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        before = await read_dossier(connection, code)
        if before is None:
            raise unknown()
        await desk.require_officer(connection, caller, asked.officer, before)
        require_version(before, asked.version)
        now = desk.clock()
        moment = Moment(asked.occurred_at or now, now, asked.officer)
        procedure, case = await desk.case_of(connection, before, now)
        if procedure.linked and asked.act in _DECISIONS:
            raise DossierRefused(DossierRefusal.OFFICER, reason="decided_by_its_parts")
        if asked.act == "approve":
            decided = approve(
                procedure, before, case, moment, reason=asked.reason or "", confirmed=asked.confirmed
            )
        elif asked.act == "refuse":
            decided = refuse(before, moment, _reason(asked))
        else:
            person_id = await _person(connection, asked)
            decided = Decided(_ACTS[asked.act](before, moment, asked, person_id))
        after = await with_paper(desk.confirming, connection, before, decided.dossier, case, correlation_id)
        await desk.commit(
            connection,
            before,
            after,
            by=asked.officer,
            now=now,
            changes=decided.changes,
            numbers=numbers_in(case),
        )
        await desk.log(
            connection,
            caller,
            after,
            (after.applicant_id, *after.subject_ids, *(change.person_id for change in decided.changes)),
            outcome=f"dossier_{asked.act}",
            fields={c.code: FieldUse.VERIFIED for c in all_checks(procedure, case)},
            officer=asked.officer,
            correlation_id=correlation_id,
        )
        return officer_document(after, all_checks(procedure, case), now)


async def _person(connection: Connection, asked: ActRequest) -> int | None:
    if asked.person is None:
        return None
    found = (await load_facts(connection, [read_number(asked.person.number, "person.number")])).subject
    return None if found is None else found.person.person_id
