"""RFC 6238: codes of an authenticator app."""

import pytest

from idp.authentication.totp import code_at, matching_step, spend_code
from tests.idp_authentication.conftest import NOW, SECRET


@pytest.mark.parametrize(
    ("at", "eight"),
    [(59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
     (2_000_000_000, "69279037"), (20_000_000_000, "65353130")],
)  # a table, read by rows  # fmt: skip
def test_published_vectors(at: int, eight: str) -> None:
    """The last six digits of RFC 6238 appendix B, SHA-1."""
    assert code_at(SECRET, at) == eight[-6:]


@pytest.mark.parametrize(
    ("drift", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_one_step_of_drift(drift: int, accepted: bool) -> None:
    """One step to either side passes, two do not (RFC 6238 section 5.2)."""
    assert (matching_step(SECRET, code_at(SECRET, NOW + drift), NOW) is not None) is accepted


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"])
def test_malformed_codes(code: str) -> None:
    """What is not six ASCII digits is wrong, and raises nothing."""
    assert matching_step(SECRET, code, NOW) is None


@pytest.mark.attack
def test_claim_outlives_acceptance() -> None:
    """A spent code stays spent for as long as any clock would still accept it (logto#9109)."""
    for drift in (-30, 0, 30):
        code = code_at(SECRET, NOW + drift)
        step = matching_step(SECRET, code, NOW)
        assert step is not None
        ends = spend_code("acc", code, step).expires_at
        accepted = [at for at in range(NOW, NOW + 200) if matching_step(SECRET, code, at) == step]
        assert max(accepted) < ends
