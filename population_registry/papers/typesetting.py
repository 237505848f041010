"""The press: one JSON value and the text of a QR code become a tagged PDF (PDF/UA-1, PDF/A-2a).

Typeset by Typst, whose package brings its own fonts (Libertinus Serif, SIL Open Font License), so that a machine
without any font prints every Vietnamese letter. The same input gives the same bytes. Head and foot of every paper are
in `sheet.typ`: who issues it, its QR code, where it is checked.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import orjson
import segno
import typst

ROOT: Final = Path(__file__).parent
CHECK_PATH: Final = "/check"


def qr_text(issuer: str, code: str, stamp: str) -> str:
    """What the QR code holds: the page that checks the paper; behind `#`, which never leaves a browser, the stamp."""
    return f"{issuer}{CHECK_PATH}/{code}#{stamp}"


def typeset(template: Path, printed: Mapping[str, object], claims: Mapping[str, Any], stamp: str) -> bytes:
    """The PDF of what a form prints of those claims, not yet signed."""
    drawn = BytesIO()
    # A mask is chosen by trying all eight, four fifths of the time of a page; text as random as ours needs no choice.
    code = segno.make(
        qr_text(claims["iss"], claims["code"], stamp), error="m", mask=2, micro=False, boost_error=False
    )
    code.save(drawn, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True)
    shown = {**foot(claims), **printed}
    made = typst.compile(
        str(template),
        root=str(ROOT),
        ignore_system_fonts=True,
        sys_inputs={"paper": orjson.dumps(shown).decode(), "qr": drawn.getvalue().decode()},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(claims["iat"]),
    )
    assert isinstance(made, bytes)
    return made


def foot(claims: Mapping[str, Any]) -> dict[str, object]:
    """What head and foot of every paper say."""
    return {
        "producer": "Định Danh (mô phỏng)",
        "code": claims["code"],
        "authority": claims["authority"],
        "warning": "DỮ LIỆU HƯ CẤU · BẢN MÔ PHỎNG, KHÔNG CÓ GIÁ TRỊ PHÁP LÝ · SYNTHETIC DATA, NO LEGAL VALUE",
        "qr_alt": "Mã QR để kiểm tra giấy này",
        "check_vi": "Kiểm tra giấy này bằng mã QR, hoặc nhập mã và bốn số cuối của số định danh tại:",
        "check_en": "Check this paper: scan the QR code, or type the code and the last four digits of the number.",
        "check_url": f"{claims['iss']}{CHECK_PATH}",
    }


def place_and_date(authority: str, day: datetime) -> str:
    """The line above the signature: the commune where the authority names one, and the day."""
    _, separator, province = authority.partition(", ")
    place = f"{province}, " if separator else ""
    return f"{place}{'ngày' if separator else 'Ngày'} {day.day:02d} tháng {day.month:02d} năm {day.year}"
