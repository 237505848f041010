"""Check a registry receipt offline: an independent second implementation (python-jose) of what the registry signed.

Usage::

    checker = ReceiptChecker(jwks, issuer="https://registry.example", audience="residence-portal")
    claims = checker.check(receipt)

Only the registry's public keys are needed; nothing is asked of the registry. Whoever also wants to know whether
it was withdrawn meanwhile fetches the list that it names (``status.status_list.uri``) and gives it: ``lists=[…]``.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jose import jws, jwt
from jose.exceptions import JOSEError

from clients.status_list import SUPERSEDED, VALID, StatusList, StatusListBroken, read_status_list

TYPE: Final = "identity-receipt+jwt"
LIST_TYPE: Final = "statuslist+jwt"
ALGORITHMS: Final = ("ES256",)
MAX_BYTES: Final = 16_384
MAX_LIST_BYTES: Final = 1 << 20
FORBIDDEN_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})


class ReceiptRefused(Exception):
    """The receipt proves nothing; the message says why, ``code`` says it without language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReceiptChecker:
    """Checks receipts of one registry for one audience (None: any, as a court or auditor would).

    ``lists``: signed status lists; with any given, a receipt that has a status must be found valid in one of them.
    ``kind``: the ``typ`` of what is checked; papers (``clients.papers``) have others than receipts.
    """

    jwks: Mapping[str, object]
    issuer: str
    audience: str | None = None
    lists: Sequence[str] = ()
    clock: Callable[[], float] = time.time
    kind: str = TYPE

    def check(self, receipt: str) -> Mapping[str, object]:
        """The signed claims. Raises :class:`ReceiptRefused` for whatever the registry did not sign like this."""
        if len(receipt) > MAX_BYTES:
            raise ReceiptRefused("too_long", "too long for a receipt")
        claims = self._verified(receipt, self.kind, self.audience)
        if self.lists and self.status(claims) not in self._standing:
            raise ReceiptRefused("withdrawn", "the registry has withdrawn it")
        return claims

    @property
    def _standing(self) -> frozenset[int]:
        """Statuses with which it counts: a receipt has no later one that replaces it, the paper of an act may."""
        return frozenset({VALID}) if self.kind == TYPE else frozenset({VALID, SUPERSEDED})

    def _verified(self, token: str, kind: str, audience: str | None) -> Mapping[str, object]:
        try:
            header = jws.get_unverified_header(token)
        except (JOSEError, RecursionError) as error:  # JSON nested beyond what the parser climbs
            raise ReceiptRefused("not_signed", "not a signed receipt") from error
        if header.get("typ") != kind:
            raise ReceiptRefused("other_type", "not of the receipts' type")
        if FORBIDDEN_HEADERS & header.keys():
            raise ReceiptRefused("own_key", "brings its own key or options")
        key = self._key(header.get("kid"))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self.issuer,
                audience=audience,
                options={
                    "verify_aud": audience is not None,
                    "require_iat": True,
                    "verify_exp": kind != LIST_TYPE,  # its end is judged by who reads it
                },
            )
        except (JOSEError, RecursionError) as error:
            raise ReceiptRefused("not_fitting", "signature, issuer or audience do not fit") from error
        if "exp" in claims and not isinstance(claims["exp"], int):
            raise ReceiptRefused("malformed", "malformed times")
        return claims

    def status(self, claims: Mapping[str, object]) -> int:
        """What the lists say of checked claims: `VALID`, `INVALID` or `SUPERSEDED` (section 7.1).

        Raises :class:`ReceiptRefused` for what none of the lists speaks of.
        """
        status = claims.get("status")
        if status is None:
            return VALID  # signed before there were lists; nobody can take the claim out of a signed receipt
        try:
            address, index = _reference(status)
            found = {each.address: each for each in map(self._list, self.lists)}
            if address not in found:
                raise ReceiptRefused("list_missing", "none of the lists given is the one the receipt names")
            return found[address].status(index)
        except StatusListBroken as broken:
            raise ReceiptRefused("list_refused", str(broken)) from broken

    def _list(self, token: str) -> StatusList:
        if len(token) > MAX_LIST_BYTES:
            raise ReceiptRefused("list_refused", "too long for a status list")
        try:
            claims = self._verified(token, LIST_TYPE, None)
        except ReceiptRefused as refusal:
            raise ReceiptRefused("list_refused", f"the status list: {refusal}") from refusal
        return read_status_list(claims, self.clock())

    def _key(self, kid: object) -> dict[str, object]:
        keys = self.jwks.get("keys")
        for key in keys if isinstance(keys, list) else []:
            if isinstance(key, dict) and key.get("kid") == kid and key.get("kty") == "EC":
                return key
        raise ReceiptRefused("unknown_key", "signed with a key the registry does not publish")


def _reference(status: object) -> tuple[str, int]:
    match status:
        case {"status_list": {"uri": str(address), "idx": int(index)}} if not isinstance(index, bool):
            return address, index
    raise ReceiptRefused("malformed", "malformed status")


def main() -> int:
    """``python -m clients.receipts RECEIPT_FILE JWKS_FILE ISSUER [LIST_FILE …]``: print the claims, or why not."""
    try:
        given, keys_file, issuer, *list_files = sys.argv[1:]
    except ValueError:
        sys.stderr.write("usage: python -m clients.receipts RECEIPT_FILE JWKS_FILE ISSUER [LIST_FILE ...]\n")
        return 2
    try:
        receipt, jwks = (Path(name).read_text(encoding="utf-8") for name in (given, keys_file))
        lists = [Path(name).read_text(encoding="ascii", errors="replace").strip() for name in list_files]
        claims = ReceiptChecker(json.loads(jwks), issuer=issuer, lists=lists).check(receipt.strip())
    except ReceiptRefused as refusal:
        sys.stderr.write(f"refused: {refusal}\n")
        return 1
    except (OSError, ValueError) as failure:
        sys.stderr.write(f"cannot read: {failure}\n")
        return 2
    sys.stdout.write(json.dumps(claims, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
