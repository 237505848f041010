"""The answers of a described form in words, for the page before filing. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.words import Words, recorded_date
from web.formatting import format_name

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
    return question.name


def _shown(question: Question, value: Any, offered: Mapping[str, Any], words: Words) -> str:
    if question.kind in (Kind.CHOICE, Kind.SELECT):
        return words.texts.t(dict(question.options)[value])
    if question.kind is Kind.FLAG:
        return words.texts.t("form.yes")
    if question.kind is Kind.PLACE:
        return ", ".join((value["address"], *_commune(value["commune"], offered)))
    if question.kind is Kind.COMMUNE:
        return ", ".join(_commune(value, offered))
    if question.kind in (Kind.PEOPLE, Kind.LEAVERS):
        return "; ".join(_person(each, words) for each in value)
    return PLAIN[question.kind](value)


PLAIN: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.DAY: recorded_date,
    Kind.MOMENT: lambda value: f"{datetime.fromisoformat(value):%H:%M %d/%m/%Y}",
    Kind.AREA: lambda value: f"{value:g} m²",
    Kind.HOLDER: lambda value: f"{format_name(value['name'])} · {value['number']}",
    Kind.NUMBER: lambda value: str(value["number"]),
    Kind.MEMBER: lambda value: format_name(value["name"]),
}
"""Answers whose words need no catalogue."""


def _person(person: Mapping[str, Any], words: Words) -> str:
    relation = person.get("relation")
    said = f" ({words.relation(relation)})" if relation else ""
    return f"{format_name(person['name'])} · {person['number']}{said}"


def _commune(code: str, offered: Mapping[str, Any]) -> list[str]:
    names = [str(row["name"]) for row in offered["communes"] if row["code"] == code]
    return names + [str(row["name"]) for row in offered["provinces"] if row["code"] == offered["province"]]
