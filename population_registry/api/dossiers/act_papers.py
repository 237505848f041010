"""The paper of one line of a dossier's history: signed when it is first asked for, then always the same.

A line with a form has a paper (`papers.notices`); of a CT07 it is the confirmation that the decision issued. Who may
read the dossier may have its papers; the applicant finds in the log that one was made.
"""

from datetime import datetime
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID, uuid4

from population_registry.api.dossiers.authority import unknown
from population_registry.api.dossiers.desk import Desk
from population_registry.domain import FieldUse
from population_registry.domain.confirmations import ConfirmationRow
from population_registry.dossiers import Dossier, Event, Form
from population_registry.dossiers.apologising import APPOINTED
from population_registry.dossiers.codes import IDENTITY_AGENCY, RESIDENCE_AGENCY
from population_registry.dossiers.terms import clock
from population_registry.papers.confirmation.claims import Stamping
from population_registry.papers.confirmation.code import BYTES, code_of
from population_registry.papers.notices import TITLES, NoticePaper, issue_notice
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.procedures.civil_office import JUSTICE_AGENCY
from population_registry.procedures.insurance_people import INSURER_AGENCY
from population_registry.storage import Connection, load_facts
from population_registry.storage.confirming import keep_confirmation, paper_of_event
from population_registry.storage.loading import numbers_of
from population_registry.storage.officers import officer_of_id
from population_registry.storage.superseding import mark_superseded
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller

ISSUED: Final = "dossier_paper_issued"
AUTHORITIES: Final = {
    RESIDENCE_AGENCY: "Cơ quan đăng ký cư trú",
    IDENTITY_AGENCY: "Cơ quan quản lý căn cước",
    INSURER_AGENCY: "Cơ quan bảo hiểm xã hội",
    JUSTICE_AGENCY: "Ủy ban nhân dân cấp xã",
}
"""Who stands at the head of a paper where no officer of a known agency acted."""
SYSTEM: Final = "system"
BY_ITSELF: Final = "Hệ thống tự động"


def has_paper(dossier: Dossier, event: Event) -> bool:
    """Whether a line of history has a paper: one of `papers.notices`, or a CT07 that was issued."""
    if event.form is Form.CONFIRMATION:
        return "confirmation_id" in dossier.result
    return event.form in TITLES


def line_of(dossier: Dossier, number: int) -> Event | None:
    """The line of history of that number, when it has a paper."""
    found = next((each for each in dossier.history if each.number == number), None)
    return found if found is not None and has_paper(dossier, found) else None


async def paper_of(
    desk: Desk, caller: Caller, dossier: Dossier, number: int, officer: str | None, correlation_id: str
) -> ConfirmationRow:
    """The paper of that line, kept; whose dossier it is to read, the caller has judged.

    Raises:
        DossierRefused: no such line, or one without a paper: as for a dossier that is not there. Problem: 503.
    """
    event = line_of(dossier, number)
    if event is None:
        raise unknown()
    if event.form is Form.CONFIRMATION:
        return await desk.confirming.kept(UUID(str(dossier.result["confirmation_id"])))
    desk.ring.reload_if_changed()
    async with desk.database.pool() as pool, transaction(pool) as connection:
        kept = await paper_of_event(connection, dossier.code, number)
        if kept is not None:
            return kept
        # Of several who ask at once the first one has it made.
        await connection.execute("SELECT 1 FROM dossier WHERE dossier_code = $1 FOR UPDATE", dossier.code)
        kept = await paper_of_event(connection, dossier.code, number)
        return kept or await _issued(desk, connection, caller, dossier, event, officer, correlation_id)


async def _issued(
    desk: Desk,
    connection: Connection,
    caller: Caller,
    dossier: Dossier,
    event: Event,
    officer: str | None,
    correlation_id: str,
) -> ConfirmationRow:
    position = await desk.confirming.positions.take(desk.database, connection)
    stamping = Stamping(desk.clock(), desk.confirming.issuer, uuid4(), code_of(token_bytes(BYTES)), position)
    said = await _said(desk, connection, dossier, event)
    paper = issue_notice(
        said, stamping, desk.ring, holder_id=dossier.applicant_id, client_id=dossier.client_id
    )
    await desk.log(
        connection,
        caller,
        dossier,
        [dossier.applicant_id],
        outcome=ISSUED,
        fields={"dossier": FieldUse.RELEASED},
        officer=officer,
        correlation_id=correlation_id,
        receipt=paper.receipt,
    )
    await keep_confirmation(connection, paper.row)
    await mark_superseded(connection, dossier.code)  # asked for when a later act has been done already
    return paper.row


async def _said(desk: Desk, connection: Connection, dossier: Dossier, event: Event) -> NoticePaper:
    """What the paper says, from the line of history and whom it is about."""
    assert event.form is not None
    procedure = PROCEDURES[dossier.procedure_code]
    numbers = await numbers_of(connection, [dossier.applicant_id])
    applicant = (await load_facts(connection, numbers)).subject if numbers else None
    known = await officer_of_id(connection, event.by)
    residence = procedure.code_agency == RESIDENCE_AGENCY
    authority = AUTHORITIES[procedure.code_agency]
    if residence:
        authority = desk.confirming.communes.police.get(dossier.commune_code or "", authority)
    detail: Any = event.detail
    due_on = None
    if event.form is Form.APOLOGY:
        due_on = datetime.fromisoformat(detail[APPOINTED]).date()
    elif event.form is Form.RECEIPT:
        due_on = clock(dossier.history[: event.number], dossier.term).due_on
    return NoticePaper(
        form=event.form,
        event=event.number,
        dossier_code=dossier.code,
        procedure_code=procedure.code,
        procedure=procedure.name_vi,
        legal_basis=procedure.legal_basis,
        applicant="" if applicant is None else applicant.person.name.full,
        number="" if applicant is None else str(applicant.person.number),
        authority=authority if known is None else known.officer.agency,
        officer=BY_ITSELF if event.by == SYSTEM else event.by,
        at=event.occurred_at,
        residence=residence,
        reason=str(detail.get("reason", "")),
        due_on=due_on,
    )
