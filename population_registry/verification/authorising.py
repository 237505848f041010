"""Whether a question may be asked at all: judged on caller, question and catalogue, before any look-up.

A refusal here is the same whoever the question is about, so it tells nothing about anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from population_registry.verification.asking import Caller, Context, Question, require_scope
from population_registry.verification.assurance import acr_satisfies
from population_registry.verification.catalogue import Catalogue, Procedure
from population_registry.verification.claims import CLAIMS, IDENTIFYING
from population_registry.verification.refusals import Refusal, RefusalCode, malformed, unknown_name
from population_registry.verification.rich_requests import require_within

SCOPE_VERIFY = "registry:verify"
SCOPE_RELEASE = "registry:release"
SCOPE_ACCESS_LOG = "registry:access-log"
SCOPE_SEARCH = "registry:search"
SCOPE_REVIEW = "registry:review"
MOST_NUMBERS = 50


@dataclass(frozen=True, slots=True)
class Permitted:
    """A question that may be asked: its procedure, its typed values, and what the caller is to the subject.

    `numbers` are all that must be loaded, the subject's first, none twice.
    """

    question: Question
    procedure: Procedure
    values: Mapping[str, Any]
    is_self: bool
    told: bool
    numbers: tuple[str, ...]

    @property
    def needs_past(self) -> bool:
        """Whether a claim asks for more than the record of today."""
        return any(CLAIMS[name].past for name in self.values)


def admit(caller: Caller, context: Context, catalogue: Catalogue, now: datetime) -> Procedure:
    """The procedure, when this caller may use it with this token.

    Raises:
        Refusal: `procedure-unknown`, `procedure-not-allowed`, `subject-token-required`,
            `insufficient-authentication`, `authorization-details-required` or `dossier-required`.
    """
    procedure = catalogue.get(context.procedure_code)
    if not procedure.admits(caller.client_id, caller.party_kind):
        raise procedure.refusal(RefusalCode.PROCEDURE_NOT_ALLOWED, "clients", member="procedure_code")
    if caller.person_number is None:
        if procedure.subject_token:
            raise procedure.refusal(
                RefusalCode.SUBJECT_TOKEN_REQUIRED, "subject_token", member="procedure_code"
            )
    elif (lacking := _lacking(caller, procedure, now)) is not None:
        raise procedure.refusal(
            RefusalCode.INSUFFICIENT_AUTHENTICATION,
            lacking,
            wanted=procedure.minimum_acr,
            max_age=procedure.maximum_age,
        )
    if caller.details is None and procedure.details_required:
        raise procedure.refusal(
            RefusalCode.AUTHORIZATION_DETAILS_REQUIRED, "details_required", member="procedure_code"
        )
    if context.dossier_code is None and procedure.dossier_required:
        raise procedure.refusal(RefusalCode.DOSSIER_REQUIRED, "dossier_required", member="dossier_code")
    return procedure


def _lacking(caller: Caller, procedure: Procedure, now: datetime) -> str | None:
    """The member of the entry that the sign-in does not meet; whoever lacks one is asked for both (RFC 9470, 3)."""
    if procedure.minimum_acr is not None and not acr_satisfies(caller.acr, procedure.minimum_acr):
        return "minimum_acr"
    if procedure.maximum_age is None:
        return None
    fresh = caller.auth_time is not None and now.timestamp() - caller.auth_time <= procedure.maximum_age
    return None if fresh else "maximum_age"


def _grant(name: str, caller: Caller, procedure: Procedure, *, is_self: bool) -> None:
    """Refuse a claim that the entry does not grant; values of a person who is not present need more than flags."""
    field = CLAIMS[name].discloses
    if field is None:
        if name not in procedure.verifiable:
            raise procedure.refusal(RefusalCode.CLAIM_NOT_ALLOWED, "verifiable", member=f"claims.{name}")
        return
    if field not in procedure.releasable:
        raise procedure.refusal(RefusalCode.FIELD_NOT_ALLOWED, "releasable", member=f"claims.{name}")
    if not is_self and field not in procedure.disclosed:
        raise procedure.refusal(RefusalCode.SUBJECT_TOKEN_REQUIRED, "disclosed", member=f"claims.{name}")
    require_scope(caller, SCOPE_RELEASE)


def permit(caller: Caller, question: Question, catalogue: Catalogue, now: datetime) -> Permitted:
    """The question with typed values, when all of it may be asked.

    Raises:
        Refusal: what `admit` raises, and `insufficient-scope`, `claim-not-allowed`,
            `outside-authorization-details`, `identifying-claims-missing`, `invalid-request`.
    """
    require_scope(caller, SCOPE_VERIFY)
    procedure = admit(caller, question.context, catalogue, now)
    for name in question.claims:
        if name not in CLAIMS:
            raise unknown_name("claims", name, procedure.verifiable)
    is_self = caller.person_number is not None and caller.person_number == question.number
    if procedure.subject_token and not is_self:
        raise procedure.refusal(RefusalCode.OTHER_SUBJECT, "subject_token", member="subject.number")
    for name in question.claims:
        _grant(name, caller, procedure, is_self=is_self)
    require_within(
        caller.details, question.context, {CLAIMS[name].discloses or name for name in question.claims}
    )
    if not is_self and any(name not in question.claims for name in IDENTIFYING):
        raise Refusal(RefusalCode.IDENTIFYING_CLAIMS_MISSING, member="claims")
    values = {name: CLAIMS[name].value(value) for name, value in question.claims.items()}
    told = is_self or procedure.tells_identity(caller.client_id, caller.party_kind)
    others = [number for name, value in values.items() for number in CLAIMS[name].others(value)]
    numbers = tuple(dict.fromkeys((question.number, *others)))
    if len(numbers) > MOST_NUMBERS:
        raise malformed("claims")
    return Permitted(question, procedure, values, is_self, told, numbers)
