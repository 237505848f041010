"""The papers of a dossier's acts: receipt, supplement, refusal, result, stop, apology; signed JSON and PDF each.

Sources: residence.md section 10 (forms of Circular 116/2026), public-services.md section 5 (forms at the counter of
Circular 01/2018); Decree 118/2025 Art. 25 (results as electronic documents). A paper repeats what one line of the
dossier's history says, which nobody changes any more, so it is signed when somebody first asks for it. Signature, QR
code, check and withdrawal are those of the CT07 (`papers.confirmation`); it has no end, for what was said on a day
stays said. How the dossier stands now, only the dossier says.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from keys import KeyRing
from population_registry.dossiers.dossier import Form
from population_registry.papers.confirmation.claims import Stamping
from population_registry.papers.confirmation.issuing import SealedPaper, sealed_paper
from population_registry.papers.typesetting import place_and_date, typeset
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.receipts import instant
from population_registry.verification.status_list import status_claim
from web.formatting import format_date, format_personal_number

PAPER_TYPE: Final = "dossier-paper+jwt"
STAMP_TYPE: Final = "dossier-stamp+jwt"
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
    event: int
    dossier_code: str
    procedure_code: str
    procedure: str
    legal_basis: str
    applicant: str
    number: str
    authority: str
    officer: str
    at: datetime
    residence: bool
    reason: str = ""
    due_on: date | None = None


def issue_notice(
    paper: NoticePaper, stamping: Stamping, ring: KeyRing, *, holder_id: int, client_id: str
) -> SealedPaper:
    """The paper signed, with what the registry keeps of it; `client_id`: who filed the dossier.

    Raises:
        KeyError: a form that is not printed here.
    """
    claims = notice_claims(paper, stamping)
    return sealed_paper(
        claims,
        notice_stamp(claims),
        stamping,
        ring,
        types=(PAPER_TYPE, STAMP_TYPE),
        holder=(holder_id, paper.number),
        client_id=client_id,
        procedure_code=paper.procedure_code,
        dossier_code=paper.dossier_code,
        valid_until=None,
        digests={},
        form=paper.form.value,
        event=paper.event,
    )


def notice_claims(paper: NoticePaper, stamping: Stamping) -> dict[str, object]:
    """The claims to sign: everything that the paper says."""
    said: dict[str, object] = {
        "dossier_code": paper.dossier_code,
        "event": paper.event,
        "procedure_code": paper.procedure_code,
        "procedure": paper.procedure,
        "applicant": {"number": paper.number, "name": paper.applicant},
        "officer": paper.officer,
        "at": instant(paper.at),
        "reason": paper.reason,
        "due_on": None if paper.due_on is None else paper.due_on.isoformat(),
    }
    return {
        "iss": stamping.issuer,
        "jti": str(stamping.confirmation_id),
        "iat": int(stamping.now.timestamp()),
        "form": paper.form.value,
        "annex": form_name(paper.form, residence=paper.residence),
        "title": TITLES[paper.form],
        "code": stamping.code,
        "authority": paper.authority,
        "legal_basis": paper.legal_basis,
        "synthetic": True,
        **said,
        "digest": hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        "status": status_claim(stamping.issuer, stamping.position),
    }


def notice_stamp(claims: Mapping[str, Any]) -> dict[str, object]:
    """What the QR code says by itself: which paper, of which dossier, to whom, of which day, and the digest."""
    own = {name: claims[name] for name in ("iss", "jti", "iat", "form", "dossier_code", "at", "digest")}
    return own | {"name": claims["applicant"]["name"]}


def render_notice(claims: Mapping[str, Any], stamp: str) -> bytes:
    """The PDF, not yet signed; the same bytes for the same paper."""
    return typeset(TEMPLATE, _printed(claims), claims, stamp)


def form_name(form: Form, *, residence: bool) -> str:
    """What the paper is called in the corner: CT05, or 02 at other counters."""
    if residence and form not in {Form.STOP, Form.APOLOGY}:
        return f"Mẫu {form.value} ban hành kèm theo Thông tư số 116/2026/TT-BCA"
    if form in _COUNTER:
        return f"Mẫu số {_COUNTER[form]} ban hành kèm theo Thông tư số 01/2018/TT-VPCP"
    return "Nghị định 118/2025/NĐ-CP"


def _printed(claims: Mapping[str, Any]) -> dict[str, object]:
    form, who = Form(claims["form"]), claims["applicant"]
    day = datetime.fromisoformat(claims["at"]).astimezone(VIET_NAM)
    signed = datetime.fromtimestamp(claims["iat"], UTC).astimezone(VIET_NAM)
    due = claims["due_on"]
    lines = [
        ("Mã số hồ sơ", claims["dossier_code"]),
        ("Thủ tục", claims["procedure"]),
        ("Căn cứ pháp lý", claims["legal_basis"]),
        ("Người nộp hồ sơ", who["name"]),
        ("Số định danh cá nhân", format_personal_number(who["number"]) if who["number"] else ""),
        (
            "Ngày hẹn lại" if form is Form.APOLOGY else "Ngày hẹn trả kết quả",
            "" if due is None else format_date(date.fromisoformat(due)),
        ),
        ("Nội dung, lý do", claims["reason"]),
        ("Cán bộ giải quyết", claims["officer"]),
    ]
    return {
        "title": claims["title"],
        "form": form.value if form is not Form.STOP else "",
        "annex": claims["annex"],
        "opening": _OPENING[form],
        "lines": [{"label": label, "value": value} for label, value in lines if value],
        "validity": (
            f"Giấy ghi nhận việc ngày {format_date(day.date())}, ký số ngày {format_date(signed.date())}; tình trạng "
            "hiện nay của hồ sơ tra cứu tại cổng dịch vụ công theo mã số hồ sơ."
        ),
        "signatory": claims["authority"],
        "place_and_date": place_and_date(claims["authority"], day),
    }
