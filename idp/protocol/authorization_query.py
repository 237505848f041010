"""One visit of a browser as it was read, and the facts that it must be judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field

from idp.domain.needs import Needs
from idp.domain.values import frozen
from idp.protocol import rfc9126_pushed_requests
from idp.protocol.parameters import Parameters
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9101_request_objects.reading import Brought

SECRET_LENGTH = 43


@frozen
class AuthorizationQuery:
    """One visit of a browser.

    ``session_cookie`` and ``interaction_cookie`` are the cookies' texts, None when absent. ``hint`` holds the
    claims of an ``id_token_hint`` whose signature is ours, None when it is not; ``interaction_id`` is set at
    ``/continue``, where ``parameters`` are ignored and the stored request counts. ``brought`` is a request object.
    """

    parameters: Parameters
    session_cookie: str | None = field(default=None, repr=False)
    interaction_cookie: str | None = field(default=None, repr=False)
    hint: Mapping[str, object] | None = None
    interaction_id: str | None = None
    locale: str = "vi"
    brought: Brought | None = None

    @property
    def refers(self) -> bool:
        """Whether the request stands elsewhere than in its parameters: pushed before, or signed."""
        return "request" in self.parameters.first or "request_uri" in self.parameters.first

    @property
    def signed(self) -> Brought | None:
        """The request object, as the endpoint brought it or as it stands in the parameters."""
        return self.brought or reading.brought_by(self.parameters)

    @property
    def single_use(self) -> str | None:
        """What is spent when this request is completed: a pushed request, or a signed one with a ``jti``."""
        pushed_id, signed = rfc9126_pushed_requests.pushed_id(self.parameters), self.signed
        if pushed_id is not None or signed is None:
            return pushed_id
        return reading.single_use_name(
            self.parameters.get("client_id"), reading.unverified_claims(signed.text)
        )

    @property
    def needs(self) -> Needs:
        """The facts that this visit must be judged by."""
        session = digest(self.session_cookie)
        if self.interaction_id is not None:
            return Needs(
                session_digest=session,
                account_of_session=True,
                interaction_id=self.interaction_id,
                client_of_interaction=True,
                pushed_of_interaction=True,
            )
        client_id = self.parameters.get("client_id")
        if not self.refers:
            return Needs(client_id=client_id, session_digest=session, account_of_session=True)
        signed = self.signed
        return Needs(
            client_id=client_id,
            session_digest=session,
            account_of_session=True,
            pushed_id=self.single_use,
            client_keys_for=(signed.text,) if signed is not None and signed.text else None,
        )


def digest(secret: str | None) -> bytes | None:
    """What is stored instead of a cookie; None for whatever we never issued."""
    if secret is None or len(secret) != SECRET_LENGTH or not secret.isascii():
        return None
    return hashlib.sha256(secret.encode("ascii")).digest()
