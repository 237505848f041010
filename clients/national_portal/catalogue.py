"""The catalogue of procedures as people look for it: by words, with or without marks, and by what happened. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

LIFE_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "birth": ("linked.birth", "bhyt.child"),
    "moving": (
        "1.004222",
        "1.004194",
        "1.002755",
        "residence.declare-current",
        "residence.split",
        "2.001159",
        "1.003677",
        "1.010028",
        "residence.delete-permanent",
    ),
    "papers": ("1.010041", "residence.correct"),
    "insurance": ("bhyt.household", "bhyt.child", "bhyt.correction"),
    "death": ("linked.death", "residence.delete-permanent"),
}
"""What happens in a life, and the procedures that follow from it, the usual one first."""
MOST_WORDS: Final = 8
LONGEST_SEARCH: Final = 100
# Words that people use and the titles do not.
ALSO: Final[Mapping[str, str]] = {
    "linked.birth": "sinh con em bé khai sinh giấy khai sinh newborn baby",
    "bhyt.child": "em bé trẻ em thẻ bhyt",
    "1.004222": "hộ khẩu chuyển nhà nhập khẩu KT1 CT01",
    "1.004194": "chuyển nhà thuê nhà ở trọ sinh viên KT3 CT01 rent move",
    "1.002755": "CT01",
    "residence.declare-current": "chưa có nơi cư trú homeless",
    "residence.split": "tách khẩu sổ hộ khẩu",
    "2.001159": "khách đến chơi ngủ lại guest",
    "1.003677": "đi vắng đi xa away travel",
    "1.010041": "CT07 giấy xác nhận cư trú proof of address",
    "bhyt.household": "bhyt bảo hiểm thẻ khám bệnh gia hạn premium",
    "linked.death": "khai tử mai táng tử tuất người mất funeral",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One procedure of the registry's signed catalogue; ``portal`` and ``path`` where it is filed online."""

    code: str
    name_vi: str
    name_en: str
    legal_basis: str
    portal: str | None = None
    path: str = ""

    def name(self, language: str) -> str:
        """In that language."""
        return self.name_en if language == "en" else self.name_vi


def entries(claims: Mapping[str, Any], served: Mapping[str, Mapping[str, str]]) -> tuple[Entry, ...]:
    """Procedures for citizens: those of a life event, and what else a portal serves. ``served``: portal → paths."""
    wanted = {code for codes in LIFE_EVENTS.values() for code in codes}
    places = {code: (portal, path) for portal, paths in served.items() for code, path in paths.items()}
    found = []
    for each in claims["procedures"]:
        code = str(each["code"])
        if code in wanted or code in places:
            portal, path = places.get(code, (None, ""))
            names = each["name"]
            found.append(
                Entry(code, str(names["vi"]), str(names["en"]), str(each["legal_basis"]), portal, path)
            )
    return tuple(found)


def folded(text: str) -> str:
    """Lower case without marks: who types without them finds the same (``dang ky``, ``đăng ký``)."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def search(found: Iterable[Entry], text: str) -> tuple[Entry, ...]:
    """Entries in which every word typed begins some word; those whose title fits first, otherwise in their order."""
    words = folded(text[:LONGEST_SEARCH]).split()[:MOST_WORDS]
    if not words:
        return tuple(found)
    ranked = []
    for place, entry in enumerate(found):
        titles = folded(f"{entry.name_vi} {entry.name_en} {entry.code}").split()
        others = folded(ALSO.get(entry.code, "")).split()
        if all(any(each.startswith(word) for each in (*titles, *others)) for word in words):
            missed = sum(not any(each.startswith(word) for each in titles) for word in words)
            ranked.append((missed, place, entry))
    return tuple(entry for _, _, entry in sorted(ranked, key=lambda each: each[:2]))


def of_event(found: Iterable[Entry], event: str) -> tuple[Entry, ...]:
    """The procedures of a life event, the usual one first."""
    by_code = {entry.code: entry for entry in found}
    return tuple(by_code[code] for code in LIFE_EVENTS.get(event, ()) if code in by_code)
