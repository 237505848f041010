"""What an answer is made of: flags, reasons, and whether the person asked about was established."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from population_registry.matching import Comparison, Grade


class Flag(StrEnum):
    """How one claim stands; the only thing about a value that leaves by verification."""

    MATCH = "match"
    CLOSE = "close"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Reasons that are not about writing (those are `matching.Reason`); public and language-free."""

    IDENTITY_NOT_ESTABLISHED = "identity_not_established"
    BUDGET_EXHAUSTED = "budget_exhausted"
    NOT_RECORDED = "not_recorded"
    NOT_REGISTERED = "not_registered"
    INSIDE_COMMUNE = "inside_commune"
    UNIT_SPLIT = "unit_split"
    DECLARED_MISSING = "declared_missing"
    NOT_IN_HOUSEHOLD = "not_in_household"
    NOT_OWNER = "not_owner"
    NOT_KIN = "not_kin"
    NOT_HEAD = "not_head"
    AS_PARENT = "as_parent"
    AS_GUARDIAN = "as_guardian"
    AS_CUSTODIAN = "as_custodian"
    CUSTODY_OF_OTHER = "custody_of_other"
    AUTHORITY_ENDED = "authority_ended"
    OTHER_NUMBER = "other_number"
    OTHER_STATE = "other_state"
    NUMBER_REPLACED = "number_replaced"
    NUMBER_CANCELLED = "number_cancelled"
    CARD_UNKNOWN = "card_unknown"
    CARD_EXPIRED = "card_expired"
    CARD_VOID = "card_void"
    CARD_LOST = "card_lost"
    CARD_WITHDRAWN = "card_withdrawn"
    CARD_HELD = "card_held"
    HOLDER_NOT_ACTIVE = "holder_not_active"


class Identity(StrEnum):
    """Whether the number and the identifying claims lead to one person whom the caller may ask about."""

    ESTABLISHED = "established"
    NOT_ESTABLISHED = "not_established"
    NO_SUCH_PERSON = "no_such_person"
    """Said only to a caller with the right to know whether a person exists."""


class Detail(Protocol):
    """Facts beside a flag, where the catalogue grants them."""

    field: ClassVar[str | None]
    """The field whose values they give out, as a release names it; None for coarse facts."""

    def document(self) -> dict[str, object]:
        """As JSON."""
        ...


@dataclass(frozen=True, slots=True)
class InsuranceDetail:
    """Coarse insurance facts, for procedures whose catalogue entry grants them (insurance.md section 3)."""

    field: ClassVar[str | None] = None

    state: str
    interruption: str
    group_family: str
    covered_until: str | None
    age_group: str

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "state": self.state,
            "interruption": self.interruption,
            "group_family": self.group_family,
            "covered_until": self.covered_until,
            "age_group": self.age_group,
        }


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim's flag with its reasons; `members` has one flag per number asked, in the order asked."""

    flag: Flag
    reasons: tuple[str, ...] = ()
    members: tuple[Flag, ...] = ()
    detail: Detail | None = None
    member_details: tuple[InsuranceDetail | None, ...] = ()

    def document(self) -> dict[str, object]:
        """As JSON in an answer."""
        found = self.for_receipt()
        if self.detail is not None:
            found["detail"] = self.detail.document()
        if self.member_details:
            found["member_details"] = [None if d is None else d.document() for d in self.member_details]
        return found

    def for_receipt(self) -> dict[str, object]:
        """As JSON in a receipt: flags and reasons only, nothing that could be a value."""
        found: dict[str, object] = {"flag": self.flag.value, "reasons": list(self.reasons)}
        if self.members:
            found["members"] = [flag.value for flag in self.members]
        return found


Results = Mapping[str, ClaimResult]

MATCH = ClaimResult(Flag.MATCH)
_FLAGS = {
    Grade.EXACT: Flag.MATCH,
    Grade.EQUAL_AFTER_NORMALISATION: Flag.MATCH,
    Grade.NEAR: Flag.CLOSE,
    Grade.DIFFERENT: Flag.MISMATCH,
}


def from_comparison(comparison: Comparison) -> ClaimResult:
    """Exact and equal are a match, near is close, different is a mismatch."""
    return ClaimResult(_FLAGS[comparison.grade], tuple(reason.value for reason in comparison.reasons))


def mismatch(why: Why) -> ClaimResult:
    """The statement asked is wrong."""
    return ClaimResult(Flag.MISMATCH, (why.value,))


def unknown(why: Why, members: int = 0) -> ClaimResult:
    """Nothing is said about the statement asked, nor about its `members`."""
    return ClaimResult(Flag.UNKNOWN, (why.value,), (Flag.UNKNOWN,) * members)


def statement(*, asked: bool, found: bool, why: Why = Why.OTHER_STATE) -> ClaimResult:
    """Whether a yes-or-no statement is right."""
    return MATCH if asked is found else mismatch(why)
