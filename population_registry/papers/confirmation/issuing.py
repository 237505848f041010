"""Issuing a CT07: from loaded facts to everything that is signed, kept and logged, as one value to commit."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from keys import KeyPurpose, KeyRing
from population_registry.domain import AccessEntry, AccessRecord, ReceiptRow, RegistryFacts
from population_registry.domain.confirmations import CONFIRMATION_FORM, ConfirmationRow
from population_registry.papers.confirmation.claims import (
    CONFIRMATION_TYPE,
    STAMP_TYPE,
    Stamping,
    confirmation_claims,
    stamp_claims,
    valid_until,
)
from population_registry.papers.confirmation.content import Communes, Listed, listed
from population_registry.verification.asking import Caller, Context
from population_registry.verification.receipts import instant
from population_registry.verification.refusals import Refusal, RefusalCode

KEPT_AFTER_END: Final = timedelta(days=365)
"""How long the bookkeeping outlives the paper."""
ACTS_LAST: Final = timedelta(days=5 * 365)
"""How long the receipt of an act's paper is kept, which has no end of its own (as long as dossiers)."""
CODE: Final = "registry.confirmation-code"
NUMBER_ENDING: Final = "registry.confirmation-ending"
LISTED: Final = "registry.confirmation-listed"
SEALED: Final = "registry.confirmation"
ENDING: Final = 4
"""Digits of the holder's number that a checker reads off the paper and types."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper that may leave once `row` and `records` are committed."""

    confirmation: str
    stamp: str
    row: ConfirmationRow
    records: tuple[AccessRecord, ...]

    def document(self) -> dict[str, object]:
        """The JSON answer."""
        return signed_document(self.row, self.confirmation, self.stamp)


def signed_document(row: ConfirmationRow, confirmation: str, stamp: str) -> dict[str, object]:
    """What the client gets: where the paper is, until when it lasts, and its signed forms."""
    return {**paper_links(row), "confirmation": confirmation, "stamp": stamp}


def paper_links(row: ConfirmationRow) -> dict[str, object]:
    """What names a paper and where its files are; nothing of what it says."""
    path = f"/v1/confirmations/{row.confirmation_id}"
    if row.event is not None:
        path = f"/v1/dossiers/{row.dossier_code}/papers/{row.event}"
    return {
        "confirmation_id": str(row.confirmation_id),
        "form": row.form,
        "issued_at": instant(row.issued_at),
        "valid_until": None if row.valid_until is None else instant(row.valid_until),
        "pdf": f"{path}.pdf",
        "json": f"{path}.json",
    }


def issue_confirmation(
    facts: RegistryFacts,
    caller: Caller,
    context: Context,
    stamping: Stamping,
    entries: Sequence[AccessEntry],
    *,
    ring: KeyRing,
    communes: Communes,
    authority: str,
) -> Issued:
    """The paper about `facts.subject`, whose household was loaded too; `entries` are the log rows of its release.

    Raises:
        Refusal: `person-unknown`; `nothing-to-confirm` for a person who is dead, gone or has no place of residence.
    """
    person = facts.subject
    if person is None:
        raise Refusal(RefusalCode.PERSON_UNKNOWN)
    content = listed(facts, stamping.today, communes)
    if not person.person.is_active:
        raise Refusal(RefusalCode.NOTHING_TO_CONFIRM, reason="status")
    if not content.has_a_place:
        raise Refusal(RefusalCode.NOTHING_TO_CONFIRM, reason="no_place")
    claims = confirmation_claims(content, stamping, caller, context, authority)
    paper = sealed_paper(
        claims,
        stamp_claims(claims),
        stamping,
        ring,
        types=(CONFIRMATION_TYPE, STAMP_TYPE),
        holder=(person.person.person_id, str(person.person.number)),
        client_id=caller.client_id,
        procedure_code=context.procedure_code,
        dossier_code=context.dossier_code,
        valid_until=valid_until(stamping.now),
        digests=digests_now(content, ring)[0],
    )
    first, *others = (replace(entry, outcome="confirmed") for entry in entries)
    own = AccessRecord(replace(first, receipt_id=stamping.confirmation_id), paper.receipt)
    records = (own, *(AccessRecord(each) for each in others))
    return Issued(paper.confirmation, paper.stamp, paper.row, records)


@dataclass(frozen=True, slots=True)
class SealedPaper:
    """A signed paper with its bookkeeping, not yet kept."""

    confirmation: str
    stamp: str
    row: ConfirmationRow
    receipt: ReceiptRow


def sealed_paper(
    claims: Mapping[str, object],
    stamp: Mapping[str, object],
    stamping: Stamping,
    ring: KeyRing,
    *,
    types: tuple[str, str],
    holder: tuple[int, str],
    client_id: str,
    procedure_code: str,
    dossier_code: str | None,
    valid_until: datetime | None,
    digests: Mapping[str, str],
    form: str = CONFIRMATION_FORM,
    event: int | None = None,
) -> SealedPaper:
    """Claims and stamp signed, found again by the code, known by the last digits of the holder's number.

    `types`: the `typ` of paper and stamp; `holder`: whose paper it is, as the record's id and the number.
    """
    signer = ring.signer(KeyPurpose.CONFIRMATION)
    signed, stamped = signer.sign(claims, typ=types[0]), signer.sign(stamp, typ=types[1])
    person_id, number = holder
    row = ConfirmationRow(
        confirmation_id=stamping.confirmation_id,
        code_hash=ring.lookup_hash(CODE, stamping.code),
        ending_hash=ring.lookup_hash(NUMBER_ENDING, ending_text(stamping.code, number)),
        subject_id=person_id,
        client_id=client_id,
        procedure_code=procedure_code,
        dossier_code=dossier_code,
        issued_at=stamping.now,
        valid_until=valid_until,
        digests=digests,
        sealed=ring.sealer(SEALED).seal(
            orjson.dumps([signed, stamped, claims]), str(stamping.confirmation_id)
        ),
        form=form,
        event=event,
    )
    receipt = ReceiptRow(
        receipt_id=stamping.confirmation_id,
        subject_id=person_id,
        client_id=client_id,
        issued_at=stamping.now,
        expires_at=(valid_until or stamping.now + ACTS_LAST) + KEPT_AFTER_END,
        key_id=signer.kid,
        digest=hashlib.sha256(signed.encode("ascii")).digest(),
        status_position=stamping.position,
    )
    return SealedPaper(signed, stamped, row, receipt)


def ending_text(code: str, digits: str) -> str:
    """What the keyed hash of the last digits is taken over, so that equal endings of two papers look different."""
    return f"{code}|{digits[-ENDING:]}"


def digests_now(content: Listed, ring: KeyRing) -> tuple[dict[str, str], ...]:
    """The digests of a record as it is now, under each lookup key that is kept."""
    by_set = {
        name: [found.hex() for found in ring.lookup_hashes(LISTED, text)]
        for name, text in content.texts().items()
    }
    return tuple(dict(zip(by_set, found, strict=True)) for found in zip(*by_set.values(), strict=True))


@dataclass(frozen=True, slots=True)
class Opened:
    """The texts of a kept paper: signed confirmation, signed stamp, and the claims of the former."""

    confirmation: str
    stamp: str
    claims: Mapping[str, Any]


def opened(row: ConfirmationRow, ring: KeyRing) -> Opened:
    """The texts of a kept paper.

    Raises:
        SealBroken: the ring has no longer the key, or the row was altered.
    """
    return Opened(*orjson.loads(ring.sealer(SEALED).open(row.sealed, str(row.confirmation_id))))
