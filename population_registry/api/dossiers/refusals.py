"""Refused acts on dossiers as RFC 9457 problems."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from population_registry.dossiers import DossierRefusal, DossierRefused
from web import Problem, problem_response

_STATUS: Final = {
    DossierRefusal.UNKNOWN: 404,
    DossierRefusal.APPLICANT: 403,
    DossierRefusal.CONSENT_SIGNATURE: 403,
    DossierRefusal.OFFICER: 403,
    DossierRefusal.MOMENT: 422,
    DossierRefusal.NOT_EX_OFFICIO: 422,
    DossierRefusal.TOO_MANY: 429,
}
_CONFLICT: Final = 409


async def answer_dossier_refusal(request: Request, refused: Exception) -> Response:
    """The exception handler of `DossierRefused`; whatever is not listed is a conflict with the dossier's state."""
    assert isinstance(refused, DossierRefused)
    status = _STATUS.get(refused.code, _CONFLICT)
    return await problem_response(request, Problem(status, refused.code.value, **refused.said))
