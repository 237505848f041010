"""Household health insurance (`BHYT hộ gia đình`): join or renew.

Sources: Law 25/2008 on Health Insurance Art. 12(5), 13 and 16 as amended, Decree 188/2025 Art. 6 and form
4. The members are registered together at one lawful dwelling, are not insured in another group, and are not
children under six (group TE). Deadline: 5 working days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from population_registry.dossiers.working_days import deadline
from population_registry.procedures.assessment import (
    NOT_ASKED,
    Assessment,
    Check,
    CheckFlag,
    from_claim,
    identity_check,
)
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.inputs import (
    read_count,
    read_day,
    read_inputs,
    read_optional,
)
from population_registry.procedures.premium import BASE_SALARIES, base_salary, monthly_premium, share
from population_registry.verification.answers import InsuranceDetail, Results
from population_registry.verification.refusals import malformed

CODE = "bhyt.household"
WORKING_DAYS = 5
MONTHS = (3, 6, 12)
WAITING = timedelta(days=30)
"""Cards of groups 4 and 5 start so long after full payment, the first time or after 90 days without cover."""
MOST_MEMBERS = 20
_LONGEST_FACILITY = 200


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the representative states: members in order of payment (their numbers, or only how many)."""

    members: tuple[str, ...]
    count: int
    months: int
    paid_on: date
    already_paid: int
    facility: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """One member's part of the premium, or the reason why the member is left out."""

    position: int
    why_not: str | None
    percent: int
    monthly: int
    valid_from: date
    valid_until: date
    start: str

    def document(self, months: int) -> dict[str, object]:
        """As JSON; amounts in đồng."""
        if self.why_not is not None:
            return {"position": self.position, "included": False, "reasons": [self.why_not]}
        return {
            "position": self.position,
            "included": True,
            "reasons": [],
            "share_percent": self.percent,
            "monthly": self.monthly,
            "amount": self.monthly * months,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "start": self.start,
        }


def read(raw: object) -> Inputs:
    """Inputs from JSON; give `members`, or `member_count` for a quotation that looks nobody up.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"months", "paid_on"},
        optional={"members", "member_count", "already_paid", "facility"},
    )
    members = read_optional(given, "members", list)
    if members is None:
        count = read_count(given, "member_count", range(1, MOST_MEMBERS + 1), 0)
    elif 1 <= len(members) <= MOST_MEMBERS and all(isinstance(each, str) for each in members):
        count = len(members)
    else:
        raise malformed("inputs.members")
    facility = read_optional(given, "facility", str)
    if facility is not None and len(facility) > _LONGEST_FACILITY:
        raise malformed("inputs.facility")
    paid_on = read_day(given, "paid_on")
    if paid_on < BASE_SALARIES[-1][0]:
        raise malformed("inputs.paid_on")
    return Inputs(
        members=tuple(members or ()),
        count=count,
        months=read_count(given, "months", MONTHS, 0),
        paid_on=paid_on,
        already_paid=read_count(given, "already_paid", range(MOST_MEMBERS + 1), 0),
        facility=facility,
    )


def claims(inputs: Inputs, _received_at: datetime) -> dict[str, Any]:
    """The statements the registry is asked to judge, beside name and birth date."""
    if not inputs.members:
        raise malformed("inputs.members")
    return {
        "alive": True,
        "household_members": list(inputs.members),
        "health_insurance": {
            "on": inputs.paid_on.isoformat(),
            "state": "active",
            "members": list(inputs.members),
        },
    }


def assess(
    inputs: Inputs, results: Results | None, received_at: datetime, *, established: bool
) -> Assessment:
    """Every condition with its flag, the last day of the term, and the premium of each member in order."""
    details = _details(inputs, results)
    shares = _shares(inputs, details, asked=results is not None)
    checks = [
        identity_check(results, established=established),
        from_claim("alive", results),
        from_claim("household_members", results),
        _members_check("not_otherwise_insured", "insured_in_other_group", shares, details, results),
        _members_check("age", "under_6_has_own_group", shares, details, results),
    ]
    payers = [each for each in shares if each.why_not is None]
    premium = {
        "total": sum(each.monthly for each in payers) * inputs.months,
        "currency": "VND",
        "months": inputs.months,
        "base_salary": base_salary(inputs.paid_on),
        "facility": inputs.facility,
        "members": [each.document(inputs.months) for each in shares],
        "legal_basis": "Nghị định 188/2025/NĐ-CP, Điều 6",
    }
    return Assessment(checks, deadline(received_at, WORKING_DAYS), "premium", premium)


def _details(inputs: Inputs, results: Results | None) -> Sequence[InsuranceDetail | None]:
    cover = None if results is None else results.get("health_insurance")
    if cover is None or len(cover.member_details) != inputs.count:
        return (None,) * inputs.count
    return cover.member_details


def _shares(inputs: Inputs, details: Sequence[InsuranceDetail | None], *, asked: bool) -> tuple[Share, ...]:
    """The order of payment counts only those who join: insured elsewhere, under six and strangers do not."""
    shares = []
    order = inputs.already_paid
    for position, detail in enumerate(details, start=1):
        why_not = _why_not(detail, asked=asked)
        order += why_not is None
        begins, start = card_start(detail, inputs.paid_on)
        shares.append(
            Share(
                position=position,
                why_not=why_not,
                percent=share(max(order, 1)),
                monthly=monthly_premium(max(order, 1), inputs.paid_on),
                valid_from=begins,
                valid_until=add_months(begins, inputs.months) - timedelta(days=1),
                start=start,
            )
        )
    return tuple(shares)


def _why_not(detail: InsuranceDetail | None, *, asked: bool) -> str | None:
    if detail is None:
        return "not_in_household" if asked else None
    if detail.age_group == "under_6":
        return "under_6_has_own_group"
    if detail.state == "active" and detail.group_family == "other":
        return "insured_in_other_group"
    return None


def card_start(detail: InsuranceDetail | None, paid_on: date) -> tuple[date, str]:
    """The first day of the card and the rule it follows (Law 25/2008 Art. 16(3), Decree 188/2025).

    Renewal: the day after the present end. Interrupted for less than 90 days: the day of payment. The first
    time, or after 90 days and more: after 30 days from full payment.
    """
    if detail is not None and detail.state == "active" and detail.covered_until is not None:
        return date.fromisoformat(detail.covered_until) + timedelta(days=1), "renewal"
    if detail is not None and detail.interruption in {"none", "under_90"}:
        return paid_on, "short_interruption"
    return paid_on + WAITING, "after_30_days"


def _members_check(
    code: str,
    why: str,
    shares: Sequence[Share],
    details: Sequence[InsuranceDetail | None],
    results: Results | None,
) -> Check:
    if results is None:
        return Check(code, CheckFlag.UNKNOWN, (NOT_ASKED,))
    if any(each.why_not == why for each in shares):
        return Check(code, CheckFlag.FAIL, (why,))
    if any(detail is None for detail in details):
        return Check(code, CheckFlag.UNKNOWN, ("member_not_known",))
    return Check(code, CheckFlag.PASS)
