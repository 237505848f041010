"""Check a registry receipt offline: an independent second implementation (python-jose) of what the registry signed.

Usage::

    checker = ReceiptChecker(jwks, issuer="https://registry.example", audience="residence-portal")
    claims = checker.check(receipt)

Only the registry's public keys are needed; nothing is asked of the registry.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jose import jws, jwt
from jose.exceptions import JOSEError

TYPE: Final = "identity-receipt+jwt"
ALGORITHMS: Final = ("ES256",)
MAX_BYTES: Final = 16_384
FORBIDDEN_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})


class ReceiptRefused(Exception):  # noqa: N818 - the checker's answer, not a mistake of the program
    """The receipt proves nothing; the message says why, ``code`` says it without language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReceiptChecker:
    """Checks receipts of one registry for one audience (None: any, as a court or auditor would)."""

    jwks: Mapping[str, object]
    issuer: str
    audience: str | None = None

    def check(self, receipt: str) -> Mapping[str, object]:
        """The signed claims. Raises :class:`ReceiptRefused` for whatever the registry did not sign like this."""
        if len(receipt) > MAX_BYTES:
            raise ReceiptRefused("too_long", "too long for a receipt")
        try:
            header = jws.get_unverified_header(receipt)
        except (JOSEError, RecursionError) as error:  # JSON nested beyond what the parser climbs
            raise ReceiptRefused("not_signed", "not a signed receipt") from error
        if header.get("typ") != TYPE:
            raise ReceiptRefused("other_type", "not of the receipts' type")
        if FORBIDDEN_HEADERS & header.keys():
            raise ReceiptRefused("own_key", "brings its own key or options")
        key = self._key(header.get("kid"))
        try:
            claims = jwt.decode(
                receipt,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self.issuer,
                audience=self.audience,
                options={"verify_aud": self.audience is not None, "require_iat": True},
            )
        except (JOSEError, RecursionError) as error:
            raise ReceiptRefused("not_fitting", "signature, issuer or audience do not fit") from error
        if "exp" in claims and not isinstance(claims["exp"], int):
            raise ReceiptRefused("malformed", "malformed times")
        return claims

    def _key(self, kid: object) -> dict[str, object]:
        keys = self.jwks.get("keys")
        for key in keys if isinstance(keys, list) else []:
            if isinstance(key, dict) and key.get("kid") == kid and key.get("kty") == "EC":
                return key
        raise ReceiptRefused("unknown_key", "signed with a key the registry does not publish")


def main() -> int:
    """``python -m clients.receipts RECEIPT_FILE JWKS_FILE ISSUER``: print the claims, or why not."""
    if len(sys.argv) != 4:  # noqa: PLR2004 - three operands and the program
        sys.stderr.write("usage: python -m clients.receipts RECEIPT_FILE JWKS_FILE ISSUER\n")
        return 2
    receipt, jwks = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    try:
        claims = ReceiptChecker(json.loads(jwks), issuer=sys.argv[3]).check(receipt.strip())
    except ReceiptRefused as refusal:
        sys.stderr.write(f"refused: {refusal}\n")
        return 1
    sys.stdout.write(json.dumps(claims, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
