"""What several pages of the front door show: names in the reader's language, links, lateness."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from clients.national_portal.message import SyncedDossier
from clients.national_portal.notices import is_ended, is_late, task_of
from clients.portal_kit.portal import now, portal_of


def stars(mark: int) -> Markup:
    """A picture of a mark; the words beside it say the same."""
    return Markup('<span class="stars" aria-hidden="true">{}</span>').format("★" * mark + "☆" * (5 - mark))


def shown(request: Request) -> Mapping[str, Any]:
    """Functions for templates."""
    portal = portal_of(request)
    language = portal.pages.language_for(request).value
    homes = {name: url for name, url in portal.settings.portals.items() if url != portal.settings.public_url}
    at = now()

    def name(dossier: Any) -> str:
        return str(dossier.name_en if language == "en" else dossier.name_vi)

    def opened_at(dossier: SyncedDossier) -> str:
        """The portal that filed it (``residence-portal``), where it can be opened; empty for a counter and for us."""
        base = homes.get(dossier.client_id.removesuffix("-portal").replace("-", "_"))
        return "" if base is None else f"{base}/sign-in?next=/dossiers/{dossier.code}&lang={language}"

    texts = portal.pages.texts_for(request)

    def act(code: str) -> str:
        """What was done, in words; a code that is not known yet is shown as it is."""
        return texts.t(f"act.{code}") if f"act.{code}" in texts else code

    return {
        "act": act,
        "stars": stars,
        "name": name,
        "opened_at": opened_at,
        "task": task_of,
        "late": lambda dossier: is_late(dossier, at),
        "ended": is_ended,
    }
