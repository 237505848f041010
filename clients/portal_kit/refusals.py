"""What a person sees when the registry, or the sign-in behind a question to it, says no."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import now, portal_of
from clients.portal_kit.registry import RegistryGone, RegistryRefused
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed

REFUSALS: Final = (RegistryGone, RegistryRefused, SignInFailed)
JUST_NOW: Final = timedelta(minutes=1)
"""A sign-in this young is not repeated: a registry that refuses it would send the browser round in circles."""


def refused(
    request: Request,
    session: PortalSession,
    refusal: Exception,
    *,
    filing: bool = False,
    draft: str | None = None,
) -> Response:
    """The page for one of `REFUSALS`: gone (what was typed is kept under ``draft``), sign in again, or why not."""
    portal = portal_of(request)
    if isinstance(refusal, RegistryGone) or (
        isinstance(refusal, SignInFailed) and refusal.code == "provider_unreachable"
    ):
        answer = portal.render(request, "registry_gone.html", 503, draft=draft)
        answer.headers["Retry-After"] = "30"
        return answer
    if isinstance(refusal, SignInFailed) or (isinstance(refusal, RegistryRefused) and refusal.needs_sign_in):
        if now() - session.started_at > JUST_NOW:
            age = refusal.max_age if isinstance(refusal, RegistryRefused) else None
            return portal.to_sign_in(request, filing=filing, back_to=draft, max_age=age)
        code, detail = "sign-in-refused", ""
    else:
        assert isinstance(refusal, RegistryRefused)
        code, detail = refusal.code, refusal.detail
    return portal.render(request, "registry_refused.html", 502, code=code, detail=detail, draft=draft)
