"""What the national portal is told of a dossier: the messages `DongBoHoSoMC` and `CapNhatTienDoHoSoMC`. Pure.

Source: public-services.md section 6 (all fields, code lists, times `yyyyMMddHHmmss` in Asia/Ho_Chi_Minh), section 7
for the flags of index 4.5. There is one message for each line of history, made from the dossier as it stood then, so
one that is made again (another try, a pull) says the same. Beside the two lies `extension`: what the front door needs
and the national message has no field for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final

from population_registry.dossiers.dossier import Dossier, Event, Filing
from population_registry.dossiers.fees import FeeState
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.terms import clock, punctuality
from population_registry.dossiers.working_days import VIET_NAM

CHANNELS: Final = {Filing.PAPER: 1, Filing.ONLINE: 2, Filing.EX_OFFICIO: 1}
"""`KenhThucHien`: 1 direct, 2 online, 3 public post."""
PERSON: Final = 1
"""`LoaiDoiTuong` as this registry's guide numbers it; guides differ, so the message names its list (`extension`)."""
SUBJECT_LIST: Final = "1=person,2=business"
ELECTRONIC: Final = 2
"""`LoaiBan`: 0 original, 1 copy, 2 electronic."""
AT_RECEIPT: Final = 1
"""`HinhThucThu`: 1 at receipt, 2 at supplement, 4 at return."""
OWN_GATEWAY: Final = 2
"""`DuocThanhToanTrucTuyen`: 0 no, 1 on the national portal, 2 on the own gateway."""
POPULATION: Final = "CSDLQGvDC"
"""`MaCSDL` of the national population database."""
FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "G01": ("G01-CT01", "Đăng ký, quản lý cư trú"),
    "G15": ("G15-HT01", "Hộ tịch"),
    "G24": ("G24-BH01", "Bảo hiểm xã hội, bảo hiểm y tế"),
}
OFFICES: Final[Mapping[str, str]] = {
    "citizen": "Công dân",
    "portal": "Hệ thống thông tin giải quyết thủ tục hành chính",
    "system": "Hệ thống",
}
WORK: Final[Mapping[str, str]] = {
    "file": "Công dân nộp hồ sơ",
    "receive": "Tiếp nhận hồ sơ và hẹn ngày trả kết quả",
    "refuse_intake": "Từ chối tiếp nhận hồ sơ",
    "process": "Chuyển hồ sơ đến bộ phận giải quyết",
    "ask_fee": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "pay": "Đã nộp phí, lệ phí",
    "refund": "Đã hoàn phí, lệ phí",
    "ask_supplement": "Yêu cầu bổ sung hồ sơ",
    "answer_supplement": "Công dân đã bổ sung hồ sơ",
    "answer_consent": "Người liên quan đã trả lời",
    "renew_consents": "Hỏi lại ý kiến người liên quan",
    "withdraw": "Công dân yêu cầu rút hồ sơ",
    "stop": "Dừng xử lý hồ sơ",
    "approve": "Đã giải quyết, đồng ý",
    "refuse": "Đã giải quyết, không đồng ý",
    "return_result": "Đã trả kết quả",
}
_ENDS: Final = frozenset({DossierState.NOT_RECEIVED, DossierState.STOPPED, DossierState.DONE})
_S = DossierState


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose dossier it is (`ChuHoSo`), what the procedure is called, and in which province the office lies."""

    number: str
    name: str
    procedure: str = ""
    procedure_en: str = ""
    province: str | None = None


def synchronisation(dossier: Dossier, number: int, owner: Owner) -> Mapping[str, Any]:
    """The message of that line of history.

    Raises:
        LookupError: the dossier has no such line.
    """
    if not 1 <= number <= len(dossier.history):
        raise LookupError(number)
    event = dossier.history[number - 1]
    then = _as_of(dossier, event)
    return {
        "DongBoHoSoMC": _state(then, owner),
        "CapNhatTienDoHoSoMC": _progress(then, event),
        "extension": _extension(then, event, owner),
    }


def _as_of(dossier: Dossier, event: Event) -> Dossier:
    """The dossier as it stood after that line: nothing of a later one is told before it."""
    decided = dossier.decision is not None and dossier.decision.at <= event.entered_at
    return replace(
        dossier,
        state=event.state,
        history=dossier.history[: event.number],
        consents=tuple(consent for consent in dossier.consents if consent.asked_at <= event.entered_at),
        decision=dossier.decision if decided else None,
        result=dossier.result if decided else {},
    )


def _state(dossier: Dossier, owner: Owner) -> Mapping[str, Any]:
    stands = clock(dossier.history, dossier.term)
    ended = next((e.occurred_at for e in dossier.history if e.state in _ENDS), None)
    returned = next((e.occurred_at for e in dossier.history if e.state is _S.RETURNED), None)
    received = next((e.occurred_at for e in dossier.history if e.state is _S.RECEIVED), None)
    field_code, field_name = FIELDS.get(dossier.code.partition(".")[0], ("", ""))
    return {
        "MaHoSo": dossier.code,
        "MaTTHC": dossier.procedure_code,
        "TenTTHC": owner.procedure,
        "MaLinhVuc": field_code,
        "TenLinhVuc": field_name,
        "ChuHoSo": owner.name,
        "LoaiDoiTuong": PERSON,
        "MaDoiTuong": owner.number,
        "Email": "",
        "SoDienThoai": "",
        "TrichYeuHoSo": owner.procedure,
        "NgayTiepNhan": _time(received),
        "NgayHenTra": _day(stands.due_on),
        "TrangThaiHoSo": dossier.state.value,
        "NgayTra": _time(returned),
        "ThongTinTra": "" if dossier.decision is None else "electronic",
        "HinhThuc": CHANNELS[dossier.filing],
        "NgayKetThucXuLy": _time(ended),
        "DonViXuLy": dossier.commune_code or dossier.agency,
        "GhiChu": _note(dossier),
        "TaiLieuNop": [_paper(dossier)],
        "DanhSachLePhi": _fees(dossier),
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": _supplements(dossier),
        "DanhSachGiayToKetQua": _results(dossier),
    }


def _progress(dossier: Dossier, event: Event) -> Mapping[str, Any]:
    received = next((e.occurred_at for e in dossier.history if e.state is _S.RECEIVED), None)
    office = OFFICES.get(event.by)
    return {
        "MaHoSo": dossier.code,
        "NguoiXuLy": office or event.by,
        "ChucDanh": office or "Cán bộ",
        "ThoiDiemXuLy": _time(event.occurred_at),
        "PhongBanXuLy": dossier.commune_code or dossier.agency,
        "NoiDungXuLy": WORK.get(event.act, event.act),
        "TrangThai": event.state.value,
        "NgayBatDau": _time(received),
        "NgayKetThucTheoQuyDinh": _day(clock(dossier.history, dossier.term).due_on),
    }


def _extension(dossier: Dossier, event: Event, owner: Owner) -> Mapping[str, Any]:
    waiting = [c for c in dossier.consents if c.answered_at is None or c.answered_at > event.entered_at]
    return {
        "sequence": event.number,
        "act": event.act,
        "entered_at": _time(event.entered_at),
        "filed_at": _time(dossier.filed_at),
        "client_id": dossier.client_id,
        "filing": dossier.filing.value,
        "assisted": dossier.assisted_by is not None,
        "linked_to": dossier.linked_to,
        "commune_code": dossier.commune_code,
        "province_code": owner.province,
        "name_en": owner.procedure_en or owner.procedure,
        "approved": None if dossier.decision is None else dossier.decision.approved,
        "punctuality": punctuality(dossier.history, dossier.term, event.occurred_at).value,
        "waits_for_others": sorted({c.need.role.value for c in waiting}),
        "subject_list": SUBJECT_LIST,
    }


def _paper(dossier: Dossier) -> Mapping[str, Any]:
    """The application: typed into a form that the databases filled before, no scan (Circular 03/2025 Art. 5)."""
    online = dossier.filing is Filing.ONLINE
    return {
        "TenGiayTo": "Tờ khai điện tử",
        "SoLuong": 1,
        "LoaiBan": ELECTRONIC,
        "TaiKhoanDuocXacThucVoiVNeID": int(online),
        "DuocLayTuKhoDMQG": int(online),
        "DuocSoHoa": 0,
        "MaCSDL": POPULATION,
    }


def _fees(dossier: Dossier) -> list[Mapping[str, Any]]:
    fee = dossier.fee
    if not fee.amount:
        return []
    paid = any(event.act == "pay" for event in dossier.history)
    back = any(event.act == "refund" for event in dossier.history) or (
        paid and fee.state is FeeState.REFUND_DUE and dossier.decision is not None
    )
    return [
        {
            "TenPhiLePhi": fee.legal_basis,
            "SoTien": fee.amount,
            "HinhThucThu": AT_RECEIPT,
            "DuocThanhToanTrucTuyen": OWN_GATEWAY,
            "DaNop": int(paid),
            "DuocHoan": int(back),
        }
    ]


def _supplements(dossier: Dossier) -> list[Mapping[str, Any]]:
    return [
        {
            "NgayYeuCau": _time(event.occurred_at),
            "NoiDungYeuCau": str(event.detail.get("reason", "")),
            "DaBoSung": int(any(e.act == "answer_supplement" for e in dossier.history[event.number :])),
        }
        for event in dossier.history
        if event.act == "ask_supplement"
    ]


def _results(dossier: Dossier) -> list[Mapping[str, Any]]:
    """The papers that acts made (CT04, CT05 …) once there is a decision; none holds personal data here."""
    if dossier.decision is None:
        return []
    forms = [
        event for event in dossier.history if event.form is not None and event.act in {"approve", "refuse"}
    ]
    return [
        {
            "TenGiayTo": event.form.value,
            "MaGiayToKetQua": f"{dossier.code}/{event.form.value}",
            "LoaiBan": ELECTRONIC,
        }
        for event in forms
        if event.form is not None
    ]


def _note(dossier: Dossier) -> str:
    """The officer's own words of the last act that has any."""
    event = dossier.history[-1]
    return str(event.detail.get("reason") or event.detail.get("note") or "")


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(VIET_NAM).strftime("%Y%m%d%H%M%S")


def _day(day: date | None) -> str:
    """The end of that day: a result is due until then."""
    return "" if day is None else datetime.combine(day, time(23, 59, 59)).strftime("%Y%m%d%H%M%S")
