"""The papers of a dossier's acts, printed: receipt, supplement, refusal, result, stop, apology; a tagged PDF each.

Sources: residence.md section 10 (forms of Circular 116/2026), public-services.md section 5 (forms at the counter of
Circular 01/2018). A paper repeats what the dossier's history says; nothing is kept of it. CT07 is a paper of its own
(`papers.confirmation`), signed and checked; these carry no signature, and the page that offers them says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import orjson
import typst

from population_registry.dossiers.dossier import Form
from population_registry.verification.deciding import VIET_NAM
from web.formatting import format_date

TEMPLATE: Final = Path(__file__).with_name("notice.typ")
TITLES: Final[Mapping[Form, str]] = {
    Form.RECEIPT: "PHIẾU TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
    Form.SUPPLEMENT: "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
    Form.REFUSAL: "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ",
    Form.NOTICE: "THÔNG BÁO KẾT QUẢ GIẢI QUYẾT HỒ SƠ",
    Form.STOP: "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
    Form.APOLOGY: "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
}
"""Every form that is printed here."""
_COUNTER: Final = {Form.RECEIPT: "01", Form.SUPPLEMENT: "02", Form.REFUSAL: "03", Form.APOLOGY: "04"}
_OPENING: Final = {
    Form.RECEIPT: "Đã tiếp nhận hồ sơ sau đây:",
    Form.SUPPLEMENT: "Đề nghị bổ sung hồ sơ sau đây; thời hạn giải quyết tạm dừng đến khi bổ sung đủ:",
    Form.REFUSAL: "Hồ sơ sau đây không được tiếp nhận, giải quyết; phí đã nộp (nếu có) được hoàn lại:",
    Form.NOTICE: "Hồ sơ sau đây đã được giải quyết và cập nhật vào cơ sở dữ liệu:",
    Form.STOP: "Hồ sơ sau đây dừng giải quyết; phí đã nộp (nếu có) được hoàn lại:",
    Form.APOLOGY: "Cơ quan giải quyết xin lỗi vì đã để hồ sơ sau đây quá thời hạn, và hẹn lại ngày trả kết quả:",
}


@dataclass(frozen=True, slots=True)
class NoticePaper:
    """What one paper says; `residence`: the forms are those of residence, else those of every counter."""

    form: Form
    dossier_code: str
    procedure: str
    legal_basis: str
    applicant: str
    authority: str
    officer: str
    at: datetime
    residence: bool
    reason: str = ""
    due_on: date | None = None


def render_notice(paper: NoticePaper) -> bytes:
    """The PDF, the same bytes for the same paper.

    Raises:
        KeyError: a form that is not printed here.
    """
    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"paper": orjson.dumps(_printed(paper)).decode()},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(paper.at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def form_name(form: Form, *, residence: bool) -> str:
    """What the paper is called in the corner: CT05, or 02 at other counters."""
    if residence and form not in {Form.STOP, Form.APOLOGY}:
        return f"Mẫu {form.value} ban hành kèm theo Thông tư số 116/2026/TT-BCA"
    if form in _COUNTER:
        return f"Mẫu số {_COUNTER[form]} ban hành kèm theo Thông tư số 01/2018/TT-VPCP"
    return "Nghị định 118/2025/NĐ-CP"


def _printed(paper: NoticePaper) -> dict[str, object]:
    day = paper.at.astimezone(VIET_NAM)
    lines = [
        ("Mã số hồ sơ", paper.dossier_code),
        ("Thủ tục", paper.procedure),
        ("Căn cứ pháp lý", paper.legal_basis),
        ("Người nộp hồ sơ", paper.applicant),
        ("Ngày hẹn trả kết quả" if paper.form is not Form.APOLOGY else "Ngày hẹn lại", _day(paper.due_on)),
        ("Nội dung, lý do", paper.reason),
        ("Cán bộ giải quyết", paper.officer),
    ]
    return {
        "title": TITLES[paper.form],
        "producer": "Định Danh (mô phỏng)",
        "code": paper.dossier_code,
        "authority": paper.authority,
        "warning": "DỮ LIỆU HƯ CẤU · BẢN MÔ PHỎNG, KHÔNG CÓ GIÁ TRỊ PHÁP LÝ · SYNTHETIC DATA, NO LEGAL VALUE",
        "annex": form_name(paper.form, residence=paper.residence),
        "opening": _OPENING[paper.form],
        "lines": [{"label": label, "value": value} for label, value in lines if value],
        "day": f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        "unsigned": "Bản in từ hệ thống, không có chữ ký số; tra cứu tại cổng dịch vụ công theo mã số hồ sơ.",
    }


def _day(day: date | None) -> str:
    return "" if day is None else format_date(day)
