"""What every act on a dossier shares: the facts it is judged on, and the one transaction that makes it true.

read → load → decide → commit, with load and commit inside one transaction: the people concerned are locked before
their facts are loaded, so what was judged still holds when it is written. Changes, access log, outbox and the act
itself are there together or not at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from keys import KeyRing
from population_registry.api.confirming import Confirming
from population_registry.api.database import Database
from population_registry.api.dossiers.authority import require_officer
from population_registry.api.references import References
from population_registry.api.representation import require_authority
from population_registry.domain import AccessEntry, AccessRecord, FieldUse, ReceiptRow
from population_registry.dossiers import Case, Dossier, DossierRefusal, DossierRefused, Filing, Procedure
from population_registry.dossiers.changes import Change
from population_registry.dossiers.notices import of_acts, of_changes
from population_registry.operators.officers import Place
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage import Connection, record_access
from population_registry.storage.dossiers import (
    ChangeConflict,
    apply_changes,
    held_persons,
    load_around,
    lock_persons,
    occupants_of,
    payments_around,
    update_dossier,
)
from population_registry.storage.loading import load_facts, numbers_of
from population_registry.storage.officers import officer_of_id
from population_registry.verification.asking import Caller
from population_registry.verification.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that acts need of the outside."""

    database: Database
    catalogue: Catalogue
    ring: KeyRing
    references: References
    clock: Callable[[], datetime]
    confirming: Confirming

    async def person_of(self, connection: Connection, caller: Caller) -> int | None:
        """The internal id of the person of the token; None without one, or when nobody holds the number.

        Raises:
            Refusal: `authority-ended`, somebody represents the person who no longer may.
        """
        if caller.person_number is None:
            return None
        await require_authority(connection, caller, self.clock())
        found = (await load_facts(connection, [caller.person_number])).subject
        return None if found is None else found.person.person_id

    async def require_officer(
        self, connection: Connection, caller: Caller, officer_id: str, dossier: Dossier
    ) -> None:
        """The officer of that id may act on this dossier now.

        Raises:
            Refusal: `insufficient-scope`. DossierRefused: `dossier-officer`, with the reason.
        """
        unit = self.references.places.communes.get(dossier.commune_code or "")
        places = (
            () if unit is None or dossier.commune_code is None else (Place(dossier.commune_code, unit.above),)
        )
        known = await officer_of_id(connection, officer_id)
        require_officer(caller, known, await self.person_of(connection, caller), dossier, places)

    async def case(
        self,
        connection: Connection,
        procedure: Procedure,
        inputs: Any,
        *,
        applicant: str,
        filing: Filing,
        now: datetime,
    ) -> Case | None:
        """The case as the registry stands now, its applicant locked; None when nobody holds the number."""
        numbers = [applicant, *procedure.numbers(inputs)]
        first = (await load_facts(connection, numbers)).people.values()
        await lock_persons(connection, [each.person.person_id for each in first])
        facts = await load_around(connection, numbers)
        if facts.subject is None:
            return None
        ids = {each.person.person_id for each in facts.people.values()}
        paid = await payments_around(connection, facts, now.date()) if procedure.payments else ()
        return Case(
            inputs=inputs,
            applicant=facts.subject,
            facts=facts,
            now=now,
            filing=filing,
            held=await held_persons(connection, ids),
            payments=paid,
            occupants=await occupants_of(connection, facts.dwellings),
            least_area=self.references.least_area,
            successors=self.references.successors,
        )

    async def case_of(
        self, connection: Connection, dossier: Dossier, now: datetime
    ) -> tuple[Procedure, Case]:
        """The case of a dossier that was filed.

        Raises:
            DossierRefused: `dossier-outdated`, the procedure or the applicant is no longer known.
        """
        procedure = PROCEDURES.get(dossier.procedure_code)
        numbers = await numbers_of(connection, [dossier.applicant_id])
        if procedure is None or not numbers:
            raise DossierRefused(DossierRefusal.OUTDATED)
        case = await self.case(
            connection,
            procedure,
            procedure.read(dict(dossier.inputs)),
            applicant=numbers[0],
            filing=dossier.filing,
            now=now,
        )
        if case is None:
            raise DossierRefused(DossierRefusal.OUTDATED)
        agreed = await held_persons(connection, {each.need.person_id for each in dossier.consents})
        return procedure, replace(case, paid=dossier.paid, paid_at=dossier.paid_at, held=case.held | agreed)

    async def commit(
        self,
        connection: Connection,
        before: Dossier,
        after: Dossier,
        *,
        by: str,
        now: datetime,
        changes: Sequence[Change] = (),
        numbers: Mapping[int, str] | None = None,
    ) -> None:
        """Write the act; the transaction's end makes it true.

        Raises:
            DossierRefused: `dossier-changed`, another act was faster; `dossier-outdated`, the registry moved on.
        """
        notices = (*of_acts(before, after), *of_changes(after, changes, numbers or {}))
        if after is not before and not await update_dossier(connection, before, after, notices, now):
            raise DossierRefused(DossierRefusal.CHANGED)
        try:
            await apply_changes(connection, changes, dossier_code=after.code, by=by, now=now)
        except ChangeConflict:
            raise DossierRefused(DossierRefusal.OUTDATED) from None

    async def log(
        self,
        connection: Connection,
        caller: Caller,
        dossier: Dossier,
        people: Iterable[int],
        *,
        outcome: str,
        fields: Mapping[str, FieldUse],
        officer: str | None,
        correlation_id: str,
        receipt: ReceiptRow | None = None,
    ) -> None:
        """One row in the access log of each of them: who dealt with them, for which dossier and why.

        `receipt`: of a paper that leaves, to whom it is about.
        """
        now = self.clock()
        entries = [
            AccessEntry(
                entry_id=uuid4(),
                at=now,
                subject_id=person_id,
                client_id=caller.client_id,
                agency=caller.agency,
                officer=officer,
                purpose=dossier.purpose,
                procedure_code=dossier.procedure_code,
                dossier_code=dossier.code,
                fields=fields,
                outcome=outcome,
                receipt_id=receipt.receipt_id if receipt and receipt.subject_id == person_id else None,
                correlation_id=correlation_id,
            )
            for person_id in dict.fromkeys(people)
        ]
        await record_access(
            connection, [AccessRecord(entry, receipt if entry.receipt_id else None) for entry in entries]
        )


def numbers_in(case: Case) -> dict[int, str]:
    """The personal numbers of everybody in the facts, by internal id."""
    return {each.person.person_id: str(each.person.number) for each in case.facts.people.values()}
