"""POST /v1/social-insurance/matches: one record of the insurer against the registry, with the outcome of section 6.

The same rule as a row of a reconciliation in a batch (`batch.judging`), asked for one record at once.
"""

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from population_registry.api.check_in_models import SocialMatchAnswer, SocialMatchRequest
from population_registry.api.idempotency import IDEMPOTENCY_KEY, repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import service_of
from population_registry.batch.asking import SOCIAL
from population_registry.batch.judging import SOCIAL_TWICE, status_of
from population_registry.domain import PartialDate
from population_registry.domain.dates import PartialDateError
from population_registry.storage.insured import number_of_insured
from population_registry.verification.asking import Question, read_context, read_number, require_scope
from population_registry.verification.authorising import SCOPE_VERIFY, admit
from population_registry.verification.deciding import Decision
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["insurance"])
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ONLY_YEAR, _YEAR_AND_MONTH = 1, 2


def read_birth(text: str, kind: int | None) -> PartialDate:
    """A birth date as the insurer writes it: also `yyyymmdd` with the parts that `loaiNgaySinh` says are known.

    Raises:
        PartialDateError: no date, or less known than the kind says.
    """
    compact = _COMPACT.fullmatch(text.strip())
    if kind is None:
        return PartialDate.parse("-".join(compact.groups()) if compact else text)
    if compact is not None:
        year, month, day = map(int, compact.groups())
        known = PartialDate(
            year,
            None if kind == _ONLY_YEAR else month,
            None if kind in {_ONLY_YEAR, _YEAR_AND_MONTH} else day,
        )
    else:
        known = PartialDate.parse(text)
    if known.precision.value != kind:
        raise PartialDateError("the date and its kind disagree")
    return known


@router.post(
    "/v1/social-insurance/matches",
    response_model=SocialMatchAnswer,
    summary="Match a record of social insurance · Đối chiếu một hồ sơ bảo hiểm xã hội",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def match(request: Request, asked: SocialMatchRequest) -> Response:
    """One outcome, as for a row of a reconciliation; only for those told who exists."""
    service = service_of(request)
    answering = service.answering
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_VERIFY)
    context, record = read_context(asked.model_dump(exclude_none=True)), asked.record
    procedure = admit(caller, context, answering.catalogue, answering.clock())
    if not procedure.tells_identity(caller.client_id, caller.party_kind):
        raise procedure.refusal(
            RefusalCode.PROCEDURE_NOT_ALLOWED, "told_of_identity", member="procedure_code"
        )
    try:
        birth = read_birth(record.birth_date, record.birth_date_kind)
    except PartialDateError:
        raise malformed("record.birth_date") from None
    number = read_number(record.number, "record.number")
    claims = {"name": record.name, "birth_date": birth, SOCIAL: record.social_insurance_number}
    if record.sex is not None:
        claims["sex"] = record.sex
    async with answering.database.pool() as pool:
        owner = await number_of_insured(pool, record.social_insurance_number, None)

    def finish(decision: Decision, document: dict[str, object]) -> Mapping[str, object]:
        subject = decision.subject
        other = subject is not None and owner not in {None, str(subject.person.number)}
        status = None if subject is None else subject.person.status
        outcome = status_of(decision.identity, decision.results, status, SOCIAL_TWICE if other else None)
        return {**document, "outcome": outcome}

    try:
        answer = await answering.verify(
            caller,
            Question(context, number, claims),
            exchange_of(request).request_id,
            repetition_of(request, caller, await request.body(), answering.ring),
            finish,
            beside={"asked": {"question": "social_insurance_match"}},
        )
    except Refusal as refusal:
        refusal.member = _PLACES.get(refusal.member or "", refusal.member)
        raise
    return Response(answer, media_type="application/json")


_PLACES = {
    f"claims.{claim}": f"record.{member}"
    for claim, member in (
        ("name", "name"),
        ("birth_date", "birth_date"),
        ("sex", "sex"),
        (SOCIAL, "social_insurance_number"),
    )
}
