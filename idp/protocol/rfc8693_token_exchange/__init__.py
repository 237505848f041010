"""OAuth 2.0 Token Exchange.

https://www.rfc-editor.org/rfc/rfc8693
Implemented: 2.1 (request), 2.2.1 (answer), 2.2.2 (errors), 3 (token types: access tokens of ours), 4.1 (act, nested),
4.4 (may_act), 5 (what is bound stays bound).
Left out: 1.1 impersonation (always refused: who acts is named), refresh tokens in the answer, tokens of others, ID
tokens as subject or actor (they prove a sign-in, name no living grant, and so cannot be taken back).
Builds on Authlib's grant classes; TokenExchangeGrant exists in none of its releases that we may use.

``presented.py`` judges the two tokens, ``delegation.py`` who acts for whom, ``representation.py`` parents and
guardians, ``grant.py`` issues. Decisions 0016 and 0020 say who may exchange what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Final

from idp.domain.needs import Needs
from idp.domain.representation import Authority
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.protocol.parameters import Parameters
from idp.protocol.rfc9068_jwt_access_tokens import grant_id_of

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind
DEPENDANT: Final = "urn:example:vn:params:oauth:token-type:dependant"
"""3: token types "MAY be used" beyond those listed. Ours names somebody by the pseudonym that this client knows; it
proves nothing, so whoever acts must be who the registry says is parent or guardian (``representation.py``)."""
JWT: Final = "urn:ietf:params:oauth:token-type:jwt"


@frozen
class ShownToken:
    """A token in a request: ``handle`` when it is opaque; ``jwt`` the claims of one whose signature is ours."""

    handle: Handle | None = field(default=None, repr=False)
    jwt: Mapping[str, object] | None = field(default=None, repr=False)

    @property
    def grant_id(self) -> str | None:
        """The grant that the token names."""
        if self.handle is not None:
            return self.handle.grant_id
        return grant_id_of(self.jwt.get("jti")) if self.jwt is not None else None

    @property
    def digest(self) -> bytes | None:
        """The stored hash of an opaque token."""
        return self.handle.digest if self.handle is not None else None


@frozen
class Exchanged:
    """The two tokens of an exchange as they were read."""

    subject: ShownToken
    actor: ShownToken
    dependant: str | None = field(default=None, repr=False)
    """The pseudonym of somebody whom the actor represents; then there is no subject token of a person."""
    authority: Authority | None = None
    """What the registry said of it, once it was asked."""

    @property
    def needs(self) -> Needs:
        """The facts beside: the actor's grant, token and account."""
        grant_id = self.actor.grant_id
        return Needs(
            grant_id=grant_id, access_digest=self.actor.digest, account_of_grant=grant_id is not None
        )


def read(
    parameters: Parameters, verified: Callable[[str | None], dict[str, object] | None]
) -> Exchanged | None:
    """The tokens of an exchange; None for every other grant. ``verified`` gives the claims of a JWT of ours."""
    if parameters.get("grant_type") != GRANT_TYPE:
        return None
    actor = shown(parameters.get("actor_token"), verified)
    if parameters.get("subject_token_type") == DEPENDANT:
        return Exchanged(ShownToken(), actor, parameters.get("subject_token") or "")
    return Exchanged(shown(parameters.get("subject_token"), verified), actor)


def shown(text: str | None, verified: Callable[[str | None], dict[str, object] | None]) -> ShownToken:
    """One token of the request."""
    handle = Handle.parse(text)
    return ShownToken(handle, verified(text) if handle is None and text else None)
