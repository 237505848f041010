"""The decision: established or not, withheld alike, logged always, pseudonymous receipts."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PartialDate, Spend
from population_registry.verification.answers import Identity
from population_registry.verification.asking import Caller
from population_registry.verification.catalogue import Catalogue
from population_registry.verification.guessing import BudgetPolicy, judge_tries, overdrawn, tries_of
from population_registry.verification.receipts import answer_document, pseudonym_text, receipt_claims
from population_registry.verification.refusals import Refusal, RefusalCode
from tests.registry_verification.people import (
    AN,
    BINH,
    CATALOGUE,
    CHI,
    CONTEXT,
    DEAD,
    IDENTITY,
    NOW,
    PEOPLE,
    PORTAL,
    STAMP,
    ask,
)

NOBODY = "099199999999"
BLIND = Catalogue(
    {
        code: dataclasses.replace(procedure, verifiable=procedure.verifiable - {"alive"})
        for code, procedure in CATALOGUE.procedures.items()
    }
)


def document(decision):
    """The answer and the receipt as bytes, without pseudonym."""
    claims = receipt_claims(
        decision, issuer="https://r", caller=PORTAL, context=CONTEXT, stamp=STAMP, position=7, pseudonym="p"
    )
    answer = answer_document(decision, context=CONTEXT, stamp=STAMP, receipt="r")
    return orjson.dumps(answer), orjson.dumps(claims)


@pytest.mark.attack
@given(
    st.sampled_from(["name", "birth_date"]),
    st.fixed_dictionaries(
        {},
        optional={
            "sex": st.sampled_from(["male", "female"]),
            "alive": st.booleans(),
            "outside_commune": st.sampled_from(["00004", "00008"]),
            "dwelling_owner": st.just({"dwelling": "7", "number": BINH}),
            "parent_of": st.just({"number": CHI}),
        },
    ),
)
def test_wrong_identity_equals_no_identity(which, claims):
    """Attack 50: a wrong name, a wrong birth date and nobody's number give byte-identical answers and receipts."""
    wrong = IDENTITY | {which: {"name": "Phạm Thị Khác", "birth_date": "1991-05-17"}[which]}
    answers = {document(ask(AN, wrong | claims)), document(ask(NOBODY, wrong | claims))}
    assert len(answers) == 1


@pytest.mark.attack
def test_death_is_hidden_from_those_who_may_not_ask():
    """Attack 50: without the right to ask `alive`, a dead person with right name and date equals nobody."""
    right = {"name": "Lê Văn Khuất", "birth_date": "1940-02-02"}
    assert document(ask(DEAD, right, catalogue=BLIND)) == document(ask(NOBODY, right, catalogue=BLIND))
    assert ask(DEAD, right).identity is Identity.ESTABLISHED


@pytest.mark.attack
def test_attempts_on_a_person_are_logged_also_when_they_fail():
    """Attack 49: the row of a failed attempt carries the person, so that they see who tried."""
    (entry,) = ask(AN, IDENTITY | {"name": "Phạm Thị Khác"}).entries
    assert (entry.subject_id, entry.outcome, entry.officer) == (1, "not_established", "CA-17")
    (entry,) = ask(NOBODY, IDENTITY).entries
    assert entry.subject_id is None


def test_everybody_judged_is_logged():
    """A person named in a claim has a row of their own, with that claim only."""
    entries = ask(AN, IDENTITY | {"dwelling_owner": {"dwelling": "7", "number": BINH}}).entries
    assert [(entry.subject_id, sorted(entry.fields)) for entry in entries] == [
        (1, ["birth_date", "dwelling_owner", "name"]),
        (2, ["dwelling_owner"]),
    ]


@pytest.mark.parametrize(
    ("name", "birth_date", "identity"),
    [
        ("Nguyễn Thị An", "1990-05-17", Identity.ESTABLISHED),
        ("NGUYEN THI AN", "1990-05-17", Identity.ESTABLISHED),
        ("Nguyễn Thị An", "1990", Identity.ESTABLISHED),
        ("NGUYEN THI AN", "1990", Identity.NOT_ESTABLISHED),
        ("Nguyễn Thị Ân", "1990-05-17", Identity.NOT_ESTABLISHED),
    ],
)
def test_at_most_one_identifying_claim_may_be_close(name, birth_date, identity):
    """Two vague agreements are no identity."""
    assert ask(AN, {"name": name, "birth_date": birth_date}).identity is identity


def test_right_to_know():
    """The provider is told that nobody has a number, and which identifying claim is wrong; never the value."""
    provider = Caller("idp", frozenset({"registry:verify"}))
    context = dataclasses.replace(CONTEXT, procedure_code="eid.profile")
    assert ask(NOBODY, IDENTITY, caller=provider, context=context).identity is Identity.NO_SUCH_PERSON
    told = ask(AN, IDENTITY | {"name": "Phạm Thị Khác", "sex": "female"}, caller=provider, context=context)
    assert {name: result.flag.value for name, result in told.results.items()} == {
        "name": "mismatch",
        "birth_date": "match",
        "sex": "unknown",
    }


@pytest.mark.attack
def test_receipt_holds_no_global_identifier():
    """Attack 51: no number, no name, no internal id in a receipt; the pseudonym is taken over client and person."""
    decision = ask(AN, IDENTITY | {"parent_of": {"number": CHI}})
    text = b"".join(document(decision)).decode()
    for value in (AN, CHI, "Nguyễn Thị An", "1990-05-17", "099000101"):
        assert value not in text
    other = dataclasses.replace(PORTAL, client_id="national-portal")
    assert pseudonym_text(PORTAL, decision, AN) != pseudonym_text(other, decision, AN)


@pytest.mark.attack
def test_a_death_between_question_and_answer_counts():
    """Attack 53: the facts are loaded for this very answer; a record changed meanwhile is judged as it is now."""
    living = PEOPLE[BINH]
    asked = {"name": "Trần Văn Bình", "birth_date": "1988", "alive": True}
    assert ask(BINH, asked).results["alive"].flag.value == "match"
    PEOPLE[BINH] = dataclasses.replace(
        PEOPLE[DEAD], person=dataclasses.replace(living.person, status=PEOPLE[DEAD].person.status)
    )
    try:
        assert ask(BINH, asked).results["alive"].flag.value == "mismatch"
    finally:
        PEOPLE[BINH] = living


@pytest.mark.attack
def test_work_is_alike(record_property):
    """Attack 40: processor time for a person, a wrong name and nobody; recorded, not asserted (noisy machines)."""
    claims = {"alive": True, "outside_commune": "00008", "sex": "female"}
    wrong = IDENTITY | {"name": "Phạm Thị Khác"}
    cases = {"known": (AN, IDENTITY), "wrong name": (AN, wrong), "nobody": (NOBODY, IDENTITY)}
    for label, (number, identity) in cases.items():
        started = time.process_time()
        for _ in range(300):
            ask(number, identity | claims)
        record_property(f"microseconds, {label}", round((time.process_time() - started) / 300 * 1e6))


@pytest.mark.parametrize(
    ("caller", "claims", "code"),
    [
        (dataclasses.replace(PORTAL, scopes=frozenset()), IDENTITY, RefusalCode.INSUFFICIENT_SCOPE),
        (dataclasses.replace(PORTAL, client_id="stranger"), IDENTITY, RefusalCode.PROCEDURE_NOT_ALLOWED),
        (PORTAL, {"name": "Nguyễn Thị An"}, RefusalCode.IDENTIFYING_CLAIMS_MISSING),
        (PORTAL, IDENTITY | {"household_members": [AN]}, RefusalCode.CLAIM_NOT_ALLOWED),
        (dataclasses.replace(PORTAL, person_number=AN), IDENTITY, RefusalCode.INSUFFICIENT_AUTHENTICATION),
    ],
)
def test_refused_before_any_lookup(caller, claims, code):
    """What the catalogue does not allow is refused without facts."""
    with pytest.raises(Refusal) as refused:
        ask(AN, claims, caller=caller)
    assert refused.value.code is code


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=60), st.integers(1, 6))
def test_budget_holds_for_any_order_of_tries(asked, limit):
    """However tries and repetitions follow each other, at most `limit` different values of a claim say something."""
    policy = BudgetPolicy(tries=limit)
    marks: set[str] = set()
    told: dict[str, set[int]] = {"a": set(), "b": set()}
    for claim, value in asked:
        judged = judge_tries([Spend(b"person", f"{claim}:{value}")], {b"person": marks}, policy)
        marks |= {spend.mark for spend in judged.spends}
        assert not overdrawn({b"person": marks}, policy)
        if claim not in judged.exhausted:
            told[claim].add(value)
    assert all(len(values) <= limit for values in told.values())
    assert overdrawn({b"person": marks | {f"a:{each}" for each in "ABCDEFG"}}, policy)


def tries(**changed):
    """The tries of a question of the portal about An."""
    values = {"name": "Nguyễn Thị An", "birth_date": PartialDate(1994, 3, 5), "household_members": (BINH,)}
    asked = {"client_id": "portal", "number": AN, "is_self": False, "values": values, "window_start": NOW}
    return tries_of(**asked | changed, keyed_hash=lambda text: hashlib.sha256(text.encode()).digest())


def test_marks_lie_together_for_caller_person_and_window():
    """One key for what is tried about a number, one for numbers of a name and birth date; none is shared further."""
    first = tries()
    about, *_, person = (each.key for each in first)
    assert [each.key for each in first] == [about] * 3 + [person]
    assert [each.mark.partition(":")[0] for each in first] == [
        *("name", "birth_date", "household_members"),
        "number",
    ]
    assert tries() == first
    marks = {each.mark for each in first}
    for changed in (
        {"client_id": "another"},
        {"number": BINH},
        {"window_start": NOW + timedelta(days=1)},
        {"is_self": True},
    ):
        other = tries(**changed)
        assert about not in {each.key for each in other}
        assert marks.isdisjoint(each.mark for each in other)
    assert [each.mark.partition(":")[0] for each in tries(is_self=True)] == ["household_members"]
