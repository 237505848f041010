"""What is queued to be sent; a retrying worker delivers it after the answer."""

from dataclasses import field

from idp.domain.values import frozen


@frozen
class NotifyLogout:
    """Queue one back-channel logout notice for the retrying worker (OIDC Back-Channel Logout section 2.5)."""

    client_id: str
    uri: str
    subject: str
    sid: str | None


@frozen
class SendMail:
    """Queue one message; ``template`` names the text, ``values`` fill it, ``to`` is an address."""

    to: str = field(repr=False)
    template: str
    locale: str
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)


MessageWrite = NotifyLogout | SendMail
