"""What may be done to an e-ID at the desk, by whom, in which errand, after which comparisons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.operators.eid_acts import (
    DEATH,
    MUST,
    POWERS,
    PURPOSES,
    Compared,
    EidAct,
    NotCompared,
    Standing,
    liftable,
    must_be_compared,
    offered,
)
from population_registry.operators.errands import Purpose
from population_registry.operators.officers import Officer, Role

REASONS = ("own_request", "death", "document_revoked", "judicial_request", "operator")
standings = st.builds(
    Standing,
    st.sampled_from([None, "requested", "rejected", "issued", "active", "locked", "closed"]),
    st.integers(1, 2),
    st.frozensets(st.sampled_from(REASONS)),
)


def officer(role):
    """An officer of that role."""
    return Officer("CA-1", "An", "Công an", role, "00166")


@given(standings, st.sampled_from(Purpose), st.sampled_from(Role))
def test_nothing_is_offered_beyond_errand_and_office(standing, purpose, role):
    """Whatever the account is like: only what purpose and role allow, nothing on a closed account."""
    for act in offered(standing, purpose, officer(role)):
        assert purpose in PURPOSES[act]
        assert POWERS[act] in officer(role).powers
        assert standing.status not in {"closed", "requested", "rejected"}


@given(standings)
def test_an_end_is_asked_for_only_of_what_can_end(standing):
    """Decree 69/2024 Art. 17: a death is never lifted, one's own lock needs no request."""
    assert DEATH not in liftable(standing)
    assert "own_request" not in liftable(standing)
    wanted = offered(standing, Purpose.LOCK_EID, officer(Role.COMMUNE_OFFICER))
    assert (EidAct.REQUEST_UNLOCK in wanted) == (standing.status == "locked" and bool(liftable(standing)))


def test_level_2_is_offered_to_whom_it_is_missing():
    """Arts. 11, 12: nobody without account, and level 1; not twice."""
    who = officer(Role.COMMUNE_OFFICER)
    assert offered(Standing(None), Purpose.ISSUE_EID, who) == (EidAct.ISSUE,)
    assert EidAct.ISSUE in offered(Standing("active", 1), Purpose.VERIFY_IN_PERSON, who)
    assert EidAct.ISSUE not in offered(Standing("active", 2), Purpose.VERIFY_IN_PERSON, who)
    assert offered(Standing("active", 1), Purpose.RESIDENCE_DOSSIER, who) == ()


@pytest.mark.parametrize("act", EidAct)
def test_every_act_stands_on_comparisons(act):
    """Art. 11: card, face, fingerprint; a child's representative stands beside it; a body's wish is on paper."""
    must_be_compared(act, set(Compared), 5)
    for missing in MUST[act]:
        with pytest.raises(NotCompared) as refused:
            must_be_compared(act, set(Compared) - {missing}, 30)
        assert refused.value.missing == {missing}
    if Compared.PAPER not in MUST[act]:
        with pytest.raises(NotCompared):
            must_be_compared(act, set(Compared) - {Compared.REPRESENTATIVE}, 13)
        must_be_compared(act, set(Compared) - {Compared.REPRESENTATIVE}, 14)
