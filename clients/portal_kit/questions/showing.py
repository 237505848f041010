"""The answers of a described form in words, for the page before filing. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.people import everybody_of
from clients.portal_kit.words import Words, recorded_date
from web.formatting import format_name, format_personal_number

Row = tuple[str, str, str]


def answers_shown(
    sections: Sequence[Section],
    inputs: Mapping[str, Any],
    answers: Mapping[str, str],
    offered: Mapping[str, Any],
    words: Words,
) -> list[Row]:
    """(label, answer, the control's anchor) for every question that was answered."""
    rows: list[Row] = []
    for section in sections:
        for question in section.asked(answers, minor=offered["minor"]):
            if (value := inputs.get(question.name)) not in (None, "", []):
                shown = _shown(question, value, offered, words)
                rows.append((words.texts.t(question.label), shown, f"#{anchor_of(question)}"))
    return rows


def anchor_of(question: Question) -> str:
    """The id of the first control of a question."""
    match question.kind:
        case Kind.HOLDER | Kind.NUMBER:
            return f"{question.name}_number"
        case Kind.PLACE | Kind.COMMUNE:
            return "province"
        case Kind.LEAVERS:
            return "leaver_0"
        case Kind.PAYERS:
            return "order_1"
    return question.name


def _shown(question: Question, value: Any, offered: Mapping[str, Any], words: Words) -> str:
    match question.kind:
        case Kind.CHOICE | Kind.SELECT:
            said = words.texts.t(dict(question.options)[value])
        case Kind.FLAG:
            said = words.texts.t("form.yes")
        case Kind.PLACE:
            said = ", ".join((value["address"], *_commune(value["commune"], offered)))
        case Kind.COMMUNE:
            said = ", ".join(_commune(value, offered))
        case Kind.PEOPLE | Kind.LEAVERS:
            said = "; ".join(_person(each, words) for each in value)
        case Kind.PAYERS:
            said = "; ".join(_payer(each, offered) for each in value)
        case _:
            said = PLAIN[question.kind](value)
    return said


PLAIN: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.DAY: recorded_date,
    Kind.MOMENT: lambda value: f"{datetime.fromisoformat(value):%H:%M %d/%m/%Y}",
    Kind.AREA: lambda value: f"{value:g} m²",
    Kind.HOLDER: lambda value: f"{format_name(value['name'])} · {format_personal_number(value['number'])}",
    Kind.NUMBER: lambda value: format_personal_number(str(value["number"])),
    Kind.MEMBER: lambda value: format_name(value["name"]),
    Kind.KIN: lambda value: " · ".join(
        filter(None, (format_name(value.get("name", "")), format_personal_number(str(value["number"]))))
    ),
}
"""Answers whose words need no catalogue."""


def _person(person: Mapping[str, Any], words: Words) -> str:
    relation = person.get("relation")
    said = f" ({words.relation(relation)})" if relation else ""
    return f"{format_name(person['name'])} · {format_personal_number(person['number'])}{said}"


def _payer(number: str, offered: Mapping[str, Any]) -> str:
    """By name and number, where the record names them."""
    names = [each["name"]["full"] for each in everybody_of(offered["own"]) if each["number"] == number]
    return " · ".join((*map(format_name, names), format_personal_number(number)))


def _commune(code: str, offered: Mapping[str, Any]) -> list[str]:
    names = [str(row["name"]) for row in offered["communes"] if row["code"] == code]
    return names + [str(row["name"]) for row in offered["provinces"] if row["code"] == offered["province"]]
