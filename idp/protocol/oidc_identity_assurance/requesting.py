"""Section 5: the elements of ``verified_claims`` in the ``claims`` parameter, judged for shape and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.client import Client
from idp.protocol.errors import refusal

MAX_ELEMENTS: Final = 5
MAX_CLAIMS: Final = 30
MAX_DEPTH: Final = 8
MAX_MEMBERS: Final = 30


def read(part: object, client: Client) -> tuple[Mapping[str, object], ...]:
    """The elements that this client may ask for; claims it is not registered for are left out.

    Raises ProtocolError invalid_request for whatever is no request for verified claims.
    """
    if part is None:
        return ()
    elements = part if isinstance(part, list) else [part]
    if not elements or len(elements) > MAX_ELEMENTS:
        raise refusal("invalid_request", "verified_claims: number of elements")
    kept = (element(each, client) for each in elements)
    return tuple(each for each in kept if each is not None)


def element(asked: object, client: Client) -> Mapping[str, object] | None:
    """One element; None when no claim of it may be asked for by this client."""
    if not isinstance(asked, dict) or not bounded(asked, MAX_DEPTH):
        raise refusal("invalid_request", "verified_claims: no object")
    verification, claims = asked.get("verification"), asked.get("claims")
    # 5.1: "verification" with "trust_framework" is how an element is asked for at all.
    if not isinstance(verification, dict) or "trust_framework" not in verification:
        raise refusal("invalid_request", "verified_claims: verification")
    if not constraint(verification["trust_framework"]):
        raise refusal("invalid_request", "verified_claims: trust_framework")
    # 5: "If the claims sub-element is empty ... the OP will abort the transaction with an invalid_request error".
    if not isinstance(claims, dict) or not claims or len(claims) > MAX_CLAIMS:
        raise refusal("invalid_request", "verified_claims: claims")
    if not all(constraint(wish) for wish in claims.values()):
        raise refusal("invalid_request", "verified_claims: claim")
    evidence = verification.get("evidence")
    if evidence is not None and not well_formed_evidence(evidence):
        raise refusal("invalid_request", "verified_claims: evidence")
    permitted = {name: wish for name, wish in claims.items() if name in client.verified_claims}
    # Core 5.5.1: claims that cannot be given are left out in silence.
    return {"verification": verification, "claims": permitted} if permitted else None


def well_formed_evidence(evidence: object) -> bool:
    """5.4: a list of objects, each of which says its type."""
    if not isinstance(evidence, list) or not evidence:
        return False
    return all(isinstance(each, dict) and constraint(each.get("type")) for each in evidence)


def constraint(wish: object) -> bool:
    """Core 5.5.1: null, or an object whose ``values`` are a list."""
    if wish is None:
        return True
    if not isinstance(wish, dict):
        return False
    values, age = wish.get("values"), wish.get("max_age")
    if values is not None and not (isinstance(values, list) and len(values) <= MAX_MEMBERS):
        return False
    return age is None or (isinstance(age, int) and not isinstance(age, bool) and age >= 0)


def bounded(value: object, depth: int) -> bool:
    """Whether a JSON value is no deeper and nowhere wider than any honest request."""
    if depth == 0:
        return not isinstance(value, dict | list)
    if isinstance(value, dict):
        return len(value) <= MAX_MEMBERS and all(bounded(each, depth - 1) for each in value.values())
    if isinstance(value, list):
        return len(value) <= MAX_MEMBERS and all(bounded(each, depth - 1) for each in value)
    return True
