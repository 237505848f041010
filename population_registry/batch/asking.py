"""What may be ordered: the job of a batch, read strictly and judged on caller and catalogue alone. Pure.

A batch is asked by a system in its own name: a token of a signed-in person opens none, whatever its scopes.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from population_registry.verification.asking import Caller, Context, read_context, read_object, require_scope
from population_registry.verification.authorising import SCOPE_VERIFY, admit
from population_registry.verification.catalogue import Catalogue, Procedure
from population_registry.verification.claims import IDENTIFYING
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from population_registry.verification.rich_requests import require_within

NUMBER, REF, UNIT, SOCIAL = "number", "ref", "unit", "social_insurance_number"
KEYS_OF_A_ROW = frozenset({NUMBER, REF, UNIT})
"""Columns that say nothing about the person: whom, the caller's key, who must correct the record."""
CLAIMS_OF_A_ROW = frozenset(
    {
        *IDENTIFYING, "sex", "old_number", "alive", "adult", "nationality_vn",
        "permanent_commune", "temporary_commune", "outside_commune",
    }
)  # a table, read by rows  # fmt: skip
"""Claims of one value about the person alone; a household or a card is no row of a table."""
_OF_A_RECONCILIATION = frozenset({UNIT, SOCIAL})
_REQUIRED = frozenset({NUMBER, *IDENTIFYING})
_MEMBERS = frozenset(
    {
        "purpose", "procedure_code", "dossier_code", "officer",
        "kind", "format", "columns", "length", "sha256",
    }
)  # a table, read by rows  # fmt: skip
_LONGEST_COLUMN = 100
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Kind(StrEnum):
    """`verify` answers flags; `reconcile` adds one status a row, for those told who exists."""

    VERIFY = "verify"
    RECONCILE = "reconcile"


class Format(StrEnum):
    """How the rows are written."""

    CSV = "csv"
    NDJSON = "ndjson"


class Outcome(StrEnum):
    """How results are written; the files of the first two have their digests in the signed summary."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Order:
    """A batch that may be made: why, what, and which column of the file holds which value."""

    context: Context
    kind: Kind
    format: Format
    columns: Mapping[str, str]
    length: int | None
    sha256: bytes | None


def read_order(body: object, *, largest: int) -> Order:
    """An order from parsed JSON.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    members = read_object(
        body, "", allowed=_MEMBERS, required={"purpose", "procedure_code", "format", "columns"}
    )
    kind, layout = members.get("kind", Kind.VERIFY.value), members["format"]
    if kind not in list(Kind):
        raise Refusal(RefusalCode.INVALID_REQUEST, member="kind", allowed=tuple(Kind))
    if layout not in list(Format):
        raise Refusal(RefusalCode.INVALID_REQUEST, member="format", allowed=tuple(Format))
    length, digest = members.get("length"), members.get("sha256")
    if length is not None and (
        isinstance(length, bool) or not isinstance(length, int) or not 0 < length <= largest
    ):
        raise malformed("length")
    if digest is not None and not (isinstance(digest, str) and _SHA256.fullmatch(digest)):
        raise malformed("sha256")
    return Order(
        read_context(members),
        Kind(kind),
        Format(layout),
        _columns(members["columns"], Kind(kind)),
        length,
        None if digest is None else bytes.fromhex(digest),
    )


def _columns(value: object, kind: Kind) -> Mapping[str, str]:
    allowed = {NUMBER, REF, *CLAIMS_OF_A_ROW, *(_OF_A_RECONCILIATION if kind is Kind.RECONCILE else ())}
    columns = read_object(value, "columns", allowed=allowed, required=_REQUIRED)
    for name, column in columns.items():
        if not isinstance(column, str) or not 0 < len(column) <= _LONGEST_COLUMN or not column.isprintable():
            raise malformed(f"columns.{name}")
    plain = {name: unicodedata.normalize("NFC", column).strip() for name, column in columns.items()}
    if len(set(plain.values())) != len(plain):
        raise malformed("columns")
    return plain


def permit_batch(caller: Caller, order: Order, catalogue: Catalogue, now: datetime) -> Procedure:
    """The procedure, when this caller may ask all of this for many people at once.

    Raises:
        Refusal: what `admit` raises, and `insufficient-scope`, `batch-not-allowed`, `claim-not-allowed`,
            `outside-authorization-details`.
    """
    require_scope(caller, SCOPE_VERIFY)
    procedure = admit(caller, order.context, catalogue, now)
    if caller.person_number is not None or caller.client_id not in procedure.batch:
        raise procedure.refusal(RefusalCode.BATCH_NOT_ALLOWED, "batch", member="procedure_code")
    claims = order.columns.keys() - KEYS_OF_A_ROW
    for name in sorted(claims - procedure.verifiable):
        raise procedure.refusal(RefusalCode.CLAIM_NOT_ALLOWED, "verifiable", member=f"columns.{name}")
    # A person's agreement is about that person's dossier; it never covers a file about others.
    require_within(caller.details, order.context, claims)
    if order.kind is Kind.RECONCILE and not procedure.tells_identity(caller.client_id, caller.party_kind):
        raise procedure.refusal(RefusalCode.BATCH_NOT_ALLOWED, "told_of_identity", member="kind")
    return procedure
