"""The catalogue as it is published: a version that is a digest, and the claims of its signed form.

Whoever holds the signed catalogue can show later which rules were in force on a day, and that the registry said so.
`typ` is `service-catalogue+jwt` (RFC 8725 section 3.11), so it never passes as a receipt.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import orjson

from population_registry.verification.catalogue import Catalogue

CATALOGUE_TYPE: Final = "service-catalogue+jwt"
SIGNED_FOR: Final = timedelta(days=7)
SIGNED_EVERY: Final = timedelta(hours=1)
"""How often it is signed anew; a copy that was just fetched holds for nearly a week."""


def entries_of(catalogue: Catalogue) -> list[dict[str, object]]:
    """All entries as JSON, by code."""
    return [catalogue.procedures[code].document() for code in sorted(catalogue.procedures)]


def version_of(catalogue: Catalogue) -> str:
    """SHA-256, hexadecimal, of the entries as JSON with sorted members, no spaces, in UTF-8."""
    return hashlib.sha256(orjson.dumps(entries_of(catalogue), option=orjson.OPT_SORT_KEYS)).hexdigest()


def catalogue_document(catalogue: Catalogue, issuer: str) -> dict[str, object]:
    """The unsigned form."""
    return {"issuer": issuer, "version": version_of(catalogue), "procedures": entries_of(catalogue)}


def signed_at(now: datetime) -> int:
    """The moment (epoch seconds) that signatures made now carry: the full period, so that caches can share one."""
    period = int(SIGNED_EVERY.total_seconds())
    return int(now.timestamp()) // period * period


def catalogue_claims(catalogue: Catalogue, issuer: str, issued: int) -> dict[str, object]:
    """The claims to sign."""
    return {
        "iss": issuer,
        "iat": issued,
        "exp": issued + int(SIGNED_FOR.total_seconds()),
        "version": version_of(catalogue),
        "procedures": entries_of(catalogue),
    }
