"""Questions that several insurance procedures put, and how this portal numbers what it files."""

from collections.abc import Mapping
from typing import Any, Final

from clients.portal_kit.procedure import Answers
from clients.portal_kit.question import Kind, Question

AGENCY, SYSTEM = "G34.899.01", "34"
FACILITY: Final = Question(
    "facility",
    Kind.TEXT,
    "household.facility",
    hint="household.facility_hint",
    missing="form.facility_missing",
)


def facility_answers(own: Mapping[str, Any]) -> Answers:
    """The facility of the person's last card, where the registry said one."""
    cover = own.get("health_insurance") or {}
    return {"facility": [str(cover.get("facility") or "")]}
