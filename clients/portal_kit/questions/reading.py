"""A form as described, read: the registry's inputs, or the mistakes in the order of the page. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.portal_kit.answers import Reading
from clients.portal_kit.procedure import FormRead
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.people import (
    read_kin,
    read_leavers,
    read_member,
    read_payers,
    read_people,
)
from web import Form

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LARGEST_AREA: Final = 100_000
AREA: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?", re.ASCII)


def read_answers(sections: Sequence[Section], form: Form, offered: Mapping[str, Any]) -> FormRead:
    """Every question that is put, in its order; the registry judges what the answers mean."""
    reading = Reading(form)
    typed = {name: form.text(name) for name in form}
    inputs: dict[str, Any] = {}
    for section in sections:
        for question in section.asked(typed, minor=offered["minor"]):
            answer = _answer(reading, form, question, offered)
            if answer is not None:
                inputs[question.name] = answer
    reading.ticked("declaration", "form.declaration_missing")
    return FormRead(inputs, tuple(reading.errors))


def _answer(reading: Reading, form: Form, question: Question, offered: Mapping[str, Any]) -> Any:
    """The answer as the inputs hold it; None where nothing was said and nothing had to be."""
    if question.optional and is_blank(form, question):
        return None
    return READERS[question.kind](Asked(reading, form, question, offered))


def is_blank(form: Mapping[str, str], question: Question) -> bool:
    """Whether nothing was typed for a question that may be left out."""
    own = (name for name in form if name == question.name or name.startswith(f"{question.name}_"))
    return not any(form[name].strip() for name in own)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what its reader needs."""

    reading: Reading
    form: Form
    question: Question
    offered: Mapping[str, Any]


def _choice(asked: Asked) -> str:
    allowed = {value for value, _ in asked.question.options}
    return asked.reading.choice(asked.question.name, allowed, asked.question.missing)


def _text(asked: Asked) -> str:
    question = asked.question
    text = asked.reading.words(question.name, question.missing, longest=question.longest)
    if text and len(text) < question.shortest:
        asked.reading.wrong(question.name, question.missing)
    return text


def _flag(asked: Asked) -> bool | None:
    return asked.form.text(asked.question.name) == "yes" or None


def _day(asked: Asked) -> str:
    day = asked.reading.day(asked.question.name, asked.question.missing)
    return day.isoformat() if day else ""


def _number(asked: Asked) -> dict[str, str]:
    name = f"{asked.question.name}_number"
    return {"number": asked.reading.personal_number(name, "form.number_wrong")}


def _holder(asked: Asked) -> dict[str, str]:
    name = f"{asked.question.name}_name"
    return {**_number(asked), "name": asked.reading.words(name, asked.question.missing, longest=100)}


def _commune(asked: Asked) -> str:
    reading, offered = asked.reading, asked.offered
    reading.choice("province", {row["code"] for row in offered["provinces"]}, "form.province_missing")
    communes = {row["code"] for row in offered["communes"]}
    return reading.choice("commune", communes, "form.commune_missing")


def _place(asked: Asked) -> dict[str, str]:
    return {
        "commune": _commune(asked),
        "address": asked.reading.words("address", "form.address_missing"),
    }


def _moment(asked: Asked) -> str:
    """A day and a time of the day in Viet Nam, ``HH:MM``."""
    name = asked.question.name
    day: date | None = asked.reading.day(name, asked.question.missing)
    try:
        at = time.fromisoformat(asked.form.text(f"{name}_time"))
    except ValueError:
        asked.reading.wrong(f"{name}_time", "form.time_wrong")
        return ""
    return datetime.combine(day, at.replace(tzinfo=None), ZONE).isoformat() if day else ""


def _area(asked: Asked) -> float:
    """Square metres; a comma is a decimal point in Viet Nam."""
    text = asked.form.text(asked.question.name).replace(",", ".")
    if AREA.fullmatch(text) and 1 <= float(text) <= LARGEST_AREA:
        return float(text)
    asked.reading.wrong(asked.question.name, asked.question.missing)
    return 0.0


READERS: Final[Mapping[Kind, Callable[[Asked], Any]]] = {
    Kind.CHOICE: _choice,
    Kind.SELECT: _choice,
    Kind.TEXT: _text,
    Kind.FLAG: _flag,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.AREA: _area,
    Kind.HOLDER: _holder,
    Kind.NUMBER: _number,
    Kind.PLACE: _place,
    Kind.COMMUNE: _commune,
    Kind.PEOPLE: lambda asked: read_people(asked.reading, asked.form, asked.question, asked.offered["own"]),
    Kind.MEMBER: lambda asked: read_member(asked.reading, asked.question, asked.offered["own"]),
    Kind.LEAVERS: lambda asked: read_leavers(asked.reading, asked.form, asked.offered["own"]),
    Kind.KIN: lambda asked: read_kin(
        asked.reading, asked.question, asked.offered["own"], asked.offered["today"]
    ),
    Kind.PAYERS: lambda asked: read_payers(asked.reading, asked.form, asked.offered["own"]),
}
"""How each kind of question is read."""
