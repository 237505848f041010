"""Điều chỉnh thông tin về cư trú: Law on Residence Art. 10 and 26."""

from __future__ import annotations

import pytest

from population_registry.domain import PersonStatus
from population_registry.procedures.residence_correction import PROCEDURE
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import asked, case, failing, opened, stated, written

HEAD = {"what": "head", "person": stated("mai"), "former_head_relation": "spouse_husband"}


def test_a_living_head_agrees():
    """Art. 10: the head gives the place to another by agreement, and who follows agrees too."""
    found = case(PROCEDURE, HEAD, applicant="nam")
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == [("head", "hung"), ("member", "mai")]
    assert written(PROCEDURE, found) == [("ChangeRelation", "hung"), ("ChangeRelation", "mai")]
    assert PROCEDURE.term(found).half_days == 6


def test_a_dead_head_is_not_asked():
    """Art. 10: after the head's death the members choose another."""
    found = case(PROCEDURE, HEAD, applicant="mai", statuses={"hung": PersonStatus.DECEASED})
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == []


def test_the_new_head_is_a_grown_member():
    """Art. 10(1): head is a member with full capacity."""
    assert "new_head_of_age" in failing(PROCEDURE, case(PROCEDURE, HEAD | {"person": stated("chi")}))
    assert "same_household" in failing(PROCEDURE, case(PROCEDURE, HEAD | {"person": stated("lan")}))


def test_relation_and_address_need_proof():
    """Art. 26(2): what no database shares is proved by papers, which an officer sees; only the own address."""
    relation = case(PROCEDURE, {"what": "relation", "person": stated("nam"), "relation": "adopted_child"})
    assert opened(PROCEDURE, relation) == {"proof"}
    assert written(PROCEDURE, relation) == [("ChangeRelation", "nam")]
    address = case(PROCEDURE, {"what": "address", "address": "Số 5A, đường Hoa Sen"}, applicant="nam")
    assert opened(PROCEDURE, address) == {"proof"}
    assert written(PROCEDURE, address) == [("CorrectResidence", "nam")]
    others = {"what": "address", "address": "Số 9", "person": stated("mai")}
    assert "own_data" in failing(PROCEDURE, case(PROCEDURE, others, applicant="nam"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "head"},
        {"what": "relation", "relation": "head"},
        {"what": "address"},
        {"what": "name"},
        HEAD | {"kind": "current"},
    ],
)
def test_unreadable_inputs_are_refused(wrong):
    """What is corrected, and into what, is said; a head is made by `head` alone."""
    with pytest.raises(Refusal):
        PROCEDURE.read(wrong)
