"""Whatever a stranger sends as inputs of a procedure: typed values, or a refusal that names the place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.procedures.catalogue import PROCEDURES
from population_registry.verification.refusals import Refusal, RefusalCode
from tests.registry_procedures.town import FLAT, NUMBERS, case, stated

AT_FLAT = {"commune": FLAT.commune_code, "address": FLAT.text}
PHUC = {"number": NUMBERS["phuc"], "name": "Trần Văn Phúc"}
PEOPLE = [stated("nam", "child"), stated("lan")]
VALID = {
    "1.004222": {
        "ground": "rented",
        "dwelling": AT_FLAT | {"floor_area_m2": 40, "kind": "room", "dwelling": "71"},
        "people": PEOPLE,
        "owner": PHUC,
        "household": {"head": NUMBERS["hung"]},
        "kin": PHUC,
        "leader": PHUC,
        "fee_exempt": "merit",
        "tenure": "rented",
    },
    "1.004194": {
        "commune": FLAT.commune_code,
        "from": "2026-12-01",
        "until": "2027-11-30",
        "tenure": "rented",
        "dwelling": AT_FLAT,
        "owner": PHUC,
        "people": PEOPLE,
        "contract_until": "2028-01-01",
    },
    "1.002755": {
        "until": "2027-12-01",
        "people": PEOPLE,
        "contract_until": "2028-01-01",
        "fee_exempt": False,
    },
    "residence.split": {"people": PEOPLE, "divorced": True, "fee_exempt": True},
    "residence.correct": {
        "what": "head",
        "kind": "permanent",
        "person": stated("mai"),
        "relation": "child",
        "former_head_relation": "parent",
        "address": "Số 5A",
    },
    "residence.delete-permanent": {"ground": "absent", "since": "2025-01-01", "people": PEOPLE},
    "1.010028": {"ground": "absent", "since": "2025-01-01", "people": PEOPLE},
    "residence.declare-current": {"dwelling": AT_FLAT, "people": PEOPLE},
    "2.001159": {
        "dwelling": AT_FLAT,
        "reason": "Thăm người thân",
        "arrived_at": "2026-11-23T09:00:00+07:00",
        "until": "2026-11-30",
        "people": PEOPLE,
        "relatives": True,
        "host": "vehicle",
    },
    "1.003677": {
        "category": "accused",
        "commune": "00166",
        "destination": "Hà Nội",
        "from": "2026-12-01",
        "until": "2027-12-01",
        "reason": "Đi làm",
        "permission": "QĐ 1",
        "people": PEOPLE,
    },
    "1.010041": {"used_for": "Nhập học"},
}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(
        ["2026-02-30", "0000-00-00", "9999-12-31", "+07:00", "\x00", "٣", "1" * 300, "2026-11-23T09:00Z"]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _replaced(draw, value):
    """The value with one place somewhere in it replaced by anything."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        return value | {name: _replaced(draw, value[name])}
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _replaced(draw, value[place]), *value[place + 1 :]]
    return draw(JSON)


def _refused(procedure, inputs):
    """The refusal of the inputs; None when they can be read."""
    try:
        procedure.read(inputs)
    except Refusal as refused:
        return refused
    return None


@st.composite
def wounded(draw):
    """A procedure's code and inputs that were right once."""
    code = draw(st.sampled_from(sorted(VALID)))
    inputs = VALID[code]
    for _ in range(draw(st.integers(1, 3))):
        inputs = _replaced(draw, inputs)
    return code, inputs


@pytest.mark.parametrize("code", sorted(VALID))
def test_the_examples_are_right(code):
    """Each example can be read, and everything that is asked about the case is answered."""
    procedure = PROCEDURES[code]
    found = case(procedure, VALID[code])
    assert procedure.checks(found)
    assert procedure.term(found).half_days >= 0
    assert procedure.fee(found).amount >= 0
    procedure.consents(found)
    procedure.commune(found)


@given(wounded())
@settings(max_examples=200, deadline=None)
def test_any_inputs_are_read_or_refused(sent):
    """Bad input: `invalid-request` at a place under `inputs`; what is read can be judged without an exception."""
    code, inputs = sent
    procedure = PROCEDURES[code]
    if (refused := _refused(procedure, inputs)) is not None:
        assert refused.code is RefusalCode.INVALID_REQUEST
        assert (refused.member or "").startswith("inputs")
        return
    found = case(procedure, inputs)
    procedure.checks(found)
    procedure.consents(found)
    procedure.fee(found)
    procedure.term(found)
    procedure.commune(found)
