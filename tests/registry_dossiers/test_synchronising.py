"""The message for the national portal: all its fields and codes, and nothing of a later line in an earlier one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from population_registry.dossiers import Filing
from population_registry.dossiers.synchronising import Owner, synchronisation
from tests.registry_dossiers.filed import filed, supplemented

LAN = Owner("099194000101", "Nguyễn Thị Lan", "Đăng ký tạm trú", "Temporary residence registration", "01")
STATE = [
    *("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "ChuHoSo", "LoaiDoiTuong", "MaDoiTuong"),
    *("Email", "SoDienThoai", "TrichYeuHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "NgayTra"),
    *("ThongTinTra", "HinhThuc", "NgayKetThucXuLy", "DonViXuLy", "GhiChu", "TaiLieuNop", "DanhSachLePhi"),
    *("DanhSachTepDinhKemKhac", "DanhSachHoSoBoSung", "DanhSachGiayToKetQua"),
]
PROGRESS = [
    *("MaHoSo", "NguoiXuLy", "ChucDanh", "ThoiDiemXuLy", "PhongBanXuLy", "NoiDungXuLy", "TrangThai"),
    *("NgayBatDau", "NgayKetThucTheoQuyDinh"),
]


def test_every_field_of_the_message_is_there():
    """Public-services.md section 6: both messages with all their members, times without separators."""
    said = synchronisation(supplemented(), 2, LAN)
    assert list(said["DongBoHoSoMC"]) == STATE
    assert list(said["CapNhatTienDoHoSoMC"]) == PROGRESS
    state = said["DongBoHoSoMC"]
    assert (state["MaLinhVuc"], state["HinhThuc"], state["LoaiDoiTuong"]) == ("G01-CT01", 2, 1)
    assert (state["NgayTiepNhan"], state["NgayHenTra"]) == ("20261116100000", "20261119235959")
    assert said["extension"]["subject_list"].startswith("1=person")


def test_the_flags_of_index_45_say_where_the_data_came_from():
    """Index 4.5: an online dossier of a verified account is pre-filled from the population database; paper is not."""
    (online,) = synchronisation(filed(), 1, LAN)["DongBoHoSoMC"]["TaiLieuNop"]
    assert (online["TaiKhoanDuocXacThucVoiVNeID"], online["MaCSDL"]) == (1, "CSDLQGvDC")
    paper = synchronisation(replace(filed(), filing=Filing.PAPER), 1, LAN)["DongBoHoSoMC"]
    assert (paper["HinhThuc"], paper["TaiLieuNop"][0]["TaiKhoanDuocXacThucVoiVNeID"]) == (1, 0)


def test_a_line_is_told_the_same_whenever_it_is_told():
    """Another try, or a pull after more has happened, says exactly what the first push said."""
    dossier = supplemented()
    for number in range(1, dossier.version + 1):
        then = replace(dossier, history=dossier.history[:number], state=dossier.history[number - 1].state)
        assert synchronisation(dossier, number, LAN) == synchronisation(then, number, LAN)


def test_a_line_that_is_not_there_is_not_made_up():
    """Numbers count from one."""
    for number in (0, 99):
        with pytest.raises(LookupError):
            synchronisation(filed(), number, LAN)


def test_one_answered_supplement_makes_nothing_late():
    """Public-services.md section 5: two *requests* make a dossier late; the answer within state 5 is none."""
    said = synchronisation(supplemented(), supplemented().version, LAN)
    assert said["extension"]["punctuality"] == "running"
