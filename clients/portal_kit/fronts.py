"""The first page of a portal with procedures: what people come for, tools beside it, the person's latest dossiers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import portal_of
from clients.portal_kit.procedure import Procedure

LATEST: Final = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Procedures under one heading (a text id)."""

    title: str
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A page beside the procedures: its address, and the text ids of its name and of what it is for."""

    path: str
    title: str
    text: str


RECEIPT: Final = Tool("/receipts/check", "nav.check_receipt", "front.card_receipt")


def groups_of(procedures: Iterable[Procedure], wanted: Iterable[tuple[str, tuple[str, ...]]]) -> list[Group]:
    """Groups by the codes that they name."""
    known = {each.procedure_code: each for each in procedures}
    return [Group(title, tuple(known[code] for code in codes)) for title, codes in wanted]


def front_router(title: str, lead: str, groups: Iterable[Group], tools: Iterable[Tool]) -> APIRouter:
    """``GET /``. A portal says more by a template of its own that extends the kit's ``procedures_front.html``."""
    router = APIRouter(include_in_schema=False)
    page: dict[str, Any] = {
        "title": title,
        "lead": lead,
        "groups": tuple(groups),
        "tools": tuple(tools),
    }

    @router.get("/")
    async def front(request: Request) -> Response:
        """What can be done here by what people come for, and the person's latest dossiers when signed in."""
        portal = portal_of(request)
        session = await portal.session(request)
        latest = await portal.filed.of(session.keeper) if session else ()
        return portal.render(request, "front.html", **page, latest=latest[:LATEST])

    return router
