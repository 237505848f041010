"""An assessment: the verification that a procedure needs, then the procedure's pure rules over its result."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request

from population_registry.api.idempotency import repetition_of
from population_registry.api.models import AssessmentRequest
from population_registry.api.service import Service
from population_registry.procedures import RULES
from population_registry.verification.answers import Identity
from population_registry.verification.asking import (
    Caller,
    Question,
    read_context,
    read_number,
    require_scope,
)
from population_registry.verification.authorising import SCOPE_VERIFY, admit
from population_registry.verification.deciding import Decision
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from web import exchange_of


async def assess(
    service: Service, caller: Caller, code: str, asked: AssessmentRequest, request: Request
) -> bytes:
    """The JSON answer.

    Raises:
        Refusal: unknown procedure, wrong scope, inputs or claims.
        Problem: 503, the database is away.
    """
    require_scope(caller, SCOPE_VERIFY)
    rules = RULES.get(code)
    if rules is None:
        raise Refusal(RefusalCode.PROCEDURE_UNKNOWN, member="code")
    context = read_context({**asked.model_dump(exclude_none=True), "procedure_code": code})
    inputs = rules.read(asked.inputs)
    if asked.subject is None:
        # Nobody is looked up, so no dossier, no person's token and no higher sign-in is needed.
        procedure = service.answering.catalogue.get(code)
        if not procedure.admits(caller.client_id, caller.party_kind):
            raise procedure.refusal(RefusalCode.PROCEDURE_NOT_ALLOWED, "clients", member="code")
        return orjson.dumps(rules.assess(inputs, None, asked.received_at, established=False).document())
    admit(caller, context, service.answering.catalogue, service.answering.clock())
    added = rules.claims(inputs, asked.received_at)
    if not added.keys().isdisjoint(asked.claims):
        raise malformed("claims")
    question = Question(
        context, read_number(asked.subject.number, "subject.number"), {**asked.claims, **added}
    )

    def finish(decision: Decision, document: dict[str, object]) -> Mapping[str, object]:
        established = decision.identity is Identity.ESTABLISHED
        judged = rules.assess(inputs, decision.results, asked.received_at, established=established)
        return {**judged.document(), "verification": document}

    return await service.answering.verify(
        caller,
        question,
        exchange_of(request).request_id,
        repetition_of(request, caller, await request.body(), service.answering.ring),
        finish,
    )
