"""Reading requests: any JSON is read or refused by its place; nothing else ever happens."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.api.json_bodies import parse
from population_registry.domain import PersonStatus
from population_registry.verification.asking import read_question
from population_registry.verification.authorising import permit
from population_registry.verification.claims import CLAIMS
from population_registry.verification.refusals import Refusal
from population_registry.verification.releasing import read_release
from tests.registry_verification.people import AN, CATALOGUE, IDENTITY, NOW, PEOPLE, PORTAL, ask

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.just("\ud800 x"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
QUESTION = {
    "purpose": "Thẩm định hồ sơ",
    "procedure_code": "1.004194",
    "dossier_code": "G01.899.05-261121-010042",
    "subject": {"number": AN},
    "claims": IDENTITY,
}


@given(values)
def test_any_json_is_read_or_refused(body):
    """No body makes the reader raise anything but a refusal."""
    try:
        permit(PORTAL, read_question(body), CATALOGUE, NOW)
    except Refusal as refusal:
        assert refusal.code.value  # noqa: PT017 -- the refusal is one of two right outcomes


@given(st.sampled_from([*QUESTION, "subject.number"]), values)
def test_any_member_is_read_or_refused(member, value):
    """Whatever stands for a member, the answer is a decision or a refusal."""
    body = QUESTION | ({"subject": {"number": value}} if member == "subject.number" else {member: value})
    try:
        question = read_question(body)
        permit(PORTAL, question, CATALOGUE, NOW)
    except Refusal as refusal:
        assert refusal.code.value  # noqa: PT017 -- the refusal is one of two right outcomes


@given(st.sampled_from(sorted(CLAIMS)), values)
def test_any_claim_value_is_judged_or_refused(name, value):
    """Whatever a claim's value is, it is refused by name or judged."""
    try:
        ask(AN, IDENTITY | {name: value})
    except Refusal as refusal:
        assert refusal.member  # noqa: PT017 -- the refusal is one of two right outcomes


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(body):
    """Bytes that are no JSON are refused."""
    try:
        parse(body)
    except Refusal as refusal:
        assert refusal.member == "body"  # noqa: PT017 -- the refusal is one of two right outcomes


@given(values)
def test_any_release_is_read_or_refused(body):
    """The same for releases."""
    try:
        read_release(body, PORTAL, CATALOGUE, NOW)
    except Refusal as refusal:
        assert refusal.code.value  # noqa: PT017 -- the refusal is one of two right outcomes


def test_number_is_normalised():
    """Spaces, dots and full-width digits lead to the same person."""
    for written in ("099 190 000 101", "099.190.000.101", "０９９190000101"):
        assert read_question(json.loads(json.dumps(QUESTION | {"subject": {"number": written}}))).number == AN


def test_cancelled_number_is_said():
    """A record whose number stands no longer says so, whatever else matches (residence.md section 9)."""
    original = PEOPLE[AN]
    PEOPLE[AN] = dataclasses.replace(
        original, person=dataclasses.replace(original.person, status=PersonStatus.NUMBER_CANCELLED)
    )
    try:
        said = ask(AN, IDENTITY).results["number"]
    finally:
        PEOPLE[AN] = original
    assert (said.flag.value, said.reasons) == ("mismatch", ("number_cancelled",))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b"NaN",
        b'{"a":Infinity}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\\ud800"}',
        b'"\\uDBFF"',
    ],
)
def test_ambiguous_json_is_refused(body):
    """Members twice, foreign numbers, a byte-order mark, half a surrogate pair: refused (RFC 8259)."""
    with pytest.raises(Refusal):
        parse(body)
