"""Codes, days and places of the engine's documents in words, as officers read them."""

import re
from datetime import date
from typing import Final

from population_registry.matching.places import Gazetteer
from population_registry.procedures.catalogue import PROCEDURES
from web import Language, Texts
from web.formatting import format_date

ISO_DAY: Final = re.compile(r"\A[12][0-9]{3}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


def named(texts: Texts, kind: str, code: str) -> str:
    """The words of a language-free code; the code itself where it has none yet."""
    key = {
        "act": f"act.{code}",
        "check": f"check.{code}",
        "consent_role": f"consent_role.{code}",
        "eid_refusal": f"eid_refusal.{code}",
        "outcome": f"outcome.{code}",
        "input": f"input.{code}",
        "value": f"declared.{code}",
        "party": f"party.{code}",
        "reason": f"reason.{code}",
    }[kind]
    if key in texts:
        return texts.t(key)
    return code if kind in {"value", "party"} else code.replace("_", " ")


def declared(texts: Texts, places: Gazetteer, value: str, name: str = "") -> str:
    """What a form declared, as an officer reads it: days as people write them, codes in words, places by name."""
    if name == "commune" and (unit := places.communes.get(value)) is not None:
        above = places.provinces.get(unit.above)
        return unit.name if above is None else f"{unit.name}, {above.name}"
    if name == "province" and value in places.provinces:
        return places.provinces[value].name
    return "/".join(reversed(value.split("-"))) if ISO_DAY.match(value) else named(texts, "value", value)


def procedure_name(texts: Texts, code: str) -> str:
    """The name of a procedure of the engine."""
    found = PROCEDURES.get(code)
    if found is None:
        return code
    return found.name_vi if texts.language is Language.VI else found.name_en


def day(text: str | None) -> str:
    """A date of a document as Vietnamese readers write it."""
    return "–" if text is None else format_date(date.fromisoformat(text))
