"""The rules of CT07 papers: codes, states, the printed form, its signature; no database, no clock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import Relation
from population_registry.papers.chip.certificates import SEALS, make_authority, make_signer
from population_registry.papers.confirmation import form
from population_registry.papers.confirmation.claims import stamp_claims, valid_until
from population_registry.papers.confirmation.code import code_of, read_code
from population_registry.papers.confirmation.form import render_form
from population_registry.papers.confirmation.judging import KeptPaper, PaperState, judge_paper
from population_registry.papers.confirmation.pades import UnexpectedFileError, sign_pdf
from population_registry.papers.typesetting import qr_text

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAPER = KeptPaper(NOW, NOW + timedelta(days=365), False, {"identity": "a", "permanent": "b"})
SAME = (dict(PAPER.digests),)


def claims(members: int = 4, **changed: Any) -> dict[str, Any]:
    """What a paper says, of nobody."""
    relations = list(Relation)
    return {
        "iss": "https://registry.example",
        "jti": "0b8f2d2e-6a3e-4b7e-9a55-0c6b2b3f1a11",
        "iat": 1795230000,
        "exp": 1826766000,
        "code": "7KQ4-0M2R-XV9A-3T6B",
        "authority": "Công an phường Vỹ Dạ, Huế",
        "purpose": "Bổ sung hồ sơ #panic() *đậm* $x$ \\ nhập học",
        "identity": {
            "number": "099079000104",
            "name": "Lê Quang Hùng",
            "birth_date": "1979-08",
            "sex": "male",
            "nationality": "VN",
        },
        "permanent": {
            "address": "Số 24, đường Hoa Sen",
            "commune": "Phường Vỹ Dạ, Huế",
            "since": "2002-05-05",
            "until": None,
        },
        "temporary": None,
        "current": None,
        "household": {
            "file_number": "HS-1",
            "head": "Lê Quang Hùng",
            "relation_to_head": "head",
            "members": [
                {
                    "name": "Nguyễn Thị Ỷ Ẵ Ợ",
                    "birth_date": "1952",
                    "sex": "female",
                    "relation": relations[each % len(relations)].value,
                }
                for each in range(members)
            ],
        },
        "digest": "0" * 64,
    } | changed


@given(st.binary(min_size=10, max_size=10))
def test_a_code_survives_every_way_of_typing(random: bytes) -> None:
    """Crockford's base 32: lower case, spaces and the letters o, i and l for 0 and 1 read as the same code."""
    code = code_of(random)
    assert read_code(code) == code
    assert read_code(code.lower().replace("-", " ")) == code
    assert read_code(code.replace("0", "o").replace("1", "l").replace("-", "")) == code


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    """Reading never raises, and what it accepts is in the one spelling."""
    read = read_code(text)
    assert read is None or re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", read)


@pytest.mark.parametrize(
    ("paper", "today", "after", "state"),
    [
        (None, (), 0, PaperState.UNKNOWN),
        (PAPER, SAME, 0, PaperState.VALID),
        (PAPER, ({"identity": "x", "permanent": "y"}, *SAME), 0, PaperState.VALID),
        (PAPER, ({"identity": "a", "permanent": "c"},), 0, PaperState.REVOKED_BY_CHANGE),
        (PAPER, (), 0, PaperState.REVOKED_BY_CHANGE),
        (PAPER, SAME, 365, PaperState.EXPIRED),
        (replace(PAPER, withdrawn=True), SAME, 400, PaperState.WITHDRAWN),
    ],
)
def test_the_state_of_a_paper(
    paper: KeptPaper | None, today: tuple[dict[str, str], ...], after: int, state: PaperState
) -> None:
    """residence.md section 10: withdrawal before expiry before change; an older kept key counts as the newest."""
    assert judge_paper(paper, today, NOW + timedelta(days=after)) is state


def test_a_year_after_a_leap_day() -> None:
    """29 February 2028 in Hà Nội (28 February in UTC still, at night) ends on 28 February 2029."""
    assert valid_until(datetime(2028, 2, 28, 18, 0, tzinfo=UTC)).isoformat() == "2029-02-28T01:00:00+07:00"


def test_the_qr_code_keeps_its_stamp_from_the_server() -> None:
    """RFC 3986 section 3.5: what stands behind # never leaves the browser; the path holds nothing but the code."""
    stamp = stamp_claims(claims())
    assert set(stamp) == {"iss", "jti", "iat", "exp", "number", "name", "home", "digest"}
    address, fragment = qr_text("https://registry.example", "CODE", "e30.e30.x").split("#")
    assert (address, fragment) == ("https://registry.example/check/CODE", "e30.e30.x")


def test_the_form_is_tagged_and_carries_its_fonts() -> None:
    """PDF/UA-1 and PDF/A-2a say so themselves; nothing of the content is read as mark-up of the typesetter."""
    made = render_form(claims(), "e30.e30.x")
    assert made == render_form(claims(), "e30.e30.x")
    assert b"/MarkInfo<</Marked true" in made
    assert b"/Lang(vi-VN)" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>", made)
    assert re.search(rb"/FontName/[A-Z]{6}\+LibertinusSerif", made)


@pytest.mark.parametrize("members", [0, 1, 49])
def test_any_household_fits(members: int) -> None:
    """Nobody else, one, or forty-nine others: the table runs over pages; all relations have words."""
    assert render_form(claims(members), "e30.e30.x").startswith(b"%PDF-1.7")
    assert set(form._RELATIONS) == set(Relation)


def test_a_person_without_household_and_with_a_temporary_place() -> None:
    """Lines without data say so; a term is printed with its end."""
    only = {"address": "Nhà trọ 5", "commune": "Xã A, Huế", "since": "2026-01-01", "until": "2027-12-31"}
    printed = form._printed(claims(household=None, permanent=None, temporary=only))
    values = {line["label"]: line["value"] for line in printed["lines"]}  # type: ignore[attr-defined]  # its JSON
    assert values["Nơi thường trú"] == "Không có thông tin"
    assert values["Nơi tạm trú"] == "Nhà trọ 5, Xã A, Huế (từ ngày 01/01/2026 đến ngày 31/12/2027)"


@pytest.mark.parametrize(
    "file", [b"", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nxref\n0 1\ntrailer\n<<>>\nstartxref\n9\n%%EOF"]
)
def test_only_our_own_form_is_signed(file: bytes) -> None:
    """A file that is not as our form writes it is refused, never guessed at; nor is a signed one signed again."""
    authority = make_authority(NOW, SEALS)
    signer = make_signer(authority, NOW, SEALS)
    with pytest.raises(UnexpectedFileError):
        sign_pdf(file, signer, authority.certificate, NOW, "CT07")
    signed = sign_pdf(render_form(claims(), "e30.e30.x"), signer, authority.certificate, NOW, "CT07")
    with pytest.raises(UnexpectedFileError):
        sign_pdf(signed, signer, authority.certificate, NOW, "CT07")
