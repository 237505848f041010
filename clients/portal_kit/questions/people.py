"""Who takes part: the person, members of the household by their place in the list, others as typed. Pure.

Answers name places in the list that the registry released, so that no number of a member can be slipped in.
"""

from collections.abc import Mapping
from typing import Any, Final

from clients.portal_kit.answers import Reading
from clients.portal_kit.question import MOST_OTHERS, RELATIONS, Question
from web import Form

Person = dict[str, Any]
HEAD: Final = "head"


def person_of(released: Mapping[str, Any]) -> Person:
    """Number, name and birth date as the registry released them."""
    return {
        "number": released["number"],
        "name": released["name"]["full"],
        "birth_date": released["birth_date"],
    }


def members_of(own: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The others of the person's household, as released; empty where there is none."""
    return [each for each in own.get("household") or [] if each["number"] != own["number"]]


def count_of(text: str) -> int:
    """How many others there are rows for."""
    return min(int(text), MOST_OTHERS) if text.isascii() and text.isdecimal() and len(text) == 1 else 0


def read_people(
    reading: Reading, form: Form, question: Question, own: Mapping[str, Any]
) -> list[Person] | None:
    """The people of the dossier; None where it is the person alone, who need not be named."""
    mine: list[Person] = []
    relation = _relation(reading, form, "relation") if question.relations else None
    include_me = question.with_me or form.text("people_me") == "yes"
    if include_me and own.get("birth_date"):
        mine = [person_of(own) | ({"relation": relation} if relation else {})]
    members = members_of(own)
    chosen = form.all("people_member")
    picked = [place for place, _ in enumerate(members) if str(place) in chosen]
    others = [
        person_of(members[place]) | _stands(reading, form, question, f"people_member_{place}_relation")
        for place in picked
    ]
    for row in range(1, count_of(form.text("people_count")) + 1):
        name = f"people_{row}"
        others.append(
            {
                "number": reading.personal_number(f"{name}_number", "form.people_number_wrong"),
                "name": reading.words(f"{name}_name", "form.people_name_missing", longest=100),
                "birth_date": reading.birth(f"{name}_birth", "form.people_birth_wrong"),
                **_stands(reading, form, question, f"{name}_relation"),
            }
        )
    everybody = mine + others
    if len(everybody) > MOST_OTHERS + 1:
        reading.wrong("people", "form.people_too_many")
    if len({each["number"] for each in everybody}) != len(everybody):
        reading.wrong("people", "form.people_twice")
    if not include_me and not others:
        reading.wrong("people", question.missing)
    return everybody if others or relation else None


def _stands(reading: Reading, form: Form, question: Question, name: str) -> dict[str, str]:
    relation = _relation(reading, form, name) if question.relations else None
    return {"relation": relation} if relation else {}


def _relation(reading: Reading, form: Form, name: str) -> str | None:
    if not form.text(name):
        return None
    return reading.choice(name, RELATIONS, "form.relation_wrong") or None


def read_leavers(reading: Reading, form: Form, own: Mapping[str, Any]) -> list[Person]:
    """Who leaves a household together, the new head first: one select for the person and each member."""
    leaving: list[Person] = []
    heads = 0
    for place, person in enumerate([own, *members_of(own)]):
        name = f"leaver_{place}"
        if not form.text(name):
            continue
        relation = reading.choice(name, {HEAD, *RELATIONS}, "form.relation_wrong")
        if relation == HEAD:
            heads += 1
            leaving.insert(0, person_of(person))
        elif relation:
            leaving.append(person_of(person) | {"relation": relation})
    if not leaving:
        reading.wrong("leaver_0", "form.leavers_nobody")
    elif heads != 1:
        reading.wrong("leaver_0", "form.leavers_one_head")
    return leaving


def read_member(reading: Reading, question: Question, own: Mapping[str, Any]) -> Person:
    """One of the household by the place in the list; the person themselves only where the question says so."""
    everybody = [own, *members_of(own)]
    places = {str(place) for place in range(0 if question.with_me else 1, len(everybody))}
    place = reading.choice(question.name, places, question.missing)
    return person_of(everybody[int(place)]) if place else {}
