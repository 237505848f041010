"""The printed CT07: signed claims become a tagged PDF (`papers.typesetting`), the same bytes for the same input.

The form is the State's and in Vietnamese; its two lines for ethnic group and religion are left out, as are the
numbers of other members.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from population_registry.domain import PartialDate, Relation, Sex
from population_registry.papers.typesetting import place_and_date, typeset
from population_registry.verification.deciding import VIET_NAM
from web.formatting import format_date, format_personal_number

TEMPLATE: Final = Path(__file__).with_name("ct07.typ")
TITLE: Final = "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ"
_NONE: Final = "Không có thông tin"
_SEX: Final = {Sex.MALE.value: "Nam", Sex.FEMALE.value: "Nữ"}
_RELATIONS: Final[Mapping[Relation, str]] = {
    Relation.HEAD: "Chủ hộ",
    Relation.SPOUSE_WIFE: "Vợ",
    Relation.SPOUSE_HUSBAND: "Chồng",
    Relation.PARENT: "Cha, mẹ đẻ",
    Relation.ADOPTIVE_PARENT: "Cha, mẹ nuôi",
    Relation.CHILD: "Con đẻ",
    Relation.ADOPTED_CHILD: "Con nuôi",
    Relation.GRANDPARENT: "Ông, bà",
    Relation.GREAT_GRANDPARENT: "Cụ",
    Relation.SIBLING: "Anh, chị, em ruột",
    Relation.GRANDCHILD: "Cháu ruột",
    Relation.GREAT_GRANDCHILD: "Chắt",
    Relation.UNCLE_AUNT: "Bác, chú, cậu, cô, dì ruột",
    Relation.GUARDIAN: "Người giám hộ",
    Relation.WARD: "Người được giám hộ",
    Relation.LODGER_FREE: "Ở nhờ",
    Relation.BORROWER: "Ở mượn",
    Relation.TENANT: "Ở thuê",
    Relation.CO_LODGER: "Cùng ở nhờ",
    Relation.CO_BORROWER: "Cùng ở mượn",
    Relation.CO_TENANT: "Cùng ở thuê",
}


def render_form(claims: Mapping[str, Any], stamp: str) -> bytes:
    """The PDF of a confirmation, not yet signed."""
    return typeset(TEMPLATE, _printed(claims), claims, stamp)


def _printed(claims: Mapping[str, Any]) -> dict[str, object]:
    issued, ends = (datetime.fromtimestamp(claims[name], UTC).astimezone(VIET_NAM) for name in ("iat", "exp"))
    household: Mapping[str, Any] = claims["household"] or {}
    return {
        "title": TITLE,
        "form": "CT07",
        "annex": "Mẫu CT07 ban hành kèm theo Thông tư số 116/2026/TT-BCA",
        "opening": "Căn cứ Cơ sở dữ liệu quốc gia về dân cư và Cơ sở dữ liệu về cư trú, xác nhận thông tin sau đây:",
        "lines": _lines(claims, household),
        "members": _members(household.get("members", ())),
        "purpose": claims["purpose"],
        "validity": (
            f"Xác nhận này có giá trị đến hết ngày {format_date(ends)}; không còn giá trị ngay khi có thay đổi về "
            "thông tin đã xác nhận."
        ),
        "signatory": "Thủ trưởng cơ quan đăng ký cư trú",
        "place_and_date": place_and_date(claims["authority"], issued),
        "qr_alt": "Mã QR để kiểm tra giấy xác nhận này",
    }


def _lines(claims: Mapping[str, Any], household: Mapping[str, Any]) -> list[dict[str, str]]:
    who = claims["identity"]
    relation = household.get("relation_to_head")
    pairs = (
        ("Họ, chữ đệm và tên", who["name"].upper()),
        ("Ngày, tháng, năm sinh", _day(who["birth_date"])),
        ("Giới tính", _SEX.get(who["sex"], _NONE)),
        ("Số định danh cá nhân", format_personal_number(who["number"])),
        ("Quốc tịch", "Việt Nam" if who["nationality"] == "VN" else who["nationality"]),
        ("Nơi thường trú", _place(claims["permanent"])),
        ("Nơi tạm trú", _place(claims["temporary"])),
        ("Nơi ở hiện tại", _place(claims["current"])),
        ("Số hồ sơ cư trú", household.get("file_number") or _NONE),
        ("Họ, chữ đệm và tên chủ hộ", (household.get("head") or _NONE)),
        ("Quan hệ với chủ hộ", _NONE if relation is None else _RELATIONS[Relation(relation)]),
    )
    return [{"label": label, "value": value} for label, value in pairs]


def _members(members: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "name": each["name"],
            "birth": _day(each["birth_date"]),
            "sex": _SEX.get(each["sex"], ""),
            "relation": _RELATIONS[Relation(each["relation"])],
        }
        for each in members
    ]


def _place(place: Mapping[str, Any] | None) -> str:
    if place is None:
        return _NONE
    since, until = f"từ ngày {_day(place['since'])}", place["until"]
    period = since if until is None else f"{since} đến ngày {_day(until)}"
    return f"{place['address']}, {place['commune']} ({period})"


def _day(text: str) -> str:
    return format_date(PartialDate.parse(text))
