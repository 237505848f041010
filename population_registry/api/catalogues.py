"""GET /v1/catalogue: who may ask what on which basis, as JSON and signed; GET /v1/catalogue/{code}: one entry."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from keys import KeyPurpose, KeyRing
from population_registry.api.references import Document
from population_registry.verification.catalogue import Catalogue
from population_registry.verification.publishing import (
    CATALOGUE_TYPE,
    catalogue_claims,
    catalogue_document,
    signed_at,
    version_of,
)
from web import Problem

router = APIRouter(tags=["catalogue"])
MAX_AGE: Final = 300
SIGNED_MEDIA: Final = f"application/{CATALOGUE_TYPE}"
_ASKS_SIGNED: Final = frozenset({SIGNED_MEDIA, "application/jwt"})


class PublishedCatalogue:
    """The catalogue as one process publishes it: the JSON made once, the signature once an hour and key."""

    def __init__(
        self, catalogue: Catalogue, ring: KeyRing, issuer: str, clock: Callable[[], datetime]
    ) -> None:
        self._catalogue, self._ring, self._issuer, self._clock = catalogue, ring, issuer, clock
        self._signed: tuple[tuple[str, int], str] | None = None
        self.version = version_of(catalogue)
        self.document = Document.of(catalogue_document(catalogue, issuer))
        self.entries = {
            code: Document.of({"version": self.version, "procedure": procedure.document()})
            for code, procedure in catalogue.procedures.items()
        }

    def signed(self) -> tuple[str, str]:
        """The signed form and its entity tag.

        The tag is weak (RFC 9110 section 8.8.1): processes of one service sign the same claims with other bytes.
        """
        self._ring.reload_if_changed()
        signer = self._ring.signer(KeyPurpose.CATALOGUE)
        issued = signed_at(self._clock())
        state = (signer.kid, issued)
        if self._signed is None or self._signed[0] != state:
            claims = catalogue_claims(self._catalogue, self._issuer, issued)
            self._signed = (state, signer.sign(claims, typ=CATALOGUE_TYPE))
        return self._signed[1], f'W/"{self.version[:16]}-{signer.kid[:8]}-{issued}"'


class Names(BaseModel):
    """In both languages."""

    vi: str
    en: str


class CatalogueEntry(BaseModel):
    """One procedure; whatever it does not allow is refused, and the refusal names the member."""

    code: str = Field(examples=["1.004194"])
    name: Names
    legal_basis: str
    clients: list[str] = Field(description="Who may ask, by client id")
    party_kinds: list[str] = Field(description="Who may ask, by kind: state, public_service, private")
    verifiable: list[str] = Field(description="Claims that may be verified: values in, flags out")
    releasable: list[str] = Field(description="Fields that may be released: values out")
    details: list[str] = Field(description="Verified claims to which coarse facts are added")
    minimum_acr: str | None = Field(description="How well a person must have signed in, where there is one")
    subject_token: bool = Field(description="Only with the person's own token")
    dossier_required: bool
    maximum_age: int | None = Field(description="Seconds since the person's sign-in")
    details_required: bool = Field(description="Only with authorization details (RFC 9396)")
    told_of_identity: list[str] = Field(description="Who may learn whether a person exists")
    batch: list[str] = Field(description="Who may ask about many people at once, by client id")
    disclosed: list[str] = Field(description="Fields that also leave without the person's own token")


class CatalogueAnswer(BaseModel):
    """The whole catalogue; `version` is the SHA-256 of its entries."""

    issuer: str
    version: str
    procedures: list[CatalogueEntry]


class CatalogueEntryAnswer(BaseModel):
    """One entry of that version."""

    version: str
    procedure: CatalogueEntry


def _published(request: Request) -> PublishedCatalogue:
    found: PublishedCatalogue = request.app.state.service.published
    return found


def wants_signed(accept: str) -> bool:
    """Whether the reader names the signed form; who takes anything gets JSON."""
    for part in accept.split(","):
        kind, _, parameters = part.partition(";")
        if kind.strip().lower() in _ASKS_SIGNED:
            return parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


_SIGNED_OPENAPI: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The catalogue; signed where `Accept` names the signed form",
        "content": {SIGNED_MEDIA: {"schema": {"type": "string", "description": "JWS, ES256"}}},
    }
}


@router.get(
    "/v1/catalogue",
    response_model=CatalogueAnswer,
    responses=_SIGNED_OPENAPI,
    summary="Catalogue · Danh mục thủ tục",
)
async def catalogue(request: Request) -> Response:
    """Who may ask what, for which procedure, on which legal basis; JSON or, by `Accept`, a signed JWT. Public."""
    published = _published(request)
    if not wants_signed(request.headers.get("accept", "")):
        answer = published.document.response(request, max_age=MAX_AGE)
    else:
        token, etag = published.signed()
        headers = {"ETag": etag, "Cache-Control": f"public, max-age={MAX_AGE}"}
        if etag in request.headers.get("if-none-match", ""):
            answer = Response(status_code=304, headers=headers)
        else:
            answer = Response(token, headers=headers, media_type=SIGNED_MEDIA)
    answer.headers["Vary"] = "Accept"
    return answer


@router.get(
    "/v1/catalogue/{code}",
    response_model=CatalogueEntryAnswer,
    summary="One entry · Một thủ tục",
)
async def catalogue_entry(request: Request, code: str) -> Response:
    """The entry that a refusal points at. Public."""
    found = _published(request).entries.get(code)
    if found is None:
        raise Problem(404, "not-found")
    return found.response(request, max_age=MAX_AGE)
