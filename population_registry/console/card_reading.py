"""What lies on the desk, read and judged: the card's QR line or zone, its chip, or the signed card of a phone.

QR and zone bear no signature: help for typing. The chip's files prove the card, and the presentation of the e-ID app
proves its minute (`keys.shown_card`), at this desk and any other of the registry once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from keys import VerificationFailed
from keys.shown_card import ALGORITHMS, TYP, ShownCard, ShownCardRefused, card_of_claims, presentation_in
from population_registry.api.issuer_keys import IssuerUnreachable
from population_registry.console.desk import Work
from population_registry.operators.errands import Errand
from population_registry.papers.asking import document_of, read_document
from population_registry.papers.paper import PaperError, PaperKind
from population_registry.papers.shown import KIND, statements_of
from population_registry.storage.proofs import spend_proofs
from population_registry.verification.answers import MATCH
from population_registry.verification.asking import Question
from population_registry.verification.refusals import Refusal, RefusalCode
from web import PageProblem

LONGEST: Final = 24_000
"""Letters that a reader types: the files of a chip are the longest."""
SAME: Final = "match"
SPENT: Final = "registry.shown-card"
UNREADABLE: Final = frozenset({RefusalCode.DOCUMENT_UNREADABLE, RefusalCode.INVALID_REQUEST})
_REFUSED: Final = {"past": "console.shown.past", "future": "console.shown.future"}


class CardUnreadable(Exception):
    """Nothing can be compared; the text key says why, and `keeps` whether what was typed is worth showing again."""

    def __init__(self, key: str, *, keeps: bool = True) -> None:
        super().__init__(key)
        self.key = key
        self.keeps = keeps


@dataclass(frozen=True, slots=True)
class Compared:
    """Each thing the card says with its flag, the number first; `kind` of card, `made_at` where it has a time."""

    kind: str
    flags: tuple[tuple[str, str], ...]
    made_at: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether the card is this person's in all it says, and genuine where that can be told."""
        return all(flag == SAME for _, flag in self.flags)


@dataclass(frozen=True, slots=True)
class _Seen:
    number: str
    claims: Mapping[str, object]
    document: Mapping[str, Any]
    made_at: int | None = None


async def compared(work: Work, errand: Errand, number: str, typed: str, request_id: str) -> Compared:
    """The card beside the record of that number; asked as a verification, so it is logged and limited.

    Raises:
        CardUnreadable: nothing to compare; nobody was looked up.
        PageProblem: 503, the provider's keys cannot be had.
    """
    seen = await _seen(work, typed)
    context = work.context(errand)
    answering = work.console.answering
    verifiable = answering.catalogue.get(context.procedure_code).verifiable
    claims = {name: value for name, value in seen.claims.items() if name in verifiable}
    question = Question(context, number, claims)
    said = await answering.verify(work.caller, question, request_id, beside={"document": seen.document})
    flags = [("number", SAME if seen.number == number else "mismatch")]
    if seen.document["kind"] in {KIND, PaperKind.CHIP.value}:
        flags.append(("authentic", str(seen.document["authentic"]["flag"])))
    flags += ((name, result["flag"]) for name, result in orjson.loads(said)["results"].items())
    return Compared(str(seen.document["kind"]), tuple(flags), seen.made_at)


async def _seen(work: Work, typed: str) -> _Seen:
    if presentation_in(typed) is not None:
        return await _shown(work, typed)
    try:
        paper, document = read_document(asked(typed), work.console.cards.current(), work.console.clock())
    except Refusal as refused:
        if refused.code not in UNREADABLE:
            raise
        raise CardUnreadable("console.card_unreadable") from refused
    return _Seen(str(paper.number), paper.claims(), document)


async def _shown(work: Work, typed: str) -> _Seen:
    """The card of a phone, which serves one comparison: a relayed picture finds it spent."""
    try:
        shown = await _verified(work, presentation_in(typed) or "")
        number, claims = statements_of(shown)
    except ShownCardRefused as refused:
        raise CardUnreadable(_REFUSED.get(refused.code, "console.shown.foreign"), keeps=False) from refused
    except PaperError as broken:
        raise CardUnreadable("console.shown.foreign", keeps=False) from broken
    digest = work.console.ring.lookup_hash(SPENT, shown.jti)
    async with work.console.database.pool() as pool:
        (first,) = await spend_proofs(pool, [(digest, shown.ends)])
    if not first:
        raise CardUnreadable("console.shown.spent", keeps=False)
    document = document_of(KIND, MATCH, {"signature": MATCH, "time": MATCH})
    return _Seen(str(number), claims, document, shown.made_at)


async def _verified(work: Work, presentation: str) -> ShownCard:
    console = work.console
    try:
        claims = await console.keys.verify(presentation, algorithms=ALGORITHMS, typ=TYP)
    except VerificationFailed as failed:
        raise ShownCardRefused(failed.code) from failed
    except IssuerUnreachable as away:
        raise PageProblem(503, "unavailable", cause=away, headers={"Retry-After": "5"}) from away
    return card_of_claims(claims, console.party.issuer, console.clock().timestamp())


def asked(typed: str) -> Mapping[str, Any]:
    """Braces are a chip's files, three lines a zone, one line is a QR code."""
    text = typed[:LONGEST].strip()
    if text.startswith("{"):
        try:
            return {"chip": orjson.loads(text)}
        except orjson.JSONDecodeError:
            return {"qr": ""}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {"mrz": lines} if len(lines) > 1 else {"qr": text}
