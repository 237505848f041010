"""What a person sees when the registry, or the sign-in behind a question to it, says no."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import ActingEnded, now, portal_of
from clients.portal_kit.registry import RegistryGone, RegistryRefused
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed
from web import PageProblem

REFUSALS: Final = (RegistryGone, RegistryRefused, SignInFailed, ActingEnded)
SAID_NO: Final = frozenset(
    {
        "dossier-duplicate",
        "dossier-code-taken",
        "dossier-state",
        "dossier-changed",
        "dossier-consent-closed",
        "dossier-too-many",
        "dossier-applicant",
        "dossier-payment",
    }
)
"""Answers of the registry about a dossier: a plain no to the person, not a failure between machines."""
AUTHORITY_ENDED: Final = "authority-ended"
OUTSIDE: Final = "outside-authorization-details"
JUST_NOW: Final = timedelta(minutes=1)
"""A sign-in this young is not repeated: a registry that refuses it would send the browser round in circles."""


def refused(
    request: Request,
    session: PortalSession,
    refusal: Exception,
    *,
    filing: bool = False,
    draft: str | None = None,
    back_to: str | None = None,
) -> Response:
    """The page for one of `REFUSALS`: gone (what was typed is kept under ``draft``), sign in again, or why not.

    ``back_to``: where to go on after signing in, for an act that has no page of its own.
    """
    portal = portal_of(request)
    if isinstance(refusal, RegistryRefused) and refusal.code == "dossier-unknown":
        raise PageProblem(404, "not-found", cause=refusal) from refusal
    if isinstance(refusal, RegistryGone) or (
        isinstance(refusal, SignInFailed) and refusal.code == "provider_unreachable"
    ):
        answer = portal.render(request, "registry_gone.html", 503, draft=draft)
        answer.headers["Retry-After"] = "30"
        return answer
    if isinstance(refusal, ActingEnded) or (
        isinstance(refusal, RegistryRefused) and refusal.code == AUTHORITY_ENDED
    ):
        name = session.acting.dependant.name if session.acting else ""
        return portal.render(request, "acting_ended.html", 403, name=name, acting=None)
    code, detail, status, said = "sign-in-refused", "", 502, {}
    if isinstance(refusal, SignInFailed) or (isinstance(refusal, RegistryRefused) and needs_sign_in(refusal)):
        limited = isinstance(refusal, RegistryRefused) and refusal.code == OUTSIDE
        # Signing in to look gives a token that nothing limits, so that it cannot be refused for this again.
        if (limited and not filing) or now() - session.started_at > JUST_NOW:
            age = refusal.max_age if isinstance(refusal, RegistryRefused) else None
            return portal.to_sign_in(request, filing=filing, back_to=draft or back_to, max_age=age)
    else:
        assert isinstance(refusal, RegistryRefused)
        code, detail = refusal.code, refusal.detail
        if code in SAID_NO:
            status, said = refusal.status, dict(refusal.said)
    return portal.render(
        request,
        "registry_refused.html",
        status,
        code=code,
        said_no=code in SAID_NO,
        detail=detail,
        draft=draft,
        other_dossier=said.get("dossier_code"),
    )


def needs_sign_in(refusal: RegistryRefused) -> bool:
    """Whether another sign-in helps: none or too weak a one, or a token that was limited to something else."""
    return refusal.needs_sign_in or refusal.code == OUTSIDE
