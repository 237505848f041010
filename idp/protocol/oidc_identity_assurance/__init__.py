"""OpenID Connect for Identity Assurance 1.0 and OpenID Identity Assurance Schema Definition 1.0: ``verified_claims``.

https://openid.net/specs/openid-connect-4-identity-assurance-1_0.html
https://openid.net/specs/openid-ida-verified-claims-1_0.html
Implemented: 5 (requests through ``claims``: requesting.py), 5.5 to 5.7 (constraints honoured by omission:
matching.py), the record with trust framework, assurance level, time and evidence of type electronic_record and
document (answering.py), 8 (metadata, below).
Left out: aggregated and distributed claims, attachments (nothing is attached), vouches and electronic signatures.
Builds on no Authlib class: it knows nothing of this specification.
"""

from __future__ import annotations

from idp.protocol.offer import Offer
from idp.protocol.oidc_identity_assurance.answering import (
    CARD,
    CHECK_METHOD,
    REGISTER,
    TRUST_FRAMEWORK,
    VERIFIABLE,
    verified,
)
from idp.protocol.oidc_identity_assurance.requesting import read

__all__ = ["VERIFIABLE", "metadata", "read", "verified"]


def metadata(_offer: Offer) -> dict[str, object]:
    """Section 8: what verified claims are made of here."""
    return {
        "verified_claims_supported": True,
        "trust_frameworks_supported": [TRUST_FRAMEWORK],
        "claims_in_verified_claims_supported": sorted(VERIFIABLE),
        "evidence_supported": ["electronic_record", "document"],
        "electronic_records_supported": [REGISTER],
        "documents_supported": [CARD],
        "documents_check_methods_supported": [CHECK_METHOD],
    }
