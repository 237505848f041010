"""What is still missing for the asked level (RFC 9470; domain facts: e-ID accounts, sections 6 and 7)."""

from collections.abc import Iterable
from enum import StrEnum

from idp.domain.account import Account, Credentials
from idp.domain.assurance import ATTAINABLE, Assurance, known, reached
from idp.domain.authorization import AuthorizationRequest

REACHABLE = ATTAINABLE
"""Highest authentication level of these pages: two factors. Levels 3 and 4 need a biometric factor."""


class Missing(StrEnum):
    """The one thing to do next."""

    NOTHING = "nothing"
    SECOND_FACTOR = "second_factor"
    ACCOUNT_LEVEL = "account_level"
    """Only enrolment in person helps (Decree 69/2024 Art. 10)."""
    METHOD = "method"
    """The account has no factor, or these pages no means, for the asked authentication level."""


def missing(
    request: AuthorizationRequest | None,
    required_level: int,
    account: Account,
    credentials: Credentials | None,
    amr: Iterable[str],
) -> Missing:
    """What stands between the proven methods and the asked level.

    Of several acceptable ``acr`` values the one that needs least is aimed at: reachable before unreachable.
    """
    proven = reached(account.level, amr)
    results = {_missing(level, proven, account, credentials) for level in _asked(request, required_level)}
    order = (Missing.NOTHING, Missing.SECOND_FACTOR, Missing.METHOD, Missing.ACCOUNT_LEVEL)
    return next(result for result in order if result in results)


def code_helps(
    request: AuthorizationRequest | None,
    required_level: int,
    account: Account,
    credentials: Credentials | None,
    amr: Iterable[str],
) -> bool:
    """Whether a one-time code would be enough; against phishing only a passkey is."""
    return missing(request, required_level, account, credentials, (*amr, "otp")) is Missing.NOTHING


def wants_passkey(request: AuthorizationRequest | None, account: Account) -> bool:
    """Whether a level is asked for that this account would reach by a (stronger) passkey."""
    return any(
        asked.resistance > account.resistance and asked.account_level <= account.level
        for asked in _asked(request, 1)
    )


def is_essential(request: AuthorizationRequest | None) -> bool:
    """True when the client can use no lower level (``claims.id_token.acr.essential``, OIDC Core 5.5.1.1)."""
    return request is not None and request.acr_is_essential


def _asked(request: AuthorizationRequest | None, required_level: int) -> tuple[Assurance, ...]:
    levels = known(request.wished_acr) if request is not None else ()
    return levels or (Assurance(1, required_level),)


def _missing(
    asked: Assurance, proven: Assurance, account: Account, credentials: Credentials | None
) -> Missing:
    if account.level < asked.account_level:
        return Missing.ACCOUNT_LEVEL
    if proven.satisfies(asked):
        return Missing.NOTHING
    if asked.authentication_level > REACHABLE or asked.resistance > account.resistance:
        return Missing.METHOD
    code = credentials is not None and credentials.has_second_factor
    return Missing.SECOND_FACTOR if code or account.resistance else Missing.METHOD
