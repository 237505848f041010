"""The record that the population registry confirms of a person, and what of it was asked for.

OpenID Identity Assurance Schema Definition 1.0, section 5. ``trust_framework`` names the mock: nothing here proves a
real identity. Assurance levels are those of accounts (Decree 69/2024, Art. 7 and 9): level 2 was verified in person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from idp.domain.account import Account
from idp.protocol.oidc_identity_assurance.matching import chosen, meets

TRUST_FRAMEWORK: Final = "vn_mock_eid"
REGISTER: Final = "population_register"
CARD: Final = "idcard"
CHECK_METHOD: Final = "data"
ORGANIZATION: Final = "Cơ sở dữ liệu quốc gia về dân cư (mô phỏng)"
COUNTRY: Final = "VNM"
ISSUER: Final = {"name": "Bộ Công an (mô phỏng)", "country_code": COUNTRY}
VERIFIABLE: Final = frozenset(
    {
        *("name", "family_name", "middle_name", "given_name", "birthdate", "gender", "pid"),
        *("address", "address_permanent", "address_temporary", "address_current"),
    }
)
"""Claims that the registry vouches for; e-mail address and telephone number are only the person's own word."""
CARD_MEMBER: Final = "registry_card"
"""Member of an account's profile that holds the card as the registry knows it; never a claim by itself."""


def verified(
    elements: Iterable[Mapping[str, object]], account: Account, known: Mapping[str, object], now: int
) -> object | None:
    """The value of ``verified_claims`` for these requests: an object, a list of several, or None.

    ``known`` holds every claim that could be said of the person.
    """
    record = verification(account)
    if record is None:
        return None
    found = [each for each in (answered(wish, record, known, now) for wish in elements) if each is not None]
    return found[0] if len(found) == 1 else found or None


def answered(
    wish: Mapping[str, object], record: Mapping[str, object], known: Mapping[str, object], now: int
) -> dict[str, object] | None:
    """One element, or None."""
    asked, claims = wish["verification"], wish["claims"]
    if not isinstance(asked, Mapping) or not isinstance(claims, Mapping):
        return None
    # 5.7.2: "If the respective requirement was expressed for a Claim within verified_claims/verification, the whole
    # verified_claims element MUST be omitted."
    said = chosen(record, asked, now)
    if said is None:
        return None
    # 5.7.2: "Otherwise, the respective Claim MUST be omitted from the response."
    given = {
        name: known[name]
        for name, each in claims.items()
        if name in VERIFIABLE and known.get(name) is not None and meets(known[name], each, now)
    }
    # Schema 5: an element without claims says nothing.
    return {"verification": {**said, "trust_framework": TRUST_FRAMEWORK}, "claims": given} if given else None


def verification(account: Account) -> dict[str, object] | None:
    """How the registry's data came to be believed; None while the registry has said nothing of the person."""
    updated = account.profile.get("updated_at")
    if not isinstance(updated, int):
        return None
    at = datetime.fromtimestamp(updated, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    checked = [{"check_method": CHECK_METHOD, "organization": ORGANIZATION, "time": at}]
    evidence: list[object] = [
        {
            "type": "electronic_record",
            "check_details": checked,
            "record": {
                "type": REGISTER,
                "source": {"name": ORGANIZATION, "country_code": COUNTRY},
            },
        }
    ]
    card = account.profile.get(CARD_MEMBER)
    if isinstance(card, Mapping) and card.get("issued"):
        details = {
            "type": CARD,
            "issuer": ISSUER,
            "date_of_issuance": card["issued"],
            "date_of_expiry": card.get("expires"),
        }
        evidence.append(
            {
                "type": "document",
                "check_details": checked,
                "document_details": {name: value for name, value in details.items() if value is not None},
            }
        )
    return {
        "trust_framework": TRUST_FRAMEWORK,
        "assurance_level": f"level{account.level}",
        "time": at,
        "evidence": evidence,
    }
