"""A decision whose result is a paper (form CT07) issues it: dossier, paper, receipt and log rows in one transaction.

Law on Residence 68/2020 Art. 17(2); Circular 116/2026, form CT07. The paper is of the dossier's applicant, given out
to the client that filed it and to the applicant wherever they are signed in (`api/confirmations`).
"""

from dataclasses import replace
from typing import Final

from population_registry.api.confirming import Confirming
from population_registry.dossiers import Case, Dossier, Form
from population_registry.papers.confirmation.content import LISTED_FIELDS
from population_registry.papers.confirmation.issuing import paper_links
from population_registry.storage import Connection
from population_registry.verification.asking import Caller, Context
from population_registry.verification.releasing import Release

USED_FOR: Final = "used_for"
"""In a result: what the paper is for, as it shall say."""


async def with_paper(
    confirming: Confirming,
    connection: Connection,
    before: Dossier | None,
    dossier: Dossier,
    case: Case,
    correlation_id: str,
) -> Dossier:
    """The dossier with the links to its paper, when a decision between `before` and now was to issue one.

    Raises:
        Refusal: `nothing-to-confirm`; then nothing of the decision may stay.
    """
    known = 0 if before is None else before.version
    if not any(event.form is Form.CONFIRMATION for event in dossier.history[known:]):
        return dossier
    decision = dossier.decision
    assert decision is not None
    officer = None if decision.by == "system" else decision.by
    purpose = str(dossier.result.get(USED_FOR, dossier.purpose))
    context = Context(purpose, dossier.procedure_code, dossier.code, officer)
    wanted = Release(context, str(case.applicant.person.number), LISTED_FIELDS)
    filer = Caller(dossier.client_id, frozenset(), agency_code=dossier.agency)
    row = await confirming.decided(connection, filer, wanted, correlation_id)
    return replace(dossier, result={**dossier.result, **paper_links(row)})
