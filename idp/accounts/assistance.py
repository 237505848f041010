"""The rules of assisted filing: who may help whom, with what, and what each way of confirming is worth.

Pure; :mod:`idp.protocol.oidc_ciba.assisted` and :mod:`idp.protocol.assisted_confirmation` ask. Public services,
section 12: the citizen is a separate party; the helper sees one dossier, for minutes, and hides nothing from the log.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Mapping
from typing import Final

from idp.accounts.life import NotAllowed
from idp.domain.account import Account, AccountType
from idp.domain.assistance import Assistance, Paper, Way
from idp.domain.assurance import BY_ACR

ROLES: Final = frozenset({"counter_clerk", "post_clerk"})
"""Staff of a one-stop counter, and of the public post (nhân viên bưu chính công ích)."""
TWO_FACTORS: Final = 2
PAPERS_A_DAY: Final = 5
"""Paper consents that one helper may record within a day; whoever comes next confirms another way, or elsewhere."""
CODES_AN_HOUR: Final = 5
"""Codes sent to one citizen, whoever asks: a mailbox is not a bell to ring."""
TRIES: Final = 5
"""Of a code, for one request."""
CODE_DIGITS: Final = 6
FILING: Final = frozenset({"pid", "registry:dossiers"})
WITH_RELEASE: Final = FILING | {"registry:release"}
SCOPES: Final[Mapping[Way, frozenset[str]]] = {
    Way.APP: WITH_RELEASE,
    Way.CODE: WITH_RELEASE,
    Way.PAPER: FILING,
}
"""What a token may open, by how the citizen confirmed: on paper nothing is released to anybody."""
_PAPER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-zĐđ./\-]{2,39}")
_SCAN: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WITNESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:\-]{2,39}", re.ASCII)


def may_help(helper: Account, acr: str | None) -> None:
    """Raises NotAllowed unless this is a helper who signed in with two factors."""
    if helper.account_type is not AccountType.OFFICER or helper.role not in ROLES or not helper.agency:
        raise NotAllowed("not_for_this_role")
    level = BY_ACR.get(acr or "")
    if level is None or level.authentication_level < TWO_FACTORS:
        raise NotAllowed("two_factors")


def may_be_helped(assistance: Assistance, citizen: Account) -> None:
    """Raises NotAllowed when helper and citizen are one person: nobody confirms to themselves."""
    if citizen.account_id == assistance.helper:
        raise NotAllowed("own_account")


def narrowed(scopes: Collection[str], way: Way) -> tuple[str, ...]:
    """What of these scopes a token of this way may have."""
    return tuple(scope for scope in scopes if scope in SCOPES[way])


def one_dossier(details: Collection[Mapping[str, object]]) -> bool:
    """Whether details name exactly one dossier of one procedure."""
    return len(details) == 1 and all(isinstance(each.get("dossier"), str) for each in details)


def code_of(salt: bytes, request_id: str, account_id: str) -> str:
    """The code that confirms one request of one citizen; another request has another code. Nothing is stored."""
    digest = hmac.digest(salt, f"assisted-code|{request_id}|{account_id}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_code(given: str, wanted: str) -> bool:
    """Whether a code as somebody read it aloud is the one; spaces do not count."""
    return hmac.compare_digest("".join(given.split()).encode(), wanted.encode())


def paper_of(number: str, scan: str, witness: str) -> Paper:
    """The paper as recorded. Raises NotAllowed naming the part that cannot be one."""
    plain = number.strip()
    if not _PAPER.fullmatch(plain):
        raise NotAllowed("paper_number")
    if not _SCAN.fullmatch(scan):
        raise NotAllowed("paper_scan")
    if not _WITNESS.fullmatch(witness):
        raise NotAllowed("paper_witness")
    return Paper(plain, scan, witness)
