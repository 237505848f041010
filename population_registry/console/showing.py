"""A record's values as an officer reads them: label and text, in the order of the catalogue of fields."""

from collections.abc import Callable, Mapping
from typing import Any

from population_registry.matching.places import Gazetteer
from population_registry.verification.fields import FIELDS
from web import Texts
from web.formatting import format_personal_number

Row = tuple[str, str]


class Showing:
    """Texts of values in one language; ``places`` names communes and provinces."""

    def __init__(self, texts: Texts, places: Gazetteer) -> None:
        self._t = texts.t
        self._places = places
        coded = dict.fromkeys(("sex", "status", "marital_status"), self._coded)
        lists = dict.fromkeys(("old_numbers", "cancelled_numbers"), self._list)
        addresses = dict.fromkeys(
            ("permanent_address", "temporary_address", "current_address"), self._address
        )
        answers = dict.fromkeys(("alive", "head_of_household"), self._yes)
        self._writers: dict[str, Callable[[str, Any], str]] = {
            **coded,
            **lists,
            **addresses,
            **answers,
            "name": lambda _, value: str(value["full"]),
            "number": lambda _, value: format_personal_number(value),
            "birth_date": lambda _, value: day(value),
            "nationality": self._nationality,
            "card": self._card,
            "household": lambda _, value: "; ".join(self._member(each) for each in value),
            "health_insurance": self._cover,
        }

    def rows(self, values: Mapping[str, Any]) -> list[Row]:
        """Label and text of each field; an empty value says so."""
        return [
            (self._t(f"field.{name}"), self.text(name, values[name])) for name in FIELDS if name in values
        ]

    def text(self, name: str, value: Any) -> str:
        """One value of a field (`verification.fields`)."""
        if value is None or value in ([], ""):
            return self._t("console.none")
        write = self._writers.get(name)
        return str(value) if write is None else write(name, value)

    def _coded(self, name: str, value: str) -> str:
        keys = {
            "sex": f"sex.{value}",
            "status": f"status.{value}",
            "marital_status": f"marital_status.{value}",
        }
        return self._t(keys[name])

    def _nationality(self, _name: str, value: str) -> str:
        return self._t("console.nationality.vn") if value == "VN" else value

    def _list(self, _name: str, value: Any) -> str:
        return ", ".join(map(str, value))

    def _yes(self, _name: str, value: Any) -> str:
        return self._t("console.yes" if value else "console.no")

    def _cover(self, _name: str, value: Any) -> str:
        return f"{value['card_code']}, {day(value['valid_from'])} – {day(value['valid_until'])}"

    def _address(self, _name: str, value: Any) -> str:
        unit = self._places.communes.get(value["commune_code"])
        province = None if unit is None else self._places.provinces.get(unit.above)
        parts = [value["text"], *(each.name for each in (unit, province) if each is not None)]
        return self._t("console.since", place=", ".join(parts), day=day(value["since"]))

    def _card(self, _name: str, value: Any) -> str:
        return self._t(
            "console.card",
            kind=self._t(f"document.{value['kind']}"),
            issued=day(value["issued"]),
            until=day(value["expires"]) if value["expires"] else self._t("console.no_expiry"),
        )

    def _member(self, value: Any) -> str:
        relation = self._t(f"relation.{value['relation']}")
        return f"{value['name']['full']} ({relation}, {day(value['birth_date'])})"


def day(text: str) -> str:
    """A recorded date, perhaps without day and month, as Vietnamese readers write it."""
    return "/".join(reversed(text.split("-")))
