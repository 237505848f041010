"""One condition of a procedure as it is laid out for the officer and the citizen: a flag and its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class CheckFlag(StrEnum):
    """How one condition of a procedure stands; `unknown` is for an officer to decide."""

    PASS = "pass"  # noqa: S105 -- a flag, no secret
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One condition with its language-free code and reasons."""

    code: str
    flag: CheckFlag
    reasons: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {"code": self.code, "flag": self.flag.value, "reasons": list(self.reasons)}


def from_rule(code: str, *, holds: bool, why: str) -> Check:
    """A check that the facts at hand decide."""
    return Check(code, CheckFlag.PASS) if holds else Check(code, CheckFlag.FAIL, (why,))


def open_check(code: str, *reasons: str) -> Check:
    """A check that only an officer can decide."""
    return Check(code, CheckFlag.UNKNOWN, reasons)


def overall(checks: Iterable[Check]) -> CheckFlag:
    """Fail when any check fails, unknown when any is open, otherwise pass."""
    flags = {check.flag for check in checks}
    for flag in (CheckFlag.FAIL, CheckFlag.UNKNOWN):
        if flag in flags:
            return flag
    return CheckFlag.PASS
