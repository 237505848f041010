"""Which papers of a dossier end to be its last word, and by which."""

from __future__ import annotations

import pytest

from population_registry.dossiers.dossier import Form
from population_registry.dossiers.superseding import SUPERSEDED_FORMS, SUPERSEDING_FORMS

OVERTAKEN = {
    "CT04": True,
    "CT05": True,
    "04": True,
    "CT06": False,
    "CT07": False,
    "CT08": False,
    "stop": False,
}
"""Circular 01/2018: what promises a day or waits for something is overtaken; what decides is not."""


@pytest.mark.parametrize("form", Form)
def test_a_promise_is_overtaken_and_a_decision_is_not(form: Form) -> None:
    """Public services 5: receipt, request to supplement and apology speak of what is to come, the others do not."""
    assert (form in SUPERSEDED_FORMS) == OVERTAKEN[form.value]


@pytest.mark.parametrize("form", Form)
def test_whatever_is_said_after_the_receipt_overtakes(form: Form) -> None:
    """A later day, a pause, a decision or an end changes what was promised; a dossier is received once only."""
    assert (form in SUPERSEDING_FORMS) == (form.value != "CT04")
