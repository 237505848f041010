"""Writers of what the identity authority decides: cards withdrawn, held, returned; personal numbers set anew."""

from collections.abc import Mapping
from typing import Final

from population_registry.domain import DocumentState, FormerNumberKind
from population_registry.dossiers.identity_changes import ReestablishNumber, ReturnCard, WithdrawCard
from population_registry.storage.dossiers.civil import draw_number
from population_registry.storage.dossiers.ledger import ChangeConflict, Writer, Writing
from population_registry.storage.outbox import announce, stream_of

_NEWEST: Final = """
SELECT to_jsonb(d)::text FROM identity_document AS d
 WHERE person_id = $1 AND state = ANY($2::text[]) AND document_no =
       (SELECT document_no FROM identity_document WHERE person_id = $1 ORDER BY issued DESC, document_no LIMIT 1)
"""
_SET: Final = """
UPDATE identity_document AS d SET state = $3, state_since = $4 WHERE person_id = $1 AND document_no = $2
RETURNING to_jsonb(d)::text
"""
NUMBER_CHANGED: Final = "registry.ReestablishNumber"


async def _withdraw(writing: Writing, change: WithdrawCard) -> None:
    before = await writing.one(_NEWEST, change.person_id, [DocumentState.VALID.value])
    after = await writing.one(_SET, change.person_id, before["document_no"], change.state.value, change.on)
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


async def _return(writing: Writing, change: ReturnCard) -> None:
    kept = [DocumentState.HELD.value, DocumentState.WITHDRAWN.value]
    before = await writing.one(_NEWEST, change.person_id, kept)
    after = await writing.one(
        _SET, change.person_id, before["document_no"], DocumentState.VALID.value, change.on
    )
    await writing.record(change, change.on, change.reason.value, before=before, after=after)


async def _reestablish(writing: Writing, change: ReestablishNumber) -> None:
    """The former number still leads to the person; only now is the new one known, so it is announced here."""
    former = await writing.connection.fetchval(
        "SELECT personal_number FROM person WHERE person_id = $1 AND status = 'active'", change.person_id
    )
    if former is None:
        raise ChangeConflict
    number = await draw_number(writing, change.series)
    await writing.connection.execute(
        "UPDATE person SET personal_number = $2 WHERE person_id = $1", change.person_id, number
    )
    await writing.connection.execute(
        "INSERT INTO personal_number_alias (number, person_id, kind, until, reason) VALUES ($1, $2, $3, $4, $5)",
        former,
        change.person_id,
        FormerNumberKind.CANCELLED.value,
        writing.today,
        change.reason.value,
    )
    writing.told |= {"number": number, "cancelled": former}
    body = {"person": former, "new_person": number, "dossier_code": writing.dossier_code}
    await announce(writing.connection, stream_of(change.person_id), NUMBER_CHANGED, body, writing.now)
    await writing.record(
        change,
        writing.today,
        change.reason.value,
        before={"personal_number": former},
        after={"personal_number": number},
    )


IDENTITY_WRITERS: Final[Mapping[type, Writer]] = {
    WithdrawCard: _withdraw,
    ReturnCard: _return,
    ReestablishNumber: _reestablish,
}
