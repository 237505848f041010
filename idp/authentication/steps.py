"""The state machine of an interaction: which step may be answered next, by whom, and where it may lead.

The only truth about the step is the stored interaction. What a browser sends (path, hidden fields, order of posts)
can never move it; every move is saved with ``expected_step``, so of two answers to one step one loses.
"""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.session import Challenge, Interaction, Step
from idp.domain.writes import SaveInteraction

MOVES: Final[Mapping[Step, frozenset[Step]]] = {
    Step.PASSWORD: frozenset({Step.SECOND_FACTOR, Step.STEP_UP, Step.CONTINUE}),
    Step.SECOND_FACTOR: frozenset({Step.SECOND_FACTOR, Step.STEP_UP, Step.CONTINUE}),
    Step.CONSENT: frozenset({Step.CONTINUE}),
    Step.STEP_UP: frozenset({Step.CONTINUE}),
    Step.CONTINUE: frozenset(),
    Step.ENROL: frozenset(),
}
"""Where the pages may lead. Only the authorization rule leads on from ``continue`` (to ``consent``)."""

GONE = "interaction_gone"
OUT_OF_ORDER = "interaction_out_of_order"


def current(facts: Facts, browser: bytes | None) -> Interaction:
    """The living interaction of this browser.

    Raises :class:`PageProblem` ``interaction_gone``: unknown, expired, finished, or another browser's; which of these
    is nobody's business (Hydra #753, Keycloak CVE-2025-12390).
    """
    interaction = facts.interaction
    if (
        interaction is None
        or browser is None
        or not hmac.compare_digest(interaction.browser_hash, browser)
        or facts.now >= interaction.expires_at
    ):
        raise PageProblem(GONE, 410)
    return interaction


def answering(facts: Facts, browser: bytes | None, step: Step) -> Interaction:
    """The interaction, when it waits for exactly this step.

    Raises :class:`PageProblem` ``interaction_out_of_order`` when the answer is early, late or repeated
    (authentik CVE-2026-49443, Keycloak CVE-2026-18963).
    """
    interaction = current(facts, browser)
    if interaction.step != step:
        raise PageProblem(OUT_OF_ORDER, 409)
    return interaction


def enrolling(facts: Facts, browser: bytes, account_id: str, challenge: Challenge) -> Interaction:
    """A fresh interaction in which this browser, and no other, answers the challenge of something that it sets up."""
    return Interaction(
        interaction_id=facts.fresh.interaction_id,
        browser_hash=browser,
        request=None,
        created_at=facts.now,
        expires_at=challenge.expires_at,
        step=Step.ENROL,
        account_id=account_id,
        challenge=challenge,
    )


def move(interaction: Interaction, to: Step, **changes: Any) -> SaveInteraction:
    """The write that leads on. Notes of the step that is left (code, challenge, failures) die with it."""
    here = Step(interaction.step)
    if to not in MOVES[here]:
        raise PageProblem(OUT_OF_ORDER, 409)
    if to is not here:
        changes = {"otp_hash": None, "otp_expires_at": 0, "challenge": None, "failures": 0, **changes}
    return SaveInteraction(replace(interaction, step=to, **changes), expected_step=here)
