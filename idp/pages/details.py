"""Authorization details in plain words (RFC 9396 section 12.1): who checks what, for which procedure and dossier."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from idp.domain.audit import ACTOR_ITEM, PAPER_ITEM, SUBJECT_ITEM
from idp.domain.authorization import AuthorizationRequest
from idp.domain.needs import Needs
from idp.domain.rich_requests import DOSSIER_ITEM, IDENTITY_CLAIMS, PROCEDURE_ITEM
from idp.pages.masks import masked_claim
from idp.ports import HistoryEntry
from idp.shell import Services
from web import Texts

RELEASE: Final = "registry:release"
OTHERS: Final = {ACTOR_ITEM: "history.actor", SUBJECT_ITEM: "history.subject"}


def details_shown(request: AuthorizationRequest, service: str, texts: Texts) -> list[Mapping[str, object]]:
    """Each detail as a card: its procedure, and every member of it in words."""
    return [_shown(detail, request.scopes, service, texts) for detail in request.authorization_details]


def _shown(
    detail: Mapping[str, object], scopes: tuple[str, ...], service: str, texts: Texts
) -> Mapping[str, object]:
    code, claims = str(detail["procedure"]), detail["claims"]
    asked = set(claims) if isinstance(claims, list) else set()
    rows = [
        (texts.t("detail.who"), service),
        (texts.t("detail.procedure"), code),
        (texts.t("detail.dossier"), detail.get("dossier") or texts.t("detail.no_dossier")),
        (texts.t("detail.purpose"), texts.t("detail.purpose.quoted", purpose=detail["purpose"])),
    ]
    places = detail.get("locations")
    if isinstance(places, list):
        hosts = [urlsplit(str(place)).netloc or str(place) for place in places]
        rows.append((texts.t("detail.where"), ", ".join(hosts)))
    return {
        "name": procedure_name(code, texts) or texts.t("detail.name", code=code),
        "rows": rows,
        "does": texts.t("detail.releases" if RELEASE in scopes else "detail.verifies"),
        "only": texts.t("detail.only" if "dossier" in detail else "detail.only.procedure"),
        "claims": [texts.t(f"detail.claim.{claim}") for claim in IDENTITY_CLAIMS if claim in asked],
    }


def procedure_name(code: str, texts: Texts) -> str:
    """A procedure's name for people; empty where we have no words for it."""
    return texts.t(f"procedure.{code}") if f"procedure.{code}" in texts else ""


def context_of(items: Iterable[str], texts: Texts, names: Mapping[str, str]) -> list[str]:
    """The other person, procedure and dossier of a line of the history, in words; ``names`` by :func:`others`."""
    found = []
    for item in items:
        for start, key in OTHERS.items():
            if item.startswith(start) and item in names:
                found.append(texts.t(key, name=names[item]))
        if item.startswith(PAPER_ITEM):
            found.append(texts.t("history.paper", value=item.removeprefix(PAPER_ITEM)))
        elif item.startswith(PROCEDURE_ITEM):
            code = item.removeprefix(PROCEDURE_ITEM)
            found.append(texts.t("history.procedure", procedure=procedure_name(code, texts) or code))
        elif item.startswith(DOSSIER_ITEM):
            found.append(texts.t("history.dossier", dossier=item.removeprefix(DOSSIER_ITEM)))
    return found


async def others(services: Services, entries: Iterable[HistoryEntry]) -> dict[str, str]:
    """Names of the other people in a history, by the log's item: who acts is named in full, whom they act for not."""
    items = {item for entry in entries for item in entry.claims if item.startswith(tuple(OTHERS))}
    loaded = await asyncio.gather(
        *(services.loop.loading.load(Needs(account_id=item.partition(":")[2])) for item in items)
    )
    names = {}
    for item, facts in zip(items, loaded, strict=True):
        name = facts.account.profile.get("name") if facts.account is not None else None
        if isinstance(name, str):
            names[item] = name if item.startswith(ACTOR_ITEM) else masked_claim("name", name)
    return names
