"""One check for bound tokens: every pair of binding and presentation, decided once."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.proof import Confirmation, DpopProof, Presented, ProofRefused, Scheme, check_access, token_hash

TOKEN = "an-access-token"
ATH = token_hash(TOKEN)


def proof(jkt: str, ath: str | None = ATH) -> DpopProof:
    """A proof that was judged for TOKEN."""
    return DpopProof(jkt, "digest", None, 100, ath)


def accepted(cnf: object, scheme: Scheme, presented: Presented) -> bool:
    """Whether the token may be used so."""
    try:
        check_access(cnf, scheme, presented, TOKEN)
    except ProofRefused as refused:
        return refused.code not in {"invalid_token", "invalid_dpop_proof"}
    return True


BOUND = [
    None,
    {"jkt": "mine"},
    {"x5t#S256": "cert"},
    {"jkt": "mine", "x5t#S256": "cert"},
]
PRESENTED = [
    Presented(dpop, x5t) for dpop in (None, proof("mine"), proof("other")) for x5t in (None, "cert", "else")
]


@pytest.mark.parametrize(("cnf", "scheme", "presented"), list(product(BOUND, Scheme, PRESENTED)))
def test_a_token_opens_only_with_everything_it_is_bound_to(cnf, scheme, presented):
    """RFC 9449 sections 7.1 and 7.2, RFC 8705 section 3: the whole table of 72 cases."""
    jkt, x5t = (cnf or {}).get("jkt"), (cnf or {}).get("x5t#S256")
    expected = (
        (scheme is Scheme.DPOP) == (jkt is not None)
        and (jkt is None or (presented.dpop is not None and presented.dpop.jkt == jkt))
        and (x5t is None or presented.x5t_s256 == x5t)
    )
    assert accepted(cnf, scheme, presented) is expected


@pytest.mark.attack
def test_a_bound_token_is_no_bearer_token():
    """RFC 9449 section 7.2, esignet#2596: as Bearer it is refused, with or without a proof beside it."""
    for presented in (Presented(), Presented(proof("mine"))):
        assert not accepted({"jkt": "mine"}, Scheme.BEARER, presented)


@pytest.mark.attack
def test_one_binding_does_not_excuse_the_other():
    """esignet#2596: a required proof was skipped because another rule (mTLS) was satisfied."""
    both = {"jkt": "mine", "x5t#S256": "cert"}
    assert not accepted(both, Scheme.DPOP, Presented(None, "cert"))
    assert not accepted(both, Scheme.DPOP, Presented(proof("mine"), None))
    assert not accepted(both, Scheme.BEARER, Presented(proof("mine"), "cert"))
    assert accepted(both, Scheme.DPOP, Presented(proof("mine"), "cert"))


@pytest.mark.attack
@pytest.mark.parametrize(
    "cnf",
    [
        {},
        [],
        "mine",
        0,
        False,
        {"jkt": ""},
        {"jkt": None},
        {"jwk": {}},
        {"jkt": "mine", "kid": "x"},
        {"x5t#S256": 1},
    ],
)
def test_an_unreadable_binding_is_not_no_binding(cnf):
    """RFC 7800 section 3: what cannot be checked refuses; a falsy `cnf` must not open (fail closed)."""
    for scheme in Scheme:
        assert not accepted(cnf, scheme, Presented(proof("mine"), "cert"))


def test_what_is_issued_reads_back():
    """RFC 9449 section 6.1, RFC 8705 section 3.1: the claim and its value are one thing in two forms."""
    presented = Presented(proof("mine"), "cert")
    assert presented.confirmation.as_claim() == {"jkt": "mine", "x5t#S256": "cert"}
    assert Confirmation.from_claim(presented.confirmation.as_claim()) == presented.confirmation
    assert Presented().confirmation.as_claim() is None
    assert not Confirmation.from_claim(None)


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_any_claim_is_judged(cnf):
    """Any JSON in `cnf` is accepted or refused, never an error of its own."""
    accepted(cnf, Scheme.DPOP, Presented(proof("mine"), "cert"))
