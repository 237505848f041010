"""A receipt shown to people: checked offline, its content in words. Anybody may have one checked here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.registry import RegistryGone, RegistryRefused
from clients.portal_kit.storage.filed import FiledDossier
from clients.receipts import ReceiptRefused
from web import PageProblem, csrf, read_form
from web.qr_codes import qr_code

router = APIRouter(include_in_schema=False)
GONE = "registry_gone"


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """A receipt after checking: ``refusal`` is empty when it holds, else why it proves nothing here and now."""

    text: str = field(repr=False)
    refusal: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    asked: bool = False
    """Whether the registry was asked just now if it has been withdrawn."""

    @property
    def issued_at(self) -> datetime | None:
        """When the registry signed it."""
        return datetime.fromtimestamp(int(self.claims["iat"]), UTC) if "iat" in self.claims else None


async def checked(portal: Portal, receipt: str, *, of_anybody: bool = False) -> CheckedReceipt:
    """Check a receipt with the registry's public keys and its lists; an outage is an answer too, never an error."""
    try:
        claims = await portal.registry.check_receipt(receipt, of_anybody=of_anybody)
        asked = await portal.registry.must_stand(receipt, claims)
    except ReceiptRefused as refusal:
        return CheckedReceipt(receipt, refusal.code)
    except (RegistryGone, RegistryRefused):
        return CheckedReceipt(receipt, GONE)
    return CheckedReceipt(receipt, "", claims, asked)


@router.get("/receipts/check")
async def ask_for_receipt(request: Request) -> Response:
    """Where a receipt can be pasted."""
    portal = portal_of(request)
    await portal.session(request)
    return portal.render(request, "check_receipt.html", receipt=None, typed="")


@router.post("/receipts/check")
async def check_receipt(request: Request) -> Response:
    """The pasted receipt: valid with its content, or why not. Nothing is kept."""
    portal = portal_of(request)
    await portal.session(request)
    form = await read_form(request)
    await csrf.check(request, form)
    typed = "".join(form.get("receipt", "").split())
    if not typed:
        missing = {"receipt": portal.pages.texts_for(request).t("check_receipt.missing")}
        return portal.render(request, "check_receipt.html", 422, receipt=None, typed="", errors=missing)
    found = await checked(portal, typed, of_anybody=True)
    return portal.render(request, "check_receipt.html", receipt=found, typed=typed)


@router.get("/dossiers/{code}/receipts/{number}")
async def download_receipt(request: Request, code: str, number: int) -> Response:
    """A signed receipt as the registry sent it, to keep or to have checked by anybody."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    filed = await _filed_here(portal, code, session.keeper, number)
    name = f"receipt-{code}-{number}.jwt"
    return PlainTextResponse(
        filed.receipts[number - 1],
        media_type="application/jwt",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/dossiers/{code}/receipts/{number}/paper")
async def print_receipt(request: Request, code: str, number: int) -> Response:
    """A receipt to print: its content in words, and the whole of it as a QR code that any checker reads."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    filed = await _filed_here(portal, code, session.keeper, number)
    text = filed.receipts[number - 1]
    return portal.render(
        request,
        "receipt_paper.html",
        dossier=filed,
        number=number,
        receipt=await checked(portal, text),
        picture=qr_code(text, error="l"),
    )


async def _filed_here(portal: Portal, code: str, subject: str, number: int) -> FiledDossier:
    """The person's own, with a receipt of that number; somebody else's and an unknown one are the same 404."""
    found = None
    if len(code) <= MAX_CODE and CODE.match(code):
        found = await portal.filed.one(code, subject)
    if found is None or not 1 <= number <= len(found.receipts):
        raise PageProblem(404, "not-found")
    return found
