"""The synchronisation message (`DongBoHoSoMC` with `CapNhatTienDoHoSoMC`) as this portal reads it. Pure.

Source: domain facts, public services, section 6. One message is one line of a dossier's history with the state since:
its `sequence` orders the lines of a dossier, so they may come in any order, twice, or with gaps that are asked for
again. Every member is bounded before it is kept; a subject that the message's own list does not call a person is
refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.portal_kit.answers import PERSONAL_NUMBER
from clients.portal_kit.dossiers import CODE, MAX_CODE, DossierState

EVENT: Final = "dossier-synchronised"
ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
MOST_LINES: Final = 10_000
LONG, SHORT, MANY = 500, 80, 40
PUNCTUALITIES: Final = frozenset({"not_started", "running", "paused", "on_time", "late"})
CHANNELS: Final = frozenset({1, 2, 3})


class MessageRefused(Exception):
    """The message does not say what such a message must say; names the member."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history (`CapNhatTienDoHoSoMC`)."""

    number: int
    act: str
    state: DossierState
    occurred_at: datetime
    entered_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SyncedDossier:
    """A dossier as its newest line shows it (`DongBoHoSoMC`). ``said`` are the words and lists a page shows."""

    code: str
    number: int
    procedure_code: str
    name_vi: str
    name_en: str
    client_id: str
    state: DossierState
    filed_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    returned_at: datetime | None
    channel: int
    filing: str
    assisted: bool
    unit: str
    province: str | None
    approved: bool | None
    punctuality: str
    linked_to: str | None
    reused: bool
    waits_for: tuple[str, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """All of one message; the personal number and name of `ChuHoSo` are used to file it and not kept."""

    dossier: SyncedDossier
    line: Line
    personal_number: str = field(repr=False)


def read_message(subject: str, said: Mapping[str, Any]) -> Message:
    """The message about the dossier that ``subject`` names. Raises :class:`MessageRefused`."""
    try:
        return _read(subject, said["DongBoHoSoMC"], said["CapNhatTienDoHoSoMC"], said["extension"])
    except MessageRefused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MessageRefused(type(error).__name__) from error


def _read(
    subject: str, state: Mapping[str, Any], step: Mapping[str, Any], more: Mapping[str, Any]
) -> Message:
    code = state["MaHoSo"]
    if code != subject or step["MaHoSo"] != code or len(code) > MAX_CODE or not CODE.match(code):
        raise MessageRefused("MaHoSo")
    number = more["sequence"]
    if type(number) is not int or not 0 < number <= MOST_LINES:
        raise MessageRefused("sequence")
    # Guides number the kinds of subject differently: the message says which list it uses.
    if f"{state['LoaiDoiTuong']}=person" not in str(more["subject_list"]).split(","):
        raise MessageRefused("LoaiDoiTuong")
    person = state["MaDoiTuong"]
    if not PERSONAL_NUMBER.match(person):
        raise MessageRefused("MaDoiTuong")
    reached = DossierState(state["TrangThaiHoSo"])
    if DossierState(step["TrangThai"]) is not reached:
        raise MessageRefused("TrangThai")
    papers = _list(state, "TaiLieuNop")
    flags = ("TaiKhoanDuocXacThucVoiVNeID", "DuocLayTuKhoDMQG")
    dossier = SyncedDossier(
        code=code,
        number=number,
        procedure_code=_text(state, "MaTTHC", SHORT),
        name_vi=_text(state, "TenTTHC", LONG),
        name_en=_text(more, "name_en", LONG),
        client_id=_text(more, "client_id", SHORT),
        state=reached,
        filed_at=_must(_time(more["filed_at"])),
        received_at=_time(state["NgayTiepNhan"]),
        due_at=_time(state["NgayHenTra"]),
        ended_at=_time(state["NgayKetThucXuLy"]),
        returned_at=_time(state["NgayTra"]),
        channel=_of(state["HinhThuc"], CHANNELS),
        filing=_text(more, "filing", SHORT),
        assisted=more["assisted"] is True,
        unit=_text(state, "DonViXuLy", SHORT),
        province=None if more["province_code"] is None else _text(more, "province_code", 2),
        approved=more["approved"] if isinstance(more["approved"], bool) else None,
        punctuality=_of(more["punctuality"], PUNCTUALITIES),
        linked_to=None if more["linked_to"] is None else _text(more, "linked_to", MAX_CODE),
        reused=any(each.get(flag) == 1 for each in papers for flag in flags)
        or any(each.get("MaCSDL") == "CSDLQGvDC" for each in papers),
        waits_for=tuple(_plain(str(each), SHORT) for each in more["waits_for_others"][:MANY]),
        said={
            "note": _text(state, "GhiChu", LONG),
            "fees": _fees(state),
            "supplements": [
                {"text": _text(each, "NoiDungYeuCau", LONG), "answered": each.get("DaBoSung") == 1}
                for each in _list(state, "DanhSachHoSoBoSung")
            ],
            "results": [_text(each, "TenGiayTo", SHORT) for each in _list(state, "DanhSachGiayToKetQua")],
        },
    )
    line = Line(
        number=number,
        act=_text(more, "act", SHORT),
        state=reached,
        occurred_at=_must(_time(step["ThoiDiemXuLy"])),
        entered_at=_must(_time(more["entered_at"])),
        by=_text(step, "ChucDanh", SHORT),
    )
    return Message(dossier, line, person)


def _fees(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in _list(state, "DanhSachLePhi"):
        amount = each["SoTien"]
        if type(amount) is not int or not 0 <= amount < 10**12:
            raise MessageRefused("SoTien")
        paid, back = each.get("DaNop") == 1, each.get("DuocHoan") == 1
        found.append({"name": _text(each, "TenPhiLePhi", LONG), "amount": amount, "paid": paid, "back": back})
    return found


def _text(members: Mapping[str, Any], name: str, longest: int) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MessageRefused(name)
    return _plain(value, longest)


def _plain(text: str, longest: int) -> str:
    return "".join(each for each in text if each.isprintable())[:longest]


def _list(members: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = members[name]
    if not isinstance(value, list) or len(value) > MANY or not all(isinstance(each, dict) for each in value):
        raise MessageRefused(name)
    return value


def _of(value: Any, allowed: frozenset[Any]) -> Any:
    if value not in allowed:
        raise MessageRefused(str(value)[:SHORT])
    return value


def _must(moment: datetime | None) -> datetime:
    if moment is None:
        raise MessageRefused("time")
    return moment


def _time(text: str) -> datetime | None:
    """`yyyyMMddHHmmss` in Việt Nam; empty for what did not happen."""
    if text == "":
        return None
    if len(text) != 14 or not (text.isascii() and text.isdecimal()):  # noqa: PLR2004 - letters of the format
        raise MessageRefused("time")
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=ZONE)
