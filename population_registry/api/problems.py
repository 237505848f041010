"""Refusals of the pure rules as RFC 9457 problems, with the challenges of RFC 6750, RFC 9449 and RFC 9470."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from keys.proof import ProofRefused, Scheme
from keys.proof.refusals import INVALID_TOKEN, USE_DPOP_NONCE
from population_registry.api.challenges import Challenges
from population_registry.api.resource import resource_of
from population_registry.verification.refusals import EXPLAINED, Refusal, RefusalCode
from web import Problem, problem_response

_STATUS = {
    RefusalCode.INVALID_REQUEST: 400,
    RefusalCode.PROCEDURE_UNKNOWN: 422,
    RefusalCode.PROCEDURE_NOT_ALLOWED: 403,
    RefusalCode.CLAIM_NOT_ALLOWED: 403,
    RefusalCode.FIELD_NOT_ALLOWED: 403,
    RefusalCode.IDENTIFYING_CLAIMS_MISSING: 422,
    RefusalCode.SUBJECT_TOKEN_REQUIRED: 403,
    RefusalCode.OTHER_SUBJECT: 403,
    RefusalCode.INSUFFICIENT_SCOPE: 403,
    RefusalCode.INSUFFICIENT_AUTHENTICATION: 401,
    RefusalCode.AUTHORIZATION_DETAILS_REQUIRED: 403,
    RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS: 403,
    RefusalCode.DOSSIER_REQUIRED: 422,
    RefusalCode.IDEMPOTENCY_KEY_REUSED: 422,
    RefusalCode.AUTHORITY_ENDED: 403,
    RefusalCode.PERSON_UNKNOWN: 404,
    RefusalCode.DOCUMENT_UNREADABLE: 422,
    RefusalCode.BATCH_NOT_ALLOWED: 403,
    RefusalCode.OFFICER_UNKNOWN: 403,
    RefusalCode.OFFICER_NOT_ALLOWED: 403,
    RefusalCode.SEARCH_TOO_BROAD: 422,
    RefusalCode.NOTHING_TO_CONFIRM: 409,
}


def problem_of(refusal: Refusal, challenges: Challenges, scheme: Scheme) -> Problem:
    """The answer to a refused question; `member` points at the place, never at its content."""
    challenge = challenges.refusal(refusal, scheme)
    extensions: dict[str, Any] = {} if refusal.member is None else {"member": refusal.member}
    if refusal.reason is not None:
        extensions["reason"] = refusal.reason
    if refusal.allowed:
        extensions["allowed"] = list(refusal.allowed)
    detail_key = None
    text_values = {}
    if refusal.code is RefusalCode.INVALID_REQUEST and refusal.reason in EXPLAINED:
        detail_key = f"problem.invalid-request.{refusal.reason}"
    if refusal.rule is not None:
        # Not only that it is refused: which entry of the catalogue refuses it, by which member, on which basis.
        entry, member = refusal.rule.entry, refusal.rule.member
        extensions["catalogue"] = {
            "entry": entry,
            "member": member,
            "legal_basis": refusal.rule.legal_basis,
            "href": f"{challenges.resource}/v1/catalogue/{entry}",
        }
        detail_key = f"problem.{refusal.code.value}.explained"
        text_values = {"entry": entry, "rule": member}
    return Problem(
        _STATUS[refusal.code],
        refusal.code.value,
        detail_key=detail_key,
        text_values=text_values,
        headers=None if challenge is None else {"WWW-Authenticate": challenge},
        **extensions,
    )


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    """The exception handler of `Refusal`."""
    assert isinstance(refusal, Refusal)
    challenges: Challenges = request.app.state.challenges
    return await problem_response(request, problem_of(refusal, challenges, resource_of(request).scheme))


def token_missing(challenges: Challenges) -> Problem:
    """RFC 6750 section 3: without credentials the challenge names no error."""
    return Problem(401, "token-missing", headers={"WWW-Authenticate": challenges.missing()})


def token_invalid(cause: str, challenges: Challenges, scheme: Scheme) -> Problem:
    """Expired, altered, for somebody else, or not an access token; the reason is only logged."""
    return Problem(401, "invalid-token", headers={"WWW-Authenticate": challenges.token(scheme)}, cause=cause)


def proof_refused(refused: ProofRefused, challenges: Challenges, scheme: Scheme) -> Problem:
    """A bound token without the proof of its key; the reason is only logged."""
    if refused.code == INVALID_TOKEN:
        return token_invalid(refused.reason, challenges, scheme)
    slug = "use-dpop-nonce" if refused.code == USE_DPOP_NONCE else "invalid-dpop-proof"
    headers = {"WWW-Authenticate": challenges.proof(refused, scheme)}
    return Problem(401, slug, headers=headers, cause=refused.reason)
