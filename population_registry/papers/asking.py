"""What is asked of a document check, read strictly: purpose, procedure, dossier, and one paper."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from population_registry.papers.chip.passive import ChipFiles, authenticate
from population_registry.papers.chip.trust import Trust
from population_registry.papers.paper import Paper, PaperError, PaperFault, PaperKind
from population_registry.papers.qr import read_qr
from population_registry.papers.zone import read_zone
from population_registry.verification.answers import MATCH, ClaimResult, Flag
from population_registry.verification.asking import (
    Caller,
    Context,
    Question,
    read_context,
    read_object,
    require_scope,
)
from population_registry.verification.authorising import SCOPE_VERIFY, admit
from population_registry.verification.catalogue import Catalogue, Procedure
from population_registry.verification.refusals import Refusal, RefusalCode, malformed

MOST_BYTES = 64 * 1024
"""Of all files of a chip together, decoded."""

_MEMBERS = frozenset({"purpose", "procedure_code", "dossier_code", "officer", "document"})
_KINDS = frozenset(kind.value for kind in PaperKind)
_FILES = frozenset({"sod", "dg1", "dg13"})
_UNSIGNED = ClaimResult(Flag.UNKNOWN, ("unsigned",))
_NOT_GENUINE = ClaimResult(Flag.MISMATCH, ("not_genuine",))


@dataclass(frozen=True, slots=True)
class Check:
    """A check that may be made: the question for the record, and what the paper itself shows."""

    question: Question
    document: Mapping[str, object]


def read_check(body: object, caller: Caller, catalogue: Catalogue, trust: Trust, now: datetime) -> Check:
    """A check that may be made; nobody is looked up yet.

    Raises:
        Refusal: wrong scope or procedure, no dossier, a paper that cannot be read.
    """
    members = read_object(body, "", allowed=_MEMBERS, required=_MEMBERS - {"officer", "dossier_code"})
    require_scope(caller, SCOPE_VERIFY)
    context = read_context(members)
    procedure = _admit(caller, context, catalogue, now)
    paper, document = read_document(members["document"], trust, now)
    claims = {name: value for name, value in paper.claims().items() if name in procedure.verifiable}
    return Check(Question(context, str(paper.number), claims), document)


def _admit(caller: Caller, context: Context, catalogue: Catalogue, now: datetime) -> Procedure:
    procedure = admit(caller, context, catalogue, now)
    if context.dossier_code is None:
        raise Refusal(RefusalCode.DOSSIER_REQUIRED, member="dossier_code")
    if "card" not in procedure.verifiable:
        raise procedure.refusal(RefusalCode.CLAIM_NOT_ALLOWED, "verifiable", member="document")
    return procedure


def read_document(value: object, trust: Trust, now: datetime) -> tuple[Paper, Mapping[str, object]]:
    """The paper, and what it shows without the record: each check, and whether it is proven genuine."""
    source = read_object(value, "document", allowed=_KINDS, required=frozenset())
    if len(source) != 1:
        raise Refusal(RefusalCode.INVALID_REQUEST, member="document", allowed=tuple(sorted(_KINDS)))
    ((kind, content),) = source.items()
    place = f"document.{kind}"
    try:
        if kind == PaperKind.CHIP:
            found = authenticate(_files(content), trust, now)
            authentic = MATCH if found.genuine else _NOT_GENUINE
            return found.paper, document_of(kind, authentic, found.checks)
        return _UNSIGNED_READERS[kind](content, place), document_of(kind, _UNSIGNED, {"structure": MATCH})
    except PaperError as unreadable:
        reason = unreadable.fault.value
        raise Refusal(RefusalCode.DOCUMENT_UNREADABLE, member=place, reason=reason) from None


def document_of(kind: str, authentic: ClaimResult, checks: Mapping[str, ClaimResult]) -> Mapping[str, object]:
    """What a paper shows without the record, as answer and receipt write it."""
    said = {name: check.for_receipt() for name, check in checks.items()}
    return {"kind": kind, "authentic": authentic.for_receipt(), "checks": said}


def _line(content: object, place: str) -> Paper:
    if not isinstance(content, str):
        raise malformed(place)
    return read_qr(content)


def _lines(content: object, place: str) -> Paper:
    if not isinstance(content, list) or not all(isinstance(line, str) for line in content):
        raise malformed(place)
    return read_zone(content)


_UNSIGNED_READERS: Mapping[str, Callable[[Any, str], Paper]] = {
    PaperKind.QR.value: _line,
    PaperKind.MRZ.value: _lines,
}


def _files(content: object) -> ChipFiles:
    members = read_object(content, "document.chip", allowed=_FILES, required=_FILES)
    files = {name: _decoded(members[name], f"document.chip.{name}") for name in sorted(_FILES)}
    if sum(map(len, files.values())) > MOST_BYTES:
        raise PaperError(PaperFault.TOO_LONG)
    return ChipFiles(**files)


def _decoded(value: object, place: str) -> bytes:
    """Base64 of RFC 4648 section 4, nothing else in between."""
    if not isinstance(value, str) or len(value) > 4 * MOST_BYTES // 3 + 4:
        raise malformed(place)
    if not value:
        raise malformed(place, "not_base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise malformed(place, "not_base64") from None
