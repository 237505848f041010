"""What can be filed at this portal and where, for the front door: ``GET /.well-known/procedures.json``. Public."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clients.portal_kit.portal import portal_of

PATH: Final = "/.well-known/procedures.json"
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def served(request: Request) -> Response:
    """The path of each procedure by its code; the national portal leads people there."""
    found = {"procedures": dict(portal_of(request).procedures)}
    return JSONResponse(found, headers={"Cache-Control": "public, max-age=60"})
