"""What assessing a procedure yields: checks, a deadline, a fee or a premium."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from population_registry.dossiers.checks import Check, CheckFlag, from_rule, overall
from population_registry.dossiers.working_days import Deadline
from population_registry.verification.answers import ClaimResult, Flag, Results

__all__ = ["NOT_ASKED", "Assessment", "Check", "CheckFlag", "from_claim", "from_rule", "identity_check"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result; `charge` is the JSON of the fee or premium under the name `charge_name`."""

    checks: Sequence[Check]
    deadline: Deadline
    charge_name: str
    charge: Mapping[str, object]

    @property
    def outcome(self) -> CheckFlag:
        """Fail when any check fails, unknown when any is open, otherwise pass."""
        return overall(self.checks)

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "checks": [check.document() for check in self.checks],
            "outcome": self.outcome.value,
            "deadline": self.deadline.document(),
            self.charge_name: self.charge,
        }


_FROM_FLAG = {
    Flag.MATCH: CheckFlag.PASS,
    Flag.CLOSE: CheckFlag.UNKNOWN,
    Flag.MISMATCH: CheckFlag.FAIL,
    Flag.UNKNOWN: CheckFlag.UNKNOWN,
}
NOT_ASKED = "not_asked"
"""Reason of a check that needs the registry, in an assessment without a subject."""


def from_claim(code: str, results: Results | None, claim: str | None = None) -> Check:
    """A check that follows one claim; close and unknown are left to an officer."""
    result: ClaimResult | None = None if results is None else results.get(claim or code)
    if result is None:
        return Check(code, CheckFlag.UNKNOWN, (NOT_ASKED,))
    return Check(code, _FROM_FLAG[result.flag], result.reasons)


def identity_check(results: Results | None, *, established: bool) -> Check:
    """Name and birth date agree with a number that stands; a close one is for an officer (residence.md section 9)."""
    if results is None:
        return Check("identity", CheckFlag.UNKNOWN, (NOT_ASKED,))
    sent = [results[name] for name in ("name", "birth_date", "number") if name in results]
    reasons = tuple(dict.fromkeys(reason for result in sent for reason in result.reasons))
    if not established:
        return Check("identity", CheckFlag.FAIL, reasons or ("identity_not_established",))
    if any(result.flag is Flag.MISMATCH for result in sent):
        return Check("identity", CheckFlag.FAIL, reasons)
    doubtful = any(result.flag is not Flag.MATCH for result in sent)
    return Check("identity", CheckFlag.UNKNOWN if doubtful else CheckFlag.PASS, reasons)
