"""What the registry says of a form before it is filed: the conditions where it judges them, else who files.

Either way an identity verification with a signed receipt, kept with the dossier. A judgement older than fifteen
minutes is asked anew: facts and the day of receipt may have changed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from clients.portal_kit.portal import Portal, now, personal_number_of
from clients.portal_kit.procedure import Procedure
from clients.portal_kit.registry import Question
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.sessions import PortalSession

HOLDS: Final = timedelta(minutes=15)
MAY_BE_FILED: Final = frozenset({"pass", "unknown"})
"""A failed check is a refusal known beforehand; an open one is for an officer to decide."""
ASKED_BY_FILING: Final = frozenset({"owner_consent", "parent_consent"})
"""Consents are sub-tasks of the dossier: whoever must agree is asked when it is filed, and answers for themselves."""
_ORDER: Final = ("pass", "unknown", "fail")


async def judged(
    portal: Portal,
    session: PortalSession,
    procedure: Procedure,
    draft: Draft,
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    """The judgement of the inputs, with them and the moment it was made. Raises as the registry's client."""
    at = now()
    question = Question(procedure.purpose, procedure.procedure_code, draft.code)
    subject = {"number": personal_number_of(session)}
    # Who files is verified: a representative by what the provider says of them, with their own token.
    acting = session.acting is not None
    claims = {"name": str(session.signed_in.claims["name"]) if acting else draft.own["name"]["full"]}
    if draft.own.get("birth_date") and not acting:
        claims["birth_date"] = draft.own["birth_date"]
    token = await portal.own_access(session)
    if procedure.assesses and not acting:
        answer = await portal.registry.assess(
            token,
            question,
            received_at=at,
            inputs=procedure.finish(dict(inputs)),
            subject=subject,
            claims=claims,
        )
        checks = [each for each in answer["checks"] if each["code"] not in ASKED_BY_FILING]
    else:
        verification = await portal.registry.verify(token, question, subject, claims)
        answer, checks = {"verification": verification}, [identity_check(verification)]
    return {
        **answer,
        "checks": checks,
        "outcome": outcome_of(checks),
        "inputs": inputs,
        "assessed_at": at.isoformat(),
    }


def identity_check(verification: Mapping[str, Any]) -> dict[str, Any]:
    """The verification of whoever files as one check, in the words of the assessments."""
    flags = {str(result["flag"]) for result in verification["results"].values()}
    reasons = [code for result in verification["results"].values() for code in result.get("reasons", ())]
    if verification["identity"] != "established" or "mismatch" in flags:
        return {"code": "identity", "flag": "fail", "reasons": reasons or ["identity_not_established"]}
    flag = "pass" if flags <= {"match"} else "unknown"
    return {"code": "identity", "flag": flag, "reasons": reasons}


def outcome_of(checks: list[dict[str, Any]]) -> str:
    """The worst flag of all."""
    return max((str(each["flag"]) for each in checks), key=_ORDER.index, default="pass")


def is_stale(assessment: Mapping[str, Any]) -> bool:
    """Whether a judgement is too old to file on."""
    return now() - datetime.fromisoformat(assessment["assessed_at"]) > HOLDS


def amount_due(assessment: Mapping[str, Any], procedure: Procedure) -> int | None:
    """The fee or premium in đồng as the registry computed it, else as the procedure's page says."""
    if assessment.get("premium"):
        return int(assessment["premium"]["total"])
    fee = assessment.get("fee")
    return procedure.guide.fee if fee is None else int(fee.get("amount", 0))
