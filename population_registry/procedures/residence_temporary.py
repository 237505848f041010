"""1.004194, temporary residence registration (`đăng ký tạm trú`).

Sources: Law on Residence 68/2020 Art. 27 and 28, Decree 154/2024 as amended, Circular 116/2026/TT-BCA, fees
by Circular 75/2022/TT-BTC. Conditions: a lawful dwelling outside the commune of permanent residence, at
least 30 days, at most two years, the owner's consent where the applicant does not own the dwelling.
Deadline: 3 working days.
"""

from collections.abc import Mapping
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
    from_rule,
    identity_check,
)
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.inputs import read_choice, read_day, read_inputs, read_optional
from population_registry.procedures.residence_people import Stated, read_people
from population_registry.procedures.residence_places import read_holder
from population_registry.verification.answers import Flag, Results

CODE = "1.004194"
WORKING_DAYS = 3
SHORTEST = timedelta(days=30)
LONGEST_MONTHS = 24
FEES = {("online", False): 7_000, ("paper", False): 15_000, ("online", True): 5_000, ("paper", True): 10_000}
"""Đồng per person by channel and whether a list is filed (Circular 75/2022/TT-BTC)."""
TENURES = frozenset({"owned", "family", "rented", "borrowed", "lodging"})
CONSENTS = frozenset({"given", "asked", "refused", "expired", "none"})


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the applicant states; `dwelling` and `owner` go to the registry as they are."""

    commune: str
    begins: date
    ends: date
    tenure: str
    dwelling: Mapping[str, Any] | None
    owner: Mapping[str, Any] | None
    owner_consent: str
    contract_until: date | None
    channel: str
    in_list: bool
    fee_exempt: bool
    parent: Mapping[str, Any] | None
    parent_consent: str
    people: tuple[Stated, ...] = (Stated(),)
    household: str | None = None


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"commune", "from", "until"},
        optional={
            "tenure", "dwelling", "owner", "owner_consent", "contract_until", "channel", "in_list",
            "fee_exempt", "parent", "parent_consent", "people", "household",
        },
    )  # a table, read by rows  # fmt: skip
    return Inputs(
        commune=read_optional(given, "commune", str) or "",
        begins=read_day(given, "from"),
        ends=read_day(given, "until"),
        tenure=read_choice(given, "tenure", TENURES, "rented"),
        dwelling=read_optional(given, "dwelling", dict),
        owner=read_optional(given, "owner", dict),
        owner_consent=read_choice(given, "owner_consent", CONSENTS, "none"),
        contract_until=read_day(given, "contract_until") if given.get("contract_until") else None,
        channel=read_choice(given, "channel", frozenset({"online", "paper"}), "online"),
        in_list=bool(read_optional(given, "in_list", bool)),
        fee_exempt=bool(read_optional(given, "fee_exempt", bool)),
        parent=read_optional(given, "parent", dict),
        parent_consent=read_choice(given, "parent_consent", CONSENTS, "none"),
        people=read_people(given),
        household=read_holder(given, "household", "head"),
    )


def claims(inputs: Inputs, _received_at: datetime) -> dict[str, Any]:
    """The statements the registry is asked to judge, beside name and birth date."""
    wanted: dict[str, Any] = {
        "alive": True,
        "nationality_vn": True,
        "adult": True,
        "outside_commune": inputs.commune,
    }
    if inputs.dwelling is not None:
        wanted["dwelling_owner"] = {**inputs.dwelling, **_owner(inputs)}
    if inputs.parent is not None:
        wanted["child_of"] = dict(inputs.parent)
    return wanted


def assess(
    inputs: Inputs, results: Results | None, received_at: datetime, *, established: bool
) -> Assessment:
    """Every condition with its flag, the last day of the term, the fee in đồng."""
    checks = [
        identity_check(results, established=established),
        from_claim("alive", results),
        from_claim("nationality_vn", results),
        from_claim("outside_commune", results),
        from_rule("term_minimum", holds=inputs.ends - inputs.begins >= SHORTEST, why="shorter_than_30_days"),
        from_rule(
            "term_maximum",
            holds=inputs.ends <= add_months(inputs.begins, LONGEST_MONTHS),
            why="longer_than_2_years",
        ),
    ]
    if inputs.contract_until is not None:
        checks.append(
            from_rule(
                "term_within_contract", holds=inputs.ends <= inputs.contract_until, why="after_contract"
            )
        )
    checks.append(_owner_check(inputs, results))
    if inputs.tenure != "owned":
        checks.append(_consent("owner_consent", inputs.owner_consent))
    checks += _representative(inputs, results)
    amount = 0 if inputs.fee_exempt else FEES[inputs.channel, inputs.in_list]
    fee = {
        "amount": amount,
        "currency": "VND",
        "channel": inputs.channel,
        "exempt": inputs.fee_exempt,
        "legal_basis": "Thông tư 75/2022/TT-BTC",
    }
    return Assessment(checks, deadline(received_at, WORKING_DAYS), "fee", fee)


def _owner(inputs: Inputs) -> Mapping[str, Any]:
    return {} if inputs.tenure == "owned" or inputs.owner is None else inputs.owner


def _owner_check(inputs: Inputs, results: Results | None) -> Check:
    if inputs.dwelling is None:
        return Check("dwelling_owner", CheckFlag.UNKNOWN, ("dwelling_not_given",))
    if inputs.tenure != "owned" and inputs.owner is None:
        return Check("dwelling_owner", CheckFlag.UNKNOWN, ("owner_not_given",))
    return from_claim("dwelling_owner", results)


def _consent(code: str, state: str) -> Check:
    """Consent is a sub-task of its own; asked is open, refused and expired fail (residence.md section 11)."""
    if state == "given":
        return Check(code, CheckFlag.PASS)
    flag = CheckFlag.UNKNOWN if state == "asked" else CheckFlag.FAIL
    return Check(code, flag, (f"consent_{state}",))


def _representative(inputs: Inputs, results: Results | None) -> list[Check]:
    """A minor needs a parent who is one and consents; an adult needs nobody."""
    if results is None:
        return [Check("representative", CheckFlag.UNKNOWN, (NOT_ASKED,))]
    adult = results.get("adult")
    if adult is None or adult.flag is Flag.UNKNOWN:
        return [Check("representative", CheckFlag.UNKNOWN, () if adult is None else adult.reasons)]
    if adult.flag is Flag.MATCH:
        return []
    if inputs.parent is None:
        return [Check("representative", CheckFlag.FAIL, ("minor_without_parent",))]
    return [
        from_claim("representative", results, "child_of"),
        _consent("parent_consent", inputs.parent_consent),
    ]
