"""Acts on a dossier that is there: of the citizen, of somebody who is asked, of the portal."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from population_registry.api.dossiers.authority import (
    SCOPE_DOSSIERS,
    is_officer,
    may_read,
    require_agreed,
    require_person,
    unknown,
)
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.documents import dossier_document, officer_document
from population_registry.api.dossiers.models import (
    ConsentRequest,
    PaymentRequest,
    RefundRequest,
    SupplementRequest,
)
from population_registry.domain import FieldUse
from population_registry.dossiers import Channel, Dossier, DossierRefusal, DossierRefused
from population_registry.dossiers.acts import (
    CITIZEN,
    Moment,
    answer_consent,
    answer_supplement,
    pay,
    refund,
    withdraw,
)
from population_registry.dossiers.deciding import all_checks
from population_registry.dossiers.statements import says, statement_of
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.stated_days import refuse_impossible_days
from population_registry.storage import Connection
from population_registry.storage.dossiers import read_dossier
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller, Context, require_scope
from population_registry.verification.assurance import acr_satisfies
from population_registry.verification.authorising import admit
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

PORTAL: Final = "portal"


async def read(
    desk: Desk, caller: Caller, code: str, officer: str | None, correlation_id: str
) -> dict[str, Any]:
    """The dossier, when it is the caller's to see; an officer sees the checks of now, and the log knows it."""
    if officer is None or not is_officer(caller):
        require_scope(caller, SCOPE_DOSSIERS)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        now = desk.clock()
        if officer is None or not is_officer(caller):
            dossier, _ = await _seen(desk, connection, caller, code)
            return dossier_document(dossier, now)
        found = await read_dossier(connection, code)
        if found is None:
            raise unknown()
        dossier = found
        await desk.require_officer(connection, caller, officer, dossier)
        procedure, case = await desk.case_of(connection, dossier, now)
        await desk.log(
            connection,
            caller,
            dossier,
            (dossier.applicant_id, *dossier.subject_ids),
            outcome="dossier_read",
            fields={"dossier": FieldUse.RELEASED},
            officer=officer,
            correlation_id=correlation_id,
        )
        return officer_document(dossier, all_checks(procedure, case), now)


async def mine(desk: Desk, caller: Caller, code: str) -> Dossier:
    """The dossier of the person of the token, or of the portal that filed it. Raises as `read` does."""
    require_scope(caller, SCOPE_DOSSIERS)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        return (await _seen(desk, connection, caller, code))[0]


async def supplement(desk: Desk, caller: Caller, code: str, asked: SupplementRequest) -> dict[str, Any]:
    """The applicant answers CT05."""
    require_person(caller)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        before = await _own(desk, connection, caller, code)
        require_version(before, asked.version)
        now = desk.clock()
        procedure, case = await desk.case_of(connection, before, now)
        inputs = procedure.read(asked.inputs)
        refuse_impossible_days(procedure, inputs, now.astimezone(VIET_NAM).date())
        fresh = await desk.case(
            connection,
            procedure,
            inputs,
            applicant=str(case.applicant.person.number),
            filing=before.filing,
            now=now,
        )
        assert fresh is not None
        after = answer_supplement(
            before,
            Moment(now, now, CITIZEN),
            inputs=asked.inputs,
            needs=list(procedure.consents(fresh)),
            fee=procedure.fee(fresh),
            term=procedure.term(fresh),
            subject_ids=tuple(procedure.subjects(fresh)),
            commune_code=procedure.commune(fresh),
            note=asked.note,
        )
        await desk.commit(connection, before, after, by=CITIZEN, now=now)
        return dossier_document(after, now)


async def consent(
    desk: Desk, caller: Caller, code: str, asked: ConsentRequest, attested: Mapping[str, Any] | None
) -> None:
    """The person of the token agrees or refuses, for themselves and nobody else.

    With `signed` it is a signature of their phone (`attested`: what the provider says of it), kept as evidence; one
    that does not say exactly what the dossier asks now gives nothing. Whose phone is registered says yes by it alone.
    """
    require_person(caller)
    async with desk.database.pool() as pool, transaction(pool) as connection:
        before = await read_dossier(connection, code)
        person_id = await desk.person_of(connection, caller)
        if before is None or person_id not in {c.need.person_id for c in before.consents}:
            raise unknown()
        assert person_id is not None
        require_agreed(caller, before)
        wanted = desk.catalogue.get(await _entry(connection, before)).minimum_acr
        if wanted is not None and not acr_satisfies(caller.acr, wanted):
            raise Refusal(RefusalCode.INSUFFICIENT_AUTHENTICATION, wanted=wanted)
        now = desk.clock()
        if asked.signed is not None:
            statement = statement_of(before, person_id, asked.roles, now)
            if (
                not asked.given
                or attested is None
                or not says(attested, statement, number=caller.person_number, now=now)
            ):
                raise malformed("signed")
        elif asked.given and caller.has_phone:
            raise DossierRefused(DossierRefusal.CONSENT_SIGNATURE)
        after = answer_consent(
            before,
            Moment(now, now, CITIZEN),
            needs_of(before, person_id, asked.roles),
            given=asked.given,
            channel=Channel(asked.channel) if asked.signed is None else Channel.SIGNATURE,
            evidence=asked.signed,
        )
        await desk.commit(connection, before, after, by=CITIZEN, now=now)


async def withdrawal(desk: Desk, caller: Caller, code: str) -> dict[str, Any]:
    """The applicant takes the dossier back."""
    require_person(caller)
    return await _simply(desk, caller, code, withdraw, CITIZEN, own=True)


async def payment(desk: Desk, caller: Caller, code: str, asked: PaymentRequest) -> dict[str, Any]:
    """The portal passes on what the payment system says."""
    require_scope(caller, SCOPE_DOSSIERS)

    def paid(dossier: Dossier, moment: Moment) -> Dossier:
        return pay(dossier, moment, amount=asked.amount, reference=asked.reference)

    return await _simply(desk, caller, code, paid, PORTAL)


async def refunded(desk: Desk, caller: Caller, code: str, asked: RefundRequest) -> dict[str, Any]:
    """The portal passes on that the money went back."""
    require_scope(caller, SCOPE_DOSSIERS)
    return await _simply(desk, caller, code, lambda d, m: refund(d, m, asked.reference), PORTAL)


async def _simply(
    desk: Desk,
    caller: Caller,
    code: str,
    act: Callable[[Dossier, Moment], Dossier],
    by: str,
    *,
    own: bool = False,
) -> dict[str, Any]:
    async with desk.database.pool() as pool, transaction(pool) as connection:
        if own:
            before = await _own(desk, connection, caller, code)
        else:
            before, _ = await _seen(desk, connection, caller, code)
            if caller.client_id != before.client_id:
                raise unknown()
        now = desk.clock()
        after = act(before, Moment(now, now, by))
        await desk.commit(connection, before, after, by=by, now=now)
        return dossier_document(after, now)


def needs_of(dossier: Dossier, person_id: int, roles: list[str] | None) -> frozenset[Any]:
    """The consents that are asked of a person, in some roles or in all."""
    return frozenset(
        c.need
        for c in dossier.consents
        if c.need.person_id == person_id and (roles is None or c.need.role.value in roles)
    )


def require_version(dossier: Dossier, seen: int) -> None:
    """Whoever acts saw the dossier as it is. Raises DossierRefused when it moved on meanwhile."""
    if dossier.version != seen:
        raise DossierRefused(DossierRefusal.CHANGED, version=dossier.version)


async def _seen(desk: Desk, connection: Connection, caller: Caller, code: str) -> tuple[Dossier, int | None]:
    dossier = await read_dossier(connection, code)
    person_id = await desk.person_of(connection, caller)
    nobody = caller.person_number is not None and person_id is None
    if dossier is None or nobody or not may_read(caller, person_id, dossier):
        raise unknown()
    require_agreed(caller, dossier)
    return dossier, person_id


async def _own(desk: Desk, connection: Connection, caller: Caller, code: str) -> Dossier:
    dossier = await read_dossier(connection, code)
    person_id = await desk.person_of(connection, caller)
    if dossier is None or person_id is None or person_id != dossier.applicant_id:
        raise unknown()
    require_agreed(caller, dossier)
    admit(
        caller,
        Context(dossier.purpose, await _entry(connection, dossier), dossier.code, None),
        desk.catalogue,
        desk.clock(),
    )
    return dossier


async def _entry(connection: Connection, dossier: Dossier) -> str:
    """The entry of the catalogue that governs a dossier: a part follows the whole that it belongs to."""
    whole = None if dossier.linked_to is None else await read_dossier(connection, dossier.linked_to)
    return (whole or dossier).procedure_code
