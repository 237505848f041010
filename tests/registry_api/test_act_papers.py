"""The papers of a dossier's acts: signed when asked for, the same for ever, checked by anybody, withdrawn by few."""

from __future__ import annotations

import asyncio
import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from clients.papers import check_paper
from clients.receipts import ReceiptChecker, ReceiptRefused
from keys import KeyRing
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.confirmation.form import TITLE
from population_registry.papers.keeping import CardKeys
from population_registry.papers.notices import TITLES
from population_registry.storage.withdrawing import Reason, withdraw
from tests.registry_api.confirmed import check, claims_of
from tests.registry_api.conftest import LAN, PHUC, REGISTRY, Registry
from tests.registry_api.dossiers import OFFICER, act, citizen, file, rows

pytestmark = pytest.mark.engine
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
REASON = "Thiếu #panic() *hợp đồng* thuê nhà $x$"


@pytest.fixture
def registry(authority: Registry, key_rings: tuple[Path, KeyRing]) -> Registry:
    """The registry as the deciding authority, with an authority that signs papers."""
    folder = key_rings[0]
    CardKeys.beside(folder, KeyRing.open(folder, mode="demo"), SEALS).complete(authority.clock())
    return authority


async def stopped(registry: Registry) -> dict[str, Any]:
    """A dossier of Lan that was received, asked to be supplemented, and stopped."""
    dossier: dict[str, Any] = await file(registry, LAN)
    await act(registry, dossier, "receive")
    await act(registry, dossier, "ask_supplement", reason=REASON)
    assert (await act(registry, dossier, "stop", reason="Công dân không bổ sung")).status_code == 200
    found: dict[str, Any] = (
        await registry.get(f"/v1/dossiers/{dossier['dossier_code']}", mine(registry))
    ).json()
    return found


def mine(registry: Registry) -> str:
    """Lan's own token."""
    token: str = citizen(registry, LAN)
    return token


def papers_of(dossier: dict[str, Any]) -> dict[str, str]:
    """Where each paper is, without its ending, by form."""
    path = f"/v1/dossiers/{dossier['dossier_code']}/papers"
    return {line["form"]: f"{path}/{line['number']}" for line in dossier["history"] if line["form"]}


async def signed(registry: Registry, path: str) -> dict[str, Any]:
    """The signed JSON of a paper, asked for by Lan."""
    answer = await registry.get(f"{path}.json", mine(registry))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_act_has_its_signed_paper(registry: Registry) -> None:
    """Decree 118/2025: what the officer said reaches the citizen signed, as JSON and as PDF with the same code."""
    dossier = await stopped(registry)
    papers = papers_of(dossier)
    assert set(papers) == {"CT04", "CT05", "stop"}
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    for form, path in papers.items():
        paper = await signed(registry, path)
        assert (paper["form"], paper["valid_until"], paper["pdf"]) == (form, None, f"{path}.pdf")
        said = check_paper(paper["confirmation"], jwks, REGISTRY)
        assert said["dossier_code"] == dossier["dossier_code"]
        assert said["authority"] == "Công an phường Cầu Giấy"
        assert (
            check_paper(f"{REGISTRY}/check/{said['code']}#{paper['stamp']}", jwks, REGISTRY)["form"] == form
        )
        file = await registry.get(f"{path}.pdf", mine(registry))
        assert file.headers["content-type"] == "application/pdf"
        (signature,) = PdfFileReader(BytesIO(file.content)).embedded_signatures
        assert signature.compute_integrity_info() is None
        assert signature.evaluate_signature_coverage().name == "ENTIRE_FILE"
    assert claims_of((await signed(registry, papers["CT05"]))["confirmation"])["reason"] == REASON


async def test_a_paper_is_made_once(registry: Registry) -> None:
    """Asked for by many at once it is one paper, the same bytes; its making stands once in the citizen's log."""
    dossier = await stopped(registry)
    path = papers_of(dossier)["CT05"]
    found = await asyncio.gather(*(signed(registry, path) for _ in range(4)))
    assert len({each["confirmation"] for each in found}) == 1
    files = [(await registry.get(f"{path}.pdf", mine(registry))).content for _ in range(2)]
    assert files[0] == files[1]
    code = dossier["dossier_code"]
    kept = await rows(registry, "SELECT form FROM confirmation WHERE dossier_code = $1", code)
    assert [each[0] for each in kept] == ["CT05"]
    outcomes = [each["outcome"] for each in await registry.log_of(LAN["number"], code)]
    assert outcomes.count("dossier_paper_issued") == 1


async def test_anybody_checks_it_on_the_same_page(registry: Registry) -> None:
    """By code and ending, by the file, with words that say what is checked; a look is in the holder's log."""
    dossier = await stopped(registry)
    path = papers_of(dossier)["stop"]
    code = claims_of((await signed(registry, path))["confirmation"])["code"]
    told = (await check(registry, code, LAN["number"][-4:])).json()
    assert {name: told.get(name) for name in ("state", "form", "name", "dossier_code", "valid_until")} == {
        "state": "valid",
        "form": "stop",
        "name": LAN["name"],
        "dossier_code": dossier["dossier_code"],
        "valid_until": None,
    }
    assert (await check(registry, code, "0000")).json() == {"state": "unknown"}
    file = (await registry.get(f"{path}.pdf", mine(registry))).content
    body = {"pdf_sha256": hashlib.sha256(file).hexdigest()}
    assert (await registry.http.post("/v1/confirmations/checks", json=body)).json() == told
    page = await posted(registry, code)
    assert "Giấy có thật" in page.text
    assert "Thông báo dừng" in page.text
    assert dossier["dossier_code"] in page.text
    outcomes = [each["outcome"] for each in await registry.log_of(LAN["number"], dossier["dossier_code"])]
    assert outcomes.count("valid") == 3


async def posted(registry: Registry, code: str) -> httpx2.Response:
    """The public page's answer."""
    token = TOKEN.search((await registry.http.get("/check")).text)
    assert token is not None
    form = {"csrf_token": token[1], "code": code, "ending": LAN["number"][-4:]}
    return await registry.http.post("/check", data=form)


async def test_a_withdrawn_paper_counts_for_nothing(registry: Registry) -> None:
    """The status list speaks of it, and so does the check, which then names nobody."""
    dossier = await stopped(registry)
    paper = await signed(registry, papers_of(dossier)["CT04"])
    code = claims_of(paper["confirmation"])["code"]
    await withdraw(
        registry.database_url,
        UUID(paper["confirmation_id"]),
        Reason.ISSUED_IN_ERROR,
        OFFICER,
        registry.clock(),
    )
    told = (await check(registry, code, LAN["number"][-4:])).json()
    assert (told["state"], "name" in told) == ("withdrawn", False)
    where = claims_of(paper["confirmation"])["status"]["status_list"]["uri"]
    listed = (await registry.http.get(where.removeprefix(REGISTRY))).text
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    checker = ReceiptChecker(
        jwks, REGISTRY, lists=[listed], kind="dossier-paper+jwt", clock=registry.clock.timestamp
    )
    with pytest.raises(ReceiptRefused) as refused:
        checker.check(paper["confirmation"])
    assert refused.value.code == "withdrawn"


@pytest.mark.attack
async def test_nobody_else_has_a_paper_made(registry: Registry) -> None:
    """Attack 49: another citizen, another portal, no such line, a line without paper: the same 404 as no dossier."""
    dossier = await stopped(registry)
    path = papers_of(dossier)["CT05"]
    stranger = citizen(registry, PHUC)
    other = registry.issuer.token(scope="registry:dossiers", client_id="insurance-portal")
    for token in (stranger, other):
        for kind in ("json", "pdf"):
            assert (await registry.get(f"{path}.{kind}", token)).status_code == 404
    narrow = citizen(registry, LAN, scope="registry:verify")
    assert (await registry.get(f"{path}.json", narrow)).status_code == 403
    base = path.rpartition("/")[0]
    for nothing in ("1", "99"):
        assert (await registry.get(f"{base}/{nothing}.json", mine(registry))).status_code == 404
    for wrong in ("0", "x", "9" * 30):
        assert (await registry.get(f"{base}/{wrong}.pdf", mine(registry))).status_code in {400, 404, 422}
    own = await signed(registry, path)
    release = registry.issuer.personal(LAN["number"])
    through_other_door = await registry.get(f"/v1/confirmations/{own['confirmation_id']}.json", release)
    assert through_other_door.status_code == 404


async def test_the_line_of_a_ct07_gives_the_confirmation(registry: Registry) -> None:
    """One way to every paper of a dossier: the CT07 under its line is the one that the decision issued."""
    dossier = await file(registry, LAN, "1.010041", used_for="Nhập học cho con")
    path = papers_of(dossier)["CT07"]
    paper = await signed(registry, path)
    assert paper["confirmation_id"] == dossier["result"]["confirmation_id"]
    file_ = await registry.get(f"{path}.pdf", mine(registry))
    assert (file_.status_code, file_.content[:5]) == (200, b"%PDF-")
    assert TITLE not in TITLES.values()
