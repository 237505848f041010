"""Refusals of the pure rules as RFC 9457 problems, with the challenges of RFC 6750 and RFC 9470."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from population_registry.verification.refusals import Refusal, RefusalCode
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
    RefusalCode.DOSSIER_REQUIRED: 422,
    RefusalCode.IDEMPOTENCY_KEY_REUSED: 422,
    RefusalCode.PERSON_UNKNOWN: 404,
    RefusalCode.DOCUMENT_UNREADABLE: 422,
}
_REALM = 'Bearer realm="population-registry"'


def problem_of(refusal: Refusal) -> Problem:
    """The answer to a refused question; `member` points at the place, never at its content."""
    challenge = None
    if refusal.code is RefusalCode.INSUFFICIENT_SCOPE:
        challenge = f'{_REALM}, error="insufficient_scope", scope="{refusal.wanted}"'
    elif refusal.code is RefusalCode.INSUFFICIENT_AUTHENTICATION:
        # RFC 9470 section 3: the client takes the person back to the provider with these acr_values.
        challenge = f'{_REALM}, error="insufficient_user_authentication", acr_values="{refusal.wanted}"'
    extensions: dict[str, Any] = {} if refusal.member is None else {"member": refusal.member}
    if refusal.reason is not None:
        extensions["reason"] = refusal.reason
    return Problem(
        _STATUS[refusal.code],
        refusal.code.value,
        headers=None if challenge is None else {"WWW-Authenticate": challenge},
        **extensions,
    )


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    """The exception handler of `Refusal`."""
    assert isinstance(refusal, Refusal)
    return await problem_response(request, problem_of(refusal))


def token_missing() -> Problem:
    """RFC 6750 section 3: without credentials the challenge names no error."""
    return Problem(401, "token-missing", headers={"WWW-Authenticate": _REALM})


def token_invalid(cause: str) -> Problem:
    """Expired, altered, for somebody else, or not an access token; the reason is only logged."""
    return Problem(
        401, "invalid-token", headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}, cause=cause
    )
