"""The rules of assisted filing as pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import assistance
from idp.accounts.life import NotAllowed
from idp.domain.account import Account, AccountStatus, AccountType
from idp.domain.assistance import Assistance, Way
from idp.domain.assurance import SUPPORTED

HELPER = Account(
    *("helper", 2, AccountStatus.ACTIVE, AccountType.OFFICER), role="counter_clerk", agency="Một cửa"
)
HELPED = Assistance(Way.CODE, "helper", "Trần Quầy", "Một cửa", "", {}, (), 0)


@given(
    kind=st.sampled_from(list(AccountType)),
    role=st.sampled_from(["", "counter_clerk", "post_clerk", "commune_officer", "auditor"]),
    agency=st.sampled_from(["", "Bưu cục Cầu Giấy"]),
    acr=st.sampled_from([None, "", "phr", *(each.acr for each in SUPPORTED)]),
)
def test_helpers_are_staff_with_two_factors(
    kind: AccountType, role: str, agency: str, acr: str | None
) -> None:
    """Public services 12: an own account of that kind and role, of an organisation, and Art. 20 level 2 or more."""
    account = Account("x", 2, AccountStatus.ACTIVE, kind, role=role, agency=agency)
    good = kind is AccountType.OFFICER and role in assistance.ROLES and bool(agency)
    good = good and acr is not None and acr[-2:] in {"a2", "a3", "a4"}
    if good:
        assistance.may_help(account, acr)
    else:
        with pytest.raises(NotAllowed):
            assistance.may_help(account, acr)


def test_nobody_helps_themselves() -> None:
    """Two parties are two people."""
    assistance.may_be_helped(HELPED, Account("citizen", 1, AccountStatus.ACTIVE))
    with pytest.raises(NotAllowed, match="own_account"):
        assistance.may_be_helped(HELPED, HELPER)


@given(
    st.sets(st.sampled_from(["openid", "offline_access", "pid", "delegation", "registry:verify", "profile"]))
)
def test_no_way_opens_more_than_filing_asks(scopes: set[str]) -> None:
    """Nobody is signed in by a helper, nothing is refreshed or passed on, and paper opens least."""
    for way in Way:
        kept = set(assistance.narrowed(scopes, way))
        assert kept <= {"pid", "registry:dossiers", "registry:release"} & scopes | {"pid"} & scopes
    assert assistance.SCOPES[Way.PAPER] < assistance.SCOPES[Way.CODE]


@given(st.text(max_size=22), st.text(max_size=22), st.binary(min_size=32, max_size=32))
def test_a_code_belongs_to_one_request_of_one_person(request: str, person: str, salt: bytes) -> None:
    """Six digits, the same whenever it is asked for; spaces of somebody who reads aloud do not count."""
    code = assistance.code_of(salt, request, person)
    assert len(code) == 6
    assert code.isdecimal()
    assert assistance.is_code(f" {code[:3]} {code[3:]}\n", code)
    assert not assistance.is_code(code[:5], code)
    assert not assistance.is_code("", code)


@given(st.text(max_size=60), st.text(max_size=70), st.text(max_size=60))
def test_papers_are_read_strictly(number: str, scan: str, witness: str) -> None:
    """Whatever is typed, what is kept is bounded and printable, and the hash is one."""
    try:
        paper = assistance.paper_of(number, scan, witness)
    except NotAllowed:
        return
    assert len(paper.number) <= 40
    assert len(paper.scan) == 64
    assert paper.witness.isascii()


def test_one_dossier_and_no_other_shape() -> None:
    """RFC 9396: exactly one detail, and it names its dossier."""
    assert assistance.one_dossier([{"dossier": "H1"}])
    for wrong in ([], [{}], [{"dossier": 1}], [{"dossier": "a"}, {"dossier": "b"}]):
        assert not assistance.one_dossier(wrong)
