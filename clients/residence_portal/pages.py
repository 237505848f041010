"""Pages of the residence portal that belong to no procedure."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import portal_of
from clients.residence_portal.procedures import PROCEDURES

router = APIRouter(include_in_schema=False)
GROUPS: Final = (
    ("residence.group_register", ("1.004222", "1.004194", "1.002755")),
    ("residence.group_tell", ("2.001159", "1.003677", "residence.declare-current")),
    (
        "residence.group_change",
        ("residence.split", "residence.correct", "residence.delete-permanent", "1.010028"),
    ),
    ("residence.group_paper", ("1.010041",)),
)
"""What people come for, and the procedures behind it."""


@router.get("/")
async def front(request: Request) -> Response:
    """What can be done here by what people come for, and the person's latest dossiers when signed in."""
    portal = portal_of(request)
    session = await portal.session(request)
    latest = await portal.filed.of(session.keeper) if session else ()
    known = {each.procedure_code: each for each in PROCEDURES}
    groups = [(title, [known[code] for code in codes]) for title, codes in GROUPS]
    return portal.render(request, "front.html", groups=groups, latest=latest[:3])
