"""What a token's authorization details allow: the one procedure, purpose and dossier that a person agreed to.

https://www.rfc-editor.org/rfc/rfc9396
Implemented: 2 (the type's meaning at this resource), 2.2 (`locations`), 9.1 (details in a JWT access token).
A token with details of our type opens nothing beside them, whatever its scopes say; the catalogue counts as before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from population_registry.verification.refusals import Refusal, RefusalCode

DETAIL_TYPE: Final = "vn_identity_verification"
_MOST: Final = 32


@dataclass(frozen=True, slots=True)
class Detail:
    """One agreement: `claims` may be verified or released, for `dossier` alone where it names one."""

    procedure: str
    purpose: str
    dossier: str | None
    claims: frozenset[str]


class Asked(Protocol):
    """Why somebody asks."""

    @property
    def purpose(self) -> str:
        """The purpose, as it goes into the access log."""
        ...

    @property
    def procedure_code(self) -> str:
        """The procedure."""
        ...

    @property
    def dossier_code(self) -> str | None:
        """The dossier, where there is one."""
        ...


def read_details(claim: object, here: str) -> tuple[Detail, ...] | None:
    """The details of our type for this resource; None when the token has none of our type at all.

    Raises:
        TypeError, KeyError: not what section 2 or the type allows; such a token allows nothing.
    """
    if claim is None:
        return None
    if not isinstance(claim, list) or len(claim) > _MOST:
        raise TypeError("authorization_details")
    # 2: details of other types are another resource's language.
    ours = [each for each in claim if _members(each)["type"] == DETAIL_TYPE]
    if not ours:
        return None
    # 2.2: "locations": where the detail counts; an agreement about another place opens nothing here.
    return tuple(_detail(each) for each in ours if here in _texts(each.get("locations", [here])))


def require_within(details: Sequence[Detail] | None, asked: Asked, names: Collection[str]) -> None:
    """Refuse what no detail covers: procedure, purpose and dossier as agreed, and no claim beside those agreed.

    Raises:
        Refusal: `outside-authorization-details`, at the member that the nearest detail lacks.
    """
    if details is None:
        return
    same = [each for each in details if each.procedure == asked.procedure_code]
    if not same:
        raise _outside("procedure_code")
    same = [each for each in same if each.purpose == asked.purpose]
    if not same:
        raise _outside("purpose")
    same = [each for each in same if each.dossier is None or each.dossier == asked.dossier_code]
    if not same:
        raise _outside("dossier_code")
    if not any(each.claims.issuperset(names) for each in same):
        raise _outside("claims")


def _outside(member: str) -> Refusal:
    return Refusal(RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS, member=member)


def _members(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        raise TypeError("authorization_details")
    return value


def _detail(value: Mapping[str, Any]) -> Detail:
    dossier = value.get("dossier")
    procedure, purpose = _texts([value["procedure"], value["purpose"]])
    if dossier is not None and not isinstance(dossier, str):
        raise TypeError("dossier")
    return Detail(procedure, purpose, dossier, frozenset(_texts(value["claims"])))


def _texts(values: object) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise TypeError("authorization_details")
    return values
