"""What a phone signs when somebody agrees: the statement, and whether what came says exactly that. Pure.

Decree 154/2024 as amended by 58/2026 Art. 4(5) (consent by signature). The e-ID app signs the statement with the
phone's own key; the identity provider, which knows whose phone it is and saw its PIN, attests it (``typ``
``eid-consent+jwt``). A portal that holds somebody's token can make neither, so a consent with both is that person's
own act; the attestation stays with the consent and is checked again by anybody who has the provider's published keys.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from keys import KeyRefused, PublicKeySet, VerificationFailed
from population_registry.dossiers.consents import ConsentState
from population_registry.dossiers.dossier import Dossier

TYP: Final = "eid-consent+jwt"
ACT_TYP: Final = "eid-act+jwt"
ALGORITHMS: Final = ("ES256",)
LONGEST: Final = 12_288
FRESH: Final = 600
"""Seconds between the phone's signature and its arrival here (*ours*)."""
CLOCKS_DIFFER: Final = 30
_TERM: Final = ("from", "until")


def statement_of(
    dossier: Dossier, person_id: int, roles: Collection[str] | None, now: datetime
) -> dict[str, object]:
    """What is agreed to: dossier, procedure, place, term, and in which capacity since when; no person is named.

    When each was asked stands in it, so that what was signed answers this question and not one asked anew later.
    """
    open_now = [
        consent.at(now)
        for consent in dossier.consents
        if consent.need.person_id == person_id and (roles is None or consent.need.role.value in roles)
    ]
    inputs = dossier.inputs
    return {
        "dossier": dossier.code,
        "procedure": dossier.procedure_code,
        "given": True,
        "place": _place(inputs.get("dwelling")),
        "term": [str(inputs[name]) for name in _TERM if name in inputs],
        "roles": {
            each.need.role.value: each.asked_at.astimezone(UTC).isoformat()
            for each in open_now
            if each.state is ConsentState.ASKED
        },
    }


def says(
    claims: Mapping[str, Any], statement: Mapping[str, object], *, number: str | None, now: datetime
) -> bool:
    """Whether an attestation of the provider for us is of this person, of now, and of exactly this statement."""
    made = claims.get("iat")
    moment = now.timestamp()
    if type(made) is not int or not moment - FRESH <= made <= moment + CLOCKS_DIFFER:
        return False
    if number is None or claims.get("number") != number or not statement["roles"]:
        return False
    return claims.get("statement") == statement and _phone_says(claims, statement)


def _phone_says(claims: Mapping[str, Any], statement: Mapping[str, object]) -> bool:
    """The phone's own signature, under the key that the provider vouches for."""
    try:
        keys = PublicKeySet.from_jwks({"keys": [claims.get("jwk")]})
        signed = keys.verify(str(claims.get("act")), algorithms=ALGORITHMS, typ=ACT_TYP, max_bytes=LONGEST)
    except (VerificationFailed, KeyRefused):
        return False
    return signed.get("act") == "consent" and signed.get("context") == statement


def _place(dwelling: object) -> str:
    if not isinstance(dwelling, Mapping):
        return ""
    return ", ".join(str(dwelling[name]) for name in ("address", "commune") if name in dwelling)
