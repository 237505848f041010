"""Pure: what a portal did about each fault, and the grade that follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from demo.test_drive.faults import LESSONS, Fault, Weight


class Conduct(StrEnum):
    """What a portal did when a fault met it."""

    REFUSED = "refused"
    ACCEPTED = "ACCEPTED"
    CRASHED = "crashed"  # nobody came in, but the person saw a server error
    HUNG = "hung"
    UNMET = "not met"  # the portal never came to the place of the fault


class Grade(StrEnum):
    """A: every fault is refused, or never met. Each further letter says what the worst finding was."""

    A = "A"
    B = "B"  # nobody comes in wrongly; some refusals are server errors, or never come
    C = "C"  # one of several walls is missing
    F = "F"  # somebody comes in who must not


OUTAGES = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
"""RFC 9110, sections 15.6.3 to 15.6.5: what a portal says when its provider is to blame."""
LOGIN_CSRF = "login_csrf"
"""Beyond the faults: the answer to one browser, followed by another (RFC 9700, section 4.7; attack 43)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one trial showed; ``status`` of the last answer, 0 when there was none."""

    trial: str
    conduct: Conduct
    status: int = 0

    @property
    def weight(self) -> Weight:
        """What letting it pass means."""
        return Weight.BREACH if self.trial == LOGIN_CSRF else LESSONS[Fault(self.trial)].weight

    @property
    def good(self) -> bool:
        """Refused, not met, or a harmless fault let pass (some checks are optional)."""
        harmless = self.conduct is Conduct.ACCEPTED and self.weight is Weight.COURTESY
        return self.conduct in {Conduct.REFUSED, Conduct.UNMET} or harmless


def conduct_of(*, signed_in: bool, status: int, brought: bool, honest_outage: bool) -> Conduct:
    """``honest_outage``: the fault is the provider's failure, so that 502 to 504 are the right words for it."""
    if signed_in:
        return Conduct.ACCEPTED if brought else Conduct.UNMET
    outage = honest_outage and status in OUTAGES
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Conduct.CRASHED if failed and not outage else Conduct.REFUSED


def grade(findings: Mapping[str, Finding]) -> Grade:
    """The worst finding decides."""
    accepted = {each.weight for each in findings.values() if each.conduct is Conduct.ACCEPTED}
    if Weight.BREACH in accepted:
        return Grade.F
    if Weight.WEAKNESS in accepted:
        return Grade.C
    return Grade.A if all(each.good for each in findings.values()) else Grade.B
