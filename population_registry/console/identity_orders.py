"""What the desk orders for a card, a number or a status: read from the form, and read again from a kept request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.console.dates import DATE_PARTS, day_of
from population_registry.domain import Document, PersonFacts
from population_registry.operators.errands import Errand
from population_registry.operators.four_eyes import FourEyesRequest
from population_registry.operators.identity_acts import ACTS, DECISION, NUMBER, IdentityAct, possible
from web import Form

LONGEST_ACT, LONGEST_DECISION, LONGEST_PROVINCE = 80, 120, 2
Typed = Mapping[str, Any]
NOTHING: Final[Typed] = {"act": "", "decision": "", "province": "", "since": {}}


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed about somebody within an errand, and makes sense for them."""

    person: PersonFacts
    errand: Errand
    typed: Typed

    @property
    def wanted(self) -> IdentityAct:
        """What is to be done."""
        return ACTS[self.typed["act"]]

    @property
    def inputs(self) -> dict[str, str]:
        """The procedure's inputs."""
        typed = self.typed
        return self.wanted.inputs(day_of(typed["since"]), typed["decision"], typed["province"])


def typed_of(form: Form) -> Typed:
    """What was typed, bounded."""
    since = {part: form.text(f"since_{part}")[:4] for part in DATE_PARTS}
    return {
        "act": form.text("act")[:LONGEST_ACT],
        "decision": " ".join(form.text("decision").split())[:LONGEST_DECISION],
        "province": form.text("province")[: LONGEST_PROVINCE + 1],
        "since": since,
    }


def wrong(typed: Typed, person: PersonFacts, provinces: Mapping[str, Any]) -> dict[str, str]:
    """Text keys by field; nothing when the order can be read."""
    errors: dict[str, str] = {}
    wanted = ACTS.get(typed["act"])
    if wanted is None or wanted not in offered(person):
        errors["act"] = "console.identity.choose"
    if (wanted is None or wanted.procedure != NUMBER) and day_of(typed["since"]) is None:
        errors["since"] = "console.identity.since.wrong"
    if typed["province"] and typed["province"] not in provinces:
        errors["province"] = "console.identity.province.wrong"
    elif typed["province"] and wanted is not None and not wanted.may_move:
        errors["province"] = "console.identity.province.other"
    if len(typed["decision"]) not in DECISION or not typed["decision"].isprintable():
        errors["decision"] = "console.identity.decision.wrong"
    return errors


def order_in(asked: FourEyesRequest) -> tuple[IdentityAct, dict[str, str]]:
    """What is to be done, and the procedure's inputs, from a request that was kept."""
    inputs: Any = asked.content["inputs"]
    return ACTS[str(asked.content["act"])], dict(inputs)


def card_of(person: PersonFacts) -> Document | None:
    """The card that was issued last."""
    return max(person.documents, key=lambda each: each.issued, default=None)


def offered(person: PersonFacts) -> tuple[IdentityAct, ...]:
    """What can be done now."""
    card = card_of(person)
    return possible(None if card is None else card.state, person.person.status)
