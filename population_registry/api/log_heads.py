"""Signed heads of the access log for witnesses, and the proof between two of them.

Heads are public: they tell how many rows there are and their root, nothing of any row. Whoever keeps one can show
later that rows were taken back, even if the whole database was rewritten (attacks.md 54).
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from population_registry.api.service import service_of
from population_registry.storage.log_checks import newest_head, prove_growth
from web import Problem

router = APIRouter(tags=["access log"])
_MOST = 1 << 62


class HeadAnswer(BaseModel):
    """The newest head; verify it with the keys of `/.well-known/jwks.json`."""

    tree_size: int
    head: str = Field(description="JWS of type audit-head+jwt: iss, iat, tree_size, root")


class GrowthAnswer(BaseModel):
    """RFC 9162 section 2.1.4: the older tree is the beginning of the newer one."""

    first: int
    second: int
    path: list[str]


@router.get("/v1/access-log-head", summary="Head of the log · Dấu niêm phong nhật ký")
async def head(request: Request) -> HeadAnswer:
    """The newest signed head of the access log. Public."""
    async with service_of(request).answering.database.pool() as pool:
        found = await newest_head(pool)
    if found is None:
        raise Problem(404, "not-found")
    return HeadAnswer(tree_size=found[0], head=found[1])


@router.get(
    "/v1/access-log-consistency",
    summary="Nothing was taken back · Nhật ký chỉ thêm, không bớt",
)
async def consistency(
    request: Request,
    first: Annotated[int, Query(ge=1, le=_MOST)],
    second: Annotated[int, Query(ge=1, le=_MOST)],
) -> GrowthAnswer:
    """The proof that the log of `first` rows is the beginning of the log of `second` rows. Public."""
    async with service_of(request).answering.database.pool() as pool:
        path = await prove_growth(pool, first, second)
    if path is None:
        raise Problem(404, "not-found")
    return GrowthAnswer(first=first, second=second, path=[part.hex() for part in path])
