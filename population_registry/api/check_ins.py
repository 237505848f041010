"""POST /v1/health-insurance/eligibility: a hospital's check-in, in the codes of the insurer's look-up.

The officer's identity is demanded before anybody is looked up; the right name never leaves.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError

from population_registry.api import check_in_models as models
from population_registry.api.idempotency import IDEMPOTENCY_KEY, repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import Service, service_of
from population_registry.domain import NumberRejectedError, PartialDate, PersonalNumber
from population_registry.domain.shown_cards import Shown, newborn_code
from population_registry.matching import normalise, read_sex
from population_registry.storage.insured import number_of_insured, registered_names, replace_officers
from population_registry.verification.asking import Caller, Question, read_context, require_scope
from population_registry.verification.authorising import SCOPE_VERIFY, admit
from population_registry.verification.check_in_notes import note
from population_registry.verification.claims.check_in import NAME, CheckIn, code_of
from population_registry.verification.claims.rule import read_day
from population_registry.verification.deciding import VIET_NAM, Decision
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from web import Problem, exchange_of

_HASH, _NAME_HASH = "registry.facility-officer", "registry.facility-officer-name"
_UNAUTHENTICATED = 401
T = TypeVar("T")


class CodedRoute(StrictBodyRoute):
    """Refusals of this interface bear the code of the look-up as `reason`: 205 bad parameter, 401 authentication."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with coded refusals."""
        handle = super().get_route_handler()

        async def coded(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                place = ".".join(str(step) for step in error.errors()[0]["loc"][1:])
                raise Refusal(RefusalCode.INVALID_REQUEST, member=place or "body", reason="205") from None
            except Refusal as refusal:
                if refusal.code is RefusalCode.INVALID_REQUEST:
                    refusal.reason = "205"
                raise
            except Problem as problem:
                if problem.status_code == _UNAUTHENTICATED:
                    problem.extensions.setdefault("reason", "401")
                raise

        return coded


router = APIRouter(route_class=CodedRoute, tags=["insurance"])


@router.put(
    "/v1/health-insurance/officers",
    status_code=204,
    summary="Officers who may look up · Cán bộ được tra cứu",
    response_class=Response,
)
async def officers(request: Request, asked: models.OfficersRequest) -> Response:
    """The facility's whole list; kept as keyed hashes. Sending it again changes nothing."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_VERIFY)
    if caller.person_number is not None:
        raise Refusal(RefusalCode.PROCEDURE_NOT_ALLOWED)  # a facility speaks of its officers in its own name
    ring = service.answering.ring
    hashes: dict[bytes, bytes] = {}
    for position, each in enumerate(asked.officers):
        text, name = _officer_texts(caller, each, f"officers.{position}")
        key = ring.lookup_hash(_HASH, text)
        if key in hashes:
            raise malformed(f"officers.{position}.number")
        hashes[key] = ring.lookup_hash(_NAME_HASH, name)
    async with service.answering.database.pool() as pool:
        await replace_officers(pool, caller.client_id, hashes, service.answering.clock())
    return Response(status_code=204)


def _officer_texts(caller: Caller, officer: models.OfficerIdentity, place: str) -> tuple[str, str]:
    """What the keyed hashes of number and name are taken over: facility and officer."""
    try:
        whose = f"{caller.client_id}|{PersonalNumber.parse(officer.number)}"
    except NumberRejectedError:
        raise malformed(f"{place}.number") from None
    name = normalise(officer.name)
    if not name:
        raise malformed(f"{place}.name")
    return whose, f"{whose}|{name}"


async def _require_officer(service: Service, caller: Caller, officer: models.OfficerIdentity) -> None:
    """Refuse an officer whom the facility did not register (054), or under another name (055).

    Raises:
        Refusal: `officer-unknown`; `invalid-request`.
        Problem: 503, the database is away.
    """
    place = "officer_identity"
    text, name = _officer_texts(caller, officer, place)
    ring = service.answering.ring
    async with service.answering.database.pool() as pool:
        names = await registered_names(pool, caller.client_id, ring.lookup_hashes(_HASH, text))
    if not names:
        raise Refusal(RefusalCode.OFFICER_UNKNOWN, member=f"{place}.number", reason="054")
    if not set(names) & set(ring.lookup_hashes(_NAME_HASH, name)):
        raise Refusal(RefusalCode.OFFICER_UNKNOWN, member=f"{place}.name", reason="055")


@dataclass(frozen=True, slots=True)
class _Desk:
    """The request, read."""

    shown: Shown
    check_in: CheckIn


def _typed(read: Callable[[Any], T], value: object, place: str) -> T:
    try:
        return read(value)
    except ValueError:  # of every reader here: codes, dates, days
        raise malformed(place) from None


def _read(asked: models.CheckInRequest, today: date) -> _Desk:
    insured, newborn = asked.insured, asked.newborn
    shown = _typed(Shown.parse, insured.shown, "insured.shown")
    if newborn is not None:
        _typed(lambda digits: newborn_code("00", digits), newborn.medical_id, "newborn.medical_id")
    check_in = CheckIn(
        on=today if asked.on is None else _typed(read_day, asked.on, "on"),
        name=insured.name,
        birth=_typed(PartialDate.parse, insured.birth_date, "insured.birth_date"),
        card=shown.card if newborn is None else None,
        sex=insured.sex,
        facility=insured.facility,
        primary_level=asked.primary_level,
        newborn=None if newborn is None else newborn.medical_id,
        born=None if newborn is None else _typed(read_day, newborn.born, "newborn.born"),
    )
    if check_in.sex is not None and read_sex(check_in.sex) is None:
        raise malformed("insured.sex")
    return _Desk(shown, check_in)


@router.post(
    "/v1/health-insurance/eligibility",
    response_model=models.CheckInAnswer,
    summary="Health-insurance eligibility · Tra cứu thẻ bảo hiểm y tế khi khám chữa bệnh",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def eligibility(request: Request, asked: models.CheckInRequest) -> Response:
    """How a card stands on a day: one code, what is paid, from when to when; with receipt, log and budget."""
    service = service_of(request)
    answering = service.answering
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_VERIFY)
    body = asked.model_dump(exclude_none=True)
    context = read_context(body)
    admit(caller, context, answering.catalogue, answering.clock())
    desk = _read(asked, answering.clock().astimezone(VIET_NAM).date())
    await _require_officer(service, caller, asked.officer_identity)
    number = desk.shown.text
    if desk.shown.social is not None:
        async with answering.database.pool() as pool:
            # Digits of nobody stay as they are: they lead nowhere, by the same steps.
            number = await number_of_insured(pool, desk.shown.social, desk.shown.card) or desk.shown.social
    claims = {"name": asked.insured.name, "birth_date": asked.insured.birth_date, NAME: desk.check_in}

    def finish(decision: Decision, document: dict[str, object]) -> Mapping[str, object]:
        return {**document, **_answer(decision, desk)}

    said = {
        "question": "eligibility",
        "on": desk.check_in.on.isoformat(),
        "newborn": asked.newborn is not None,
    }
    answer = await answering.verify(
        caller,
        Question(context, number, claims),
        exchange_of(request).request_id,
        repetition_of(request, caller, await request.body(), answering.ring),
        finish,
        beside={"asked": said},
    )
    return Response(answer, media_type="application/json")


def _answer(decision: Decision, desk: _Desk) -> dict[str, object]:
    result = decision.results[NAME]
    code = code_of(decision.results)
    facts = {} if result.detail is None else result.detail.document()
    return {
        "code": code,
        "note": note(code),
        "pays": result.flag.value == "match",
        "accepted_as": desk.shown.form.value,
        "results": {name: each.for_receipt() for name, each in decision.results.items()},
        **facts,
    }
