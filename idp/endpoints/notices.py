"""What the provider sends on its own: logout tokens to clients, mails to people."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.writes import NotifyLogout, SendMail
from idp.endpoints.signing import enclosed
from idp.ports import PublishedKeys
from idp.protocol import oidc_encryption
from idp.protocol.oidc_backchannel_logout import logout_token
from keys import KeyPurpose, KeyRing
from web import Language, Pages

TRANSLATED: Final = "_key"
"""The end of a value's name: the value is a text id, said in the reader's language."""


def logout_signer(
    ring: KeyRing,
    policy: Policy,
    client_of: Callable[[str], Client | None],
    published_keys: PublishedKeys | None = None,
) -> Callable[[NotifyLogout], Awaitable[str]]:
    """Makes the logout token of a notice, signed and encrypted as the client's ID tokens (Back-Channel Logout 2.4).

    It raises ProtocolError when the client wants it encrypted and has no key for that now.
    """

    async def made(notice: NotifyLogout) -> str:
        client = client_of(notice.client_id)
        claims = logout_token(notice, now=int(time.time()), jti=secrets.token_urlsafe(16), policy=policy)
        if client is None:
            return ring.signer(KeyPurpose.LOGOUT_TOKEN).sign(claims)
        token = ring.signer(KeyPurpose.LOGOUT_TOKEN, client.id_token_signed_response_alg).sign(claims)
        # 2.6 (1): "If ID Token encryption was negotiated with the OP at Registration time and the Logout Token is not
        # encrypted, the RP SHOULD reject it."
        if client.id_token_encrypted_response_alg is None:
            return token
        keys = client.jwks
        if client.jwks_uri is not None:
            keys = await published_keys.document(client.jwks_uri, ()) if published_keys is not None else None
        envelope = oidc_encryption.envelope(
            client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc, keys
        )
        return enclosed(token, envelope)

    return made


def mail_renderer(pages: Pages) -> Callable[[SendMail], tuple[str, str]]:
    """Gives subject and text of a message in the reader's language."""

    def render(message: SendMail) -> tuple[str, str]:
        texts = pages.texts[Language.match([message.locale]) or Language.VI]
        values = {
            name.removesuffix(TRANSLATED): texts.t(value) if name.endswith(TRANSLATED) else value
            for name, value in message.values
        }
        key = f"mail.{message.template}"
        return texts.t(f"{key}.subject"), texts.t(f"{key}.body", **values)

    return render
