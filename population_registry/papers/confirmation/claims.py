"""The signed form of a CT07, as a JWT (RFC 7519) of a type of its own (RFC 8725 section 3.11).

It holds everything the paper says, so whoever has it checks it offline with the registry's public keys alone; its
`status` (Token Status List) says whether it was withdrawn. A change of the record withdraws nothing there: that is
asked of the check page, or known by the end of the year that every CT07 lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from population_registry.papers.confirmation.content import Listed
from population_registry.verification.asking import Caller, Context
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.status_list import status_claim

CONFIRMATION_TYPE: Final = "residence-confirmation+jwt"
STAMP_TYPE: Final = "residence-stamp+jwt"
FORM: Final = "CT07"
LEGAL_BASIS: Final = "Luật Cư trú 68/2020/QH14, Điều 17 khoản 2; Thông tư 116/2026/TT-BCA, mẫu CT07"
_LEAP_DAY: Final = (2, 29)


@dataclass(frozen=True, slots=True)
class Stamping:
    """What only the outside has: the moment, our own address, fresh identifiers, the place in the status list."""

    now: datetime
    issuer: str
    confirmation_id: UUID
    code: str
    position: int

    @property
    def today(self) -> date:
        """The calendar day in Việt Nam."""
        return self.now.astimezone(VIET_NAM).date()


def valid_until(now: datetime) -> datetime:
    """One year after the issue (Circular 66/2023; assumed of 116/2026 too); after a leap day on the 28th."""
    local = now.astimezone(VIET_NAM)
    if (local.month, local.day) == _LEAP_DAY:
        local = local.replace(day=28)
    return local.replace(year=local.year + 1)


def confirmation_claims(
    content: Listed, stamping: Stamping, caller: Caller, context: Context, authority: str
) -> dict[str, object]:
    """The claims to sign; `authority` is the body that confirms, as printed at the head of the form."""
    claims: dict[str, object] = {
        "iss": stamping.issuer,
        "jti": str(stamping.confirmation_id),
        "iat": int(stamping.now.timestamp()),
        "exp": int(valid_until(stamping.now).timestamp()),
        "form": FORM,
        "code": stamping.code,
        "authority": authority,
        "legal_basis": LEGAL_BASIS,
        "purpose": context.purpose,
        "procedure_code": context.procedure_code,
        "asked_through": caller.client_id,
        "synthetic": True,
        **content.sets,
        "digest": content.digest(),
        "status": status_claim(stamping.issuer, stamping.position),
    }
    if context.dossier_code is not None:
        claims["dossier_code"] = context.dossier_code
    return claims


def stamp_claims(claims: Mapping[str, object]) -> dict[str, object]:
    """What the QR code says by itself: whose paper, which home, until when, and the digest of all the rest."""
    identity, home = claims["identity"], claims["permanent"] or claims["temporary"] or claims["current"]
    assert isinstance(identity, Mapping)
    assert isinstance(home, Mapping)
    return {
        "iss": claims["iss"],
        "jti": claims["jti"],
        "iat": claims["iat"],
        "exp": claims["exp"],
        "number": identity["number"],
        "name": identity["name"],
        "home": f"{home['address']}, {home['commune']}",
        "digest": claims["digest"],
    }
