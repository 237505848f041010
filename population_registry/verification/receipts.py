"""The receipt: what a signed answer says to whoever checks it later, offline, with public keys alone.

It names the client, the dossier and the flags; the person only by a pseudonym made for that client; never a
personal number or a value. `typ` is `identity-receipt+jwt` (RFC 8725 section 3.11: one type per kind of
token).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from population_registry.verification.answers import Results
from population_registry.verification.asking import Caller, Context
from population_registry.verification.deciding import Decision, Stamp
from population_registry.verification.status_list import status_claim

RECEIPT_TYPE = "identity-receipt+jwt"


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return _instant(int(moment.timestamp()))


@lru_cache(maxsize=8)
def _instant(second: int) -> str:
    """The answers of one second share their text."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pseudonym_text(caller: Caller, decision: Decision, number: str) -> str:
    """What the keyed hash of the pseudonym is taken over: client and person.

    The current number of an established person, so that the pseudonym survives a question by an old number;
    otherwise the number asked.
    """
    current = number if decision.subject is None else str(decision.subject.person.number)
    return f"{caller.client_id}|{current}"


def receipt_claims(
    decision: Decision,
    *,
    issuer: str,
    caller: Caller,
    context: Context,
    stamp: Stamp,
    pseudonym: str,
    position: int,
) -> dict[str, object]:
    """The claims to sign; `position` is the receipt's place among all, for its status."""
    claims: dict[str, object] = {
        "iss": issuer,
        "aud": caller.client_id,
        "sub": pseudonym,
        "jti": str(stamp.receipt_id),
        "iat": int(stamp.now.timestamp()),
        "purpose": context.purpose,
        "procedure_code": context.procedure_code,
        "identity": decision.identity.value,
        "results": results_for_receipt(decision.results),
        "data_as_of": instant(stamp.now),
        "status": status_claim(issuer, position),
    }
    if context.dossier_code is not None:
        claims["dossier_code"] = context.dossier_code
    officer = context.officer or caller.actor
    if officer is not None:
        claims["officer"] = officer
    return claims


def results_for_receipt(results: Results) -> Mapping[str, object]:
    """Flags and reasons by claim."""
    return {name: result.for_receipt() for name, result in results.items()}


def answer_document(decision: Decision, *, context: Context, stamp: Stamp, receipt: str) -> dict[str, object]:
    """The JSON answer of a verification."""
    return {
        "verification_id": str(stamp.verification_id),
        "procedure_code": context.procedure_code,
        "dossier_code": context.dossier_code,
        "answered_at": instant(stamp.now),
        "data_as_of": instant(stamp.now),
        "identity": decision.identity.value,
        "results": {name: result.document() for name, result in decision.results.items()},
        "receipt": receipt,
    }
