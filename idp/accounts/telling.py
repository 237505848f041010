"""Who is told by mail, so that nothing of an account changes unnoticed."""

from idp.domain.account import Account, Credentials
from idp.domain.writes import SendMail, Write


def told(
    account: Account, credentials: Credentials | None, template: str, *values: tuple[str, str]
) -> tuple[Write, ...]:
    """A mail to the account's own address; nothing for an account without one."""
    if credentials is None or credentials.email is None:
        return ()
    return (SendMail(credentials.email, template, account.locale, values),)
