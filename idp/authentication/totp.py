"""Codes of an authenticator app: TOTP (RFC 6238), SHA-1, 6 digits, 30 seconds, as every app speaks it.

One step of clock drift to either side is accepted (section 5.2), and each step only once per account: whoever reads a
code over somebody's shoulder comes too late.
"""

from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from idp.authentication.throttling import single_use
from idp.domain.needs import ReplayKey
from idp.domain.writes import SpendOnce

STEP: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1


def code_at(secret: bytes, now: int) -> str:
    """The code that an app with this secret shows at ``now`` (epoch seconds)."""
    return _totp(secret).generate(now).decode("ascii")


def matching_step(secret: bytes, code: str, now: int) -> int | None:
    """The time step whose code this is, among the current one and its neighbours; None when it is none of theirs.

    All three are compared, in constant time each, whichever matches.
    """
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    totp = _totp(secret)
    given, current, found = code.encode("ascii"), now // STEP, None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if step >= 0 and bytes_eq(totp.generate(step * STEP), given):
            found = step
    return found


def spent_code(account_id: str, code: str) -> ReplayKey:
    """What a used code of an account is remembered under."""
    return single_use("totp", account_id, code)


def spend_code(account_id: str, code: str, step: int) -> SpendOnce:
    """The claim of a code, kept until no clock drift could accept its step again (section 5.2)."""
    return SpendOnce(
        spent_code(account_id, code), expires_at=(step + 2 * DRIFT + 2) * STEP, issued_at=step * STEP
    )


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 - RFC 6238's own default
