"""Who takes part: the person, members of the household by their place in the list, others as typed. Pure.

Answers name places in the list that the registry released, so that no number of a member can be slipped in. Where
nothing of the household was released (at a counter, for a young person from 14 on) people are typed instead: the
registry compares them as it does all others.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.answers import Reading
from clients.portal_kit.question import MOST_OTHERS, RELATIONS, Question
from web import Form

Person = dict[str, Any]
HEAD: Final = "head"
ELSEWHERE: Final = "elsewhere"
"""Somebody who is not in the list."""
STAYS_OUT: Final = "no"


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


def household_known(own: Mapping[str, Any]) -> bool:
    """Whether the registry released the household; the answer may be that there is none."""
    return "household" in own


def everybody_of(own: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The person first, then the others of the household as the registry lists them."""
    return [own, *members_of(own)]


def perhaps_under(age: int, birth: str, today: date) -> bool:
    """Whether somebody born on a date ``yyyy[-mm[-dd]]`` may be younger; what is not recorded counts for them."""
    year, month, day = (int(part) for part in (birth + "-12-31"[3 * birth.count("-") :]).split("-"))
    return (year + age, month, day) > (today.year, today.month, today.day)


def kin_of(own: Mapping[str, Any], today: date, question: Question) -> list[Mapping[str, Any]]:
    """Whom a question of kind ``KIN`` offers by name: the person where it may be, then the young of the household."""
    young = [
        each for each in members_of(own) if perhaps_under(question.under, str(each["birth_date"]), today)
    ]
    return [own, *young] if question.with_me else young


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
        others.append(_typed(reading, name) | _stands(reading, form, question, f"{name}_relation"))
    everybody = mine + others
    if len(everybody) > MOST_OTHERS + 1:
        reading.wrong("people", "form.people_too_many")
    if len({each["number"] for each in everybody}) != len(everybody):
        reading.wrong("people", "form.people_twice")
    if not include_me and not others:
        reading.wrong("people", question.missing)
    return everybody if others or relation else None


def _typed(reading: Reading, name: str) -> Person:
    return {
        "number": reading.personal_number(f"{name}_number", "form.people_number_wrong"),
        "name": reading.words(f"{name}_name", "form.people_name_missing", longest=100),
        "birth_date": reading.birth(f"{name}_birth", "form.people_birth_wrong"),
    }


def _stands(reading: Reading, form: Form, question: Question, name: str) -> dict[str, str]:
    relation = _relation(reading, form, name) if question.relations else None
    return {"relation": relation} if relation else {}


def _relation(reading: Reading, form: Form, name: str) -> str | None:
    if not form.text(name):
        return None
    return reading.choice(name, RELATIONS, "form.relation_wrong") or None


def read_leavers(reading: Reading, form: Form, own: Mapping[str, Any]) -> list[Person]:
    """Who leaves a household together, the new head first: one select for the person and each member or row."""
    leaving: list[Person] = []
    heads = 0
    typed = 0 if household_known(own) else count_of(form.text("leaver_count"))
    places = len(everybody_of(own)) + typed
    for place in range(places):
        name = f"leaver_{place}"
        if not form.text(name):
            continue
        relation = reading.choice(name, {HEAD, *RELATIONS}, "form.relation_wrong")
        listed = place < places - typed
        person = person_of(everybody_of(own)[place]) if listed else _typed(reading, name)
        if relation == HEAD:
            heads += 1
            leaving.insert(0, person)
        elif relation:
            leaving.append(person | {"relation": relation})
    if not leaving:
        reading.wrong("leaver_0", "form.leavers_nobody")
    elif heads != 1:
        reading.wrong("leaver_0", "form.leavers_one_head")
    return leaving


def read_member(reading: Reading, question: Question, own: Mapping[str, Any]) -> Person:
    """One of the household by the place in the list; the person themselves only where the question says so."""
    if not household_known(own):
        return _typed(reading, question.name)
    everybody = everybody_of(own)
    places = {str(place) for place in range(0 if question.with_me else 1, len(everybody))}
    place = reading.choice(question.name, places, question.missing)
    return person_of(everybody[int(place)]) if place else {}


def read_kin(reading: Reading, question: Question, own: Mapping[str, Any], today: date) -> Person:
    """Somebody of the list by their place, counted from 1, as `person_of`; anybody else as ``{number}`` alone."""
    offered = {str(place): each for place, each in enumerate(kin_of(own, today, question), start=1)}
    chosen = reading.choice(question.name, {*offered, ELSEWHERE}, question.missing)
    if chosen == ELSEWHERE:
        return {"number": reading.personal_number(f"{question.name}_number", "form.people_number_wrong")}
    return person_of(offered[chosen]) if chosen else {}


def read_payers(reading: Reading, form: Form, own: Mapping[str, Any]) -> list[str]:
    """Numbers in the order of payment: a place in the order for each member, or typed in that order."""
    if not household_known(own):
        rows = range(1, (count_of(form.text("order_count")) or 1) + 1)
        typed = [reading.personal_number(f"order_{row}", "form.people_number_wrong") for row in rows]
        if len(set(typed)) != len(typed):
            reading.wrong("order_1", "form.people_twice")
        return typed
    members = dict(enumerate(everybody_of(own), start=1))
    places = {STAYS_OUT, *(str(place) for place in members)}
    paying: dict[int, str] = {}
    for place, member in members.items():
        name = f"order_{place}"
        order = reading.choice(name, places, "form.order_missing")
        if order in {"", STAYS_OUT}:
            continue
        if int(order) in paying:
            reading.wrong(name, "form.order_twice")
        paying[int(order)] = str(member["number"])
    if not paying and not reading.errors:
        reading.wrong("order_1", "form.nobody_joins")
    return [paying[order] for order in sorted(paying)]
