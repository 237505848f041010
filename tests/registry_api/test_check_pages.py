"""The public page that checks a paper, and the signed PDF that it recognises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from keys import KeyRing
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.keeping import CardKeys
from tests.registry_api.confirmed import HUNG, check, claims_of, confirmed
from tests.registry_api.conftest import Registry

pytestmark = pytest.mark.engine
CHIEF = "Cơ quan đăng ký cư trú mô phỏng"


@pytest.fixture
async def registry(
    start: Callable[[str], AsyncIterator[Registry]],
    persona_database: str,
    key_rings: tuple[Path, KeyRing],
    budget_clean: None,
    saturday: Any,
) -> AsyncIterator[Registry]:
    """The registry with an authority that signs papers."""
    folder = key_rings[0]
    CardKeys.beside(folder, KeyRing.open(folder, mode="demo"), SEALS).complete(saturday())
    async for running in start(persona_database):
        yield running


async def pdf_of(registry: Registry, paper: dict[str, Any]) -> bytes:
    """The signed PDF of a paper."""
    answer = await registry.get(paper["pdf"], registry.issuer.personal(HUNG))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


async def form(registry: Registry, path: str = "/check") -> dict[str, str]:
    """The hidden field of the page's form; the client keeps the cookie."""
    page = await registry.http.get(path)
    assert page.status_code == 200
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return {"csrf_token": found[1]}


async def test_the_pdf_bears_a_signature_that_others_accept(registry: Registry) -> None:
    """PAdES-B-B (EN 319 142-1): pyHanko finds it whole and valid, by the published authority."""
    paper = await confirmed(registry)
    file = await pdf_of(registry, paper)
    pem = (await registry.http.get("/v1/confirmations/authorities")).content
    from asn1crypto import pem as asn1_pem

    roots = [asn1_x509.Certificate.load(der) for _, _, der in asn1_pem.unarmor(pem, multiple=True)]
    context = ValidationContext(trust_roots=roots, moment=registry.clock(), allow_fetching=False)
    (signature,) = PdfFileReader(BytesIO(file)).embedded_signatures
    status = await async_validate_pdf_signature(signature, signer_validation_context=context)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert CHIEF in status.signing_cert.subject.human_friendly
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert {each["type"].native for each in signature.signer_info["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
    }


async def test_the_same_paper_is_the_same_file(registry: Registry) -> None:
    """Fetched twice: byte for byte equal, so its digest can be recognised."""
    paper = await confirmed(registry)
    assert await pdf_of(registry, paper) == await pdf_of(registry, paper)


async def test_a_file_is_recognised_whole_and_only_whole(registry: Registry) -> None:
    """By its SHA-256 over the API, and as a file on the page; one changed bit is another file."""
    file = await pdf_of(registry, await confirmed(registry))
    body = {"pdf_sha256": hashlib.sha256(file).hexdigest()}
    answer = await registry.http.post("/v1/confirmations/checks", json=body)
    assert answer.json()["state"] == "valid"
    for content, said in ((file, "Giấy còn giá trị"), (file + b"\n", "Không nhận ra tệp")):
        given = {"file": ("giay.pdf", content, "application/pdf")}
        page = await registry.http.post("/check/file", data=await form(registry), files=given)
        assert said in page.text, page.text[1200:]


async def test_a_code_typed_on_the_page(registry: Registry) -> None:
    """The result says that the paper holds, with what to compare; nothing of the household is on the page."""
    paper = await confirmed(registry)
    code = claims_of(paper["confirmation"])["code"]
    fields = await form(registry, f"/check/{code}") | {"code": code, "ending": HUNG[-4:]}
    page = await registry.http.post("/check", data=fields)
    assert "Giấy còn giá trị" in page.text
    assert "Lê Quang Hùng" in page.text
    assert HUNG not in page.text
    names = [each["name"] for each in claims_of(paper["confirmation"])["household"]["members"]]
    assert not any(name in page.text for name in names)
    english = await registry.http.post("/check?lang=en", data=fields | await form(registry))
    assert "The paper holds" in english.text


async def test_looking_at_the_address_of_the_qr_code_checks_nothing(registry: Registry) -> None:
    """A GET fills in the code and tells nothing: link previews and histories learn no state."""
    code = claims_of((await confirmed(registry))["confirmation"])["code"]
    page = await registry.http.get(f"/check/{code.lower()}")
    assert f'value="{code}"' in page.text
    assert "Lê Quang Hùng" not in page.text
    strange = await registry.http.get("/check/%3Cscript%3Ealert(1)")
    assert strange.status_code == 200
    assert "alert(1)" not in strange.text


async def test_mistakes_are_explained_where_they_are(registry: Registry) -> None:
    """WCAG 3.3.1: the summary leads to both fields; what was typed stays."""
    fields = await form(registry) | {"code": "7KQ4", "ending": "12"}
    page = await registry.http.post("/check", data=fields)
    assert page.status_code == 400
    assert 'href="#code"' in page.text
    assert 'href="#ending"' in page.text
    assert 'value="7KQ4"' in page.text
    missing = await registry.http.post(
        "/check/file", data=await form(registry), files={"other": ("", b"", "application/pdf")}
    )
    assert (missing.status_code, 'href="#file"' in missing.text) == (400, True)


@pytest.mark.attack
async def test_uploads_are_bounded_and_of_our_own_form(registry: Registry) -> None:
    """Attacks 43 and 58: too large is 413, another type 415, broken multipart 400, another site's form 403."""
    large = {"file": ("a.pdf", b"x" * 600_000, "application/pdf")}
    assert (await registry.http.post("/check/file", files=large)).status_code == 413
    plain = await registry.http.post(
        "/check/file", content=b"%PDF", headers={"content-type": "application/pdf"}
    )
    assert plain.status_code == 415
    broken = await registry.http.post(
        "/check/file", content=b"--x\r\nhm", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code in {400, 403}
    foreign = await registry.http.post("/check/file", files={"file": ("a.pdf", b"%PDF", "application/pdf")})
    assert foreign.status_code == 403


async def test_without_a_signer_nothing_is_signed(
    registry: Registry, key_rings: tuple[Path, KeyRing]
) -> None:
    """A year later no signer may sign any more: 503 to try again, and the signed JSON is still there."""
    paper = await confirmed(registry)
    registry.clock.advance(days=200)
    answer = await registry.get(paper["pdf"], registry.issuer.personal(HUNG))
    assert answer.status_code == 503
    assert (await registry.get(paper["json"], registry.issuer.personal(HUNG))).status_code == 200


async def test_the_json_check_wants_one_way_of_asking(registry: Registry) -> None:
    """Code with ending, or a digest; both or neither is a malformed request."""
    for body in ({}, {"code": "0000-0000-0000-0000"}, {"pdf_sha256": "0" * 64, "number_ending": "0000"}):
        answer = await registry.http.post("/v1/confirmations/checks", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")
    assert (await check(registry, "x" * 41, "0000")).status_code == 422
