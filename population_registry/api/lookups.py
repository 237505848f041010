"""Single questions with a plain answer: numbers, households, kinship, residence history.

Each is a verification (read, load, decide, commit, respond) of one claim: the same catalogue, budget, log, receipt
and idempotency; only the face differs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from population_registry.api import lookup_models as models
from population_registry.api.idempotency import IDEMPOTENCY_KEY, repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import service_of
from population_registry.verification.answers import Flag
from population_registry.verification.asking import Question, read_context, read_number
from population_registry.verification.claims.kin import Matter
from population_registry.verification.deciding import VIET_NAM, Decision
from population_registry.verification.refusals import Refusal, malformed
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["single questions"])
_WORDS = {Flag.MATCH: "yes", Flag.MISMATCH: "no"}
_DATED = {"guardian": "guardian_of", "ward": "ward_of"}
_RELATIONS = {
    "parent": "parent_of",
    "child": "child_of",
    "spouse": "spouse_of",
    "sibling": "sibling_of",
    "representative": "representative_of",
    **_DATED,
}
Face = Callable[[Decision], Mapping[str, object]]


def plain_answer(decision: Decision, claim: str) -> dict[str, object]:
    """Yes, no or unknown, with the reasons of the claim."""
    result = decision.results[claim]
    return {"answer": _WORDS.get(result.flag, "unknown"), "reasons": list(result.reasons)}


async def ask(
    request: Request,
    asked: models.Lookup,
    claim: str,
    value: object,
    said: Mapping[str, object],
    member: str,
    face: Face | None = None,
) -> Response:
    """Ask one claim about the subject; `said` is the question as the receipt repeats it, `member` where it stood.

    Raises:
        Refusal: as a verification, with the member as this request names it.
        Problem: 503, the database is away.
    """
    service = service_of(request)
    answering = service.answering
    caller = await service.gate.caller(request)
    body = asked.model_dump(exclude_none=True)
    number = read_number(asked.subject.number, "subject.number")
    claims = {name: body["subject"][name] for name in ("name", "birth_date") if name in body["subject"]}
    question = Question(read_context(body), number, {**claims, claim: value})

    def finish(decision: Decision, document: dict[str, object]) -> Mapping[str, object]:
        answer = {**document, **plain_answer(decision, claim)}
        if face is None:
            return answer
        # What is given out stands once, by its own name, and not again beside the flag.
        results = {name: result.for_receipt() for name, result in decision.results.items()}
        return {**answer, "results": results, **face(decision)}

    places = {
        f"claims.{claim}": member,
        "claims.name": "subject.name",
        "claims.birth_date": "subject.birth_date",
    }
    try:
        answer = await answering.verify(
            caller,
            question,
            exchange_of(request).request_id,
            repetition_of(request, caller, await request.body(), answering.ring),
            finish,
            beside={"asked": said},
        )
    except Refusal as refusal:
        refusal.member = places.get(refusal.member or "", refusal.member)
        raise
    return Response(answer, media_type="application/json")


def _today(request: Request) -> str:
    return service_of(request).answering.clock().astimezone(VIET_NAM).date().isoformat()


@router.post(
    "/v1/numbers/checks",
    response_model=models.NumberCheckAnswer,
    summary="Old number, current number · Số cũ và số hiện tại",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def check_number(request: Request, asked: models.NumberCheckRequest) -> Response:
    """Whether an old number leads to that current one: yes or no; the number itself only where it may be released."""
    if asked.release is (asked.current_number is not None):
        raise malformed("current_number")
    if not asked.release:
        return await ask(
            request,
            asked,
            "current_number",
            asked.current_number,
            {"question": "current_number"},
            "current_number",
        )

    def number(decision: Decision) -> Mapping[str, object]:
        detail = decision.results["released_number"].detail
        return {} if detail is None else {"current_number": detail.document()["number"]}

    said = {"question": "current_number", "release": True}
    return await ask(request, asked, "released_number", True, said, "release", number)


@router.post(
    "/v1/households/checks",
    response_model=models.LookupAnswer,
    summary="Household on a day · Hộ gia đình tại một ngày",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def check_household(request: Request, asked: models.HouseholdCheckRequest) -> Response:
    """Whether these people were registered in one household with the subject on that day; who was its head."""
    if asked.members is None and asked.head is None:
        raise malformed("members")
    value = asked.model_dump(include={"on", "members", "head"}, exclude_none=True)
    value.setdefault("on", _today(request))
    said = {
        "question": "household",
        "on": value["on"],
        "members": len(asked.members or ()),
        "head": "head" in value,
    }
    return await ask(request, asked, "household_on", value, said, "members")


@router.post(
    "/v1/kinship/checks",
    response_model=models.LookupAnswer,
    summary="Kinship, guardianship, representation · Quan hệ gia đình, giám hộ, đại diện",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def check_kinship(request: Request, asked: models.KinshipCheckRequest) -> Response:
    """What the subject is to the other person on that day: kin as recorded, guardian, or legal representative."""
    claim = _RELATIONS.get(asked.relation)
    if claim is None:
        raise malformed("relation")
    value: dict[str, Any] = {"number": asked.other.number}
    said: dict[str, object] = {"question": "kinship", "relation": asked.relation}
    if claim in {*_DATED.values(), "representative_of"}:
        said["on"] = value["on"] = asked.on or _today(request)
    elif asked.on is not None:
        raise malformed("on")  # kinship by birth or marriage is answered as recorded now, not of a day
    if claim == "representative_of":
        said["matter"] = value["matter"] = asked.matter or Matter.GENERAL.value
    elif asked.matter is not None:
        raise malformed("matter")
    return await ask(request, asked, claim, value, said, "other")


@router.post(
    "/v1/residences/histories",
    response_model=models.ResidenceHistoryAnswer,
    summary="Residence history · Quá trình cư trú",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def residence_history(request: Request, asked: models.ResidenceHistoryRequest) -> Response:
    """A release: registrations with their periods and addresses; old units with the communes that follow them."""
    wanted = asked.model_dump(include={"begins", "until", "kinds"}, exclude_none=True)
    value = {("from" if name == "begins" else name): each for name, each in wanted.items()}

    def periods(decision: Decision) -> Mapping[str, object]:
        detail = decision.results["residence_history"].detail
        return {"periods": [], "complete": True} if detail is None else detail.document()

    said = {"question": "residence_history", **value}
    return await ask(request, asked, "residence_history", value, said, "from", periods)
