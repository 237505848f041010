"""What the provider sends on its own: logout tokens to clients, mails to people."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.writes import NotifyLogout, SendMail
from idp.protocol.oidc_backchannel_logout import logout_token
from keys import KeyPurpose, KeyRing
from web import Language, Pages


def logout_signer(
    ring: KeyRing, policy: Policy, client_of: Callable[[str], Client | None]
) -> Callable[[NotifyLogout], str]:
    """Signs the logout token of a notice, with the algorithm of the client's ID tokens (Back-Channel Logout 2.4)."""

    def sign(notice: NotifyLogout) -> str:
        client = client_of(notice.client_id)
        algorithm = client.id_token_signed_response_alg if client is not None else None
        claims = logout_token(notice, now=int(time.time()), jti=secrets.token_urlsafe(16), policy=policy)
        return ring.signer(KeyPurpose.LOGOUT_TOKEN, algorithm).sign(claims)

    return sign


def mail_renderer(pages: Pages) -> Callable[[SendMail], tuple[str, str]]:
    """Gives subject and text of a message in the reader's language."""

    def render(message: SendMail) -> tuple[str, str]:
        texts = pages.texts[Language.match([message.locale]) or Language.VI]
        values = dict(message.values)
        key = f"mail.{message.template}"
        return texts.t(f"{key}.subject"), texts.t(f"{key}.body", **values)

    return render
