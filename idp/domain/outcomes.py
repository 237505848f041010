"""What a decision says: values that endpoints and pages turn into bytes. Nothing here is signed or rendered.

A refusal is an outcome too: :class:`idp.domain.errors.ProtocolError` for a client and
:class:`idp.domain.errors.PageProblem` for a person are returned, not raised, wherever writes go with them.
"""

from collections.abc import Mapping
from dataclasses import field

from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.values import frozen
from keys import Recipient


@frozen
class Envelope:
    """Encrypt what is signed to this public key of its reader (RFC 7516); ``enc`` encrypts the content."""

    recipient: Recipient
    enc: str


@frozen
class OpaqueAccess:
    """An opaque access token, ready for the wire."""

    token: str = field(repr=False)


@frozen
class JwtAccessClaims:
    """Claims of a JWT access token (RFC 9068), to be signed with ``typ`` at+jwt."""

    claims: Mapping[str, object] = field(repr=False)


@frozen
class IdTokenClaims:
    """Claims of an ID token without ``at_hash``, which is known only after the access token has its text."""

    algorithm: str
    claims: Mapping[str, object] = field(repr=False)
    envelope: Envelope | None = None


@frozen
class AnswerJwt:
    """An answer that goes as a JWT: signed with ``algorithm`` (None: not signed), then put into the envelope."""

    claims: Mapping[str, object] = field(repr=False)
    algorithm: str | None = None
    envelope: Envelope | None = None


@frozen
class FrontChannelTokens:
    """What an answer carries beside a code in the implicit and hybrid flows (OIDC Core 3.2.2.5 and 3.3.2.5).

    ``id_token`` holds ``c_hash`` already; ``expires_in`` in seconds, of the access token.
    """

    access: OpaqueAccess | JwtAccessClaims | None = None
    expires_in: int = 0
    id_token: IdTokenClaims | None = None


@frozen
class ResponseJwt:
    """The answer is to be signed as one JWT (JARM 2.1); ``claims`` are those beside the answer's own parameters."""

    algorithm: str
    claims: Mapping[str, object]
    envelope: Envelope | None = None


@frozen
class RedirectBack:
    """Answer the client at its proven redirect URI; ``mode`` is ``query``, ``fragment`` or ``form_post``.

    ``tokens`` and ``jwt`` are what must be signed before it is an answer. ``browser_state`` is what scripts of the
    provider's own check-session page may read (Session Management 1.0, section 3.2); None where it plays no part.
    """

    uri: str
    mode: str
    params: tuple[tuple[str, str], ...]
    tokens: FrontChannelTokens | None = None
    jwt: ResponseJwt | None = None
    browser_state: str | None = field(default=None, repr=False)


@frozen
class Interact:
    """A person must act first: go to ``path?i=<interaction_id>``.

    ``cookie`` is the interaction cookie's secret to set, None when the browser holds it already.
    """

    interaction_id: str
    path: str
    cookie: str | None = field(default=None, repr=False)


AuthorizationOutcome = RedirectBack | Interact | PageProblem


@frozen
class IssuedTokens:
    """A successful token answer (RFC 6749 section 5.1); ``expires_in`` in seconds, ``token_type`` as on the wire.

    ``authorization_details`` are those of this access token (RFC 9396 section 7); ``issued_token_type`` is there
    after an exchange (RFC 8693 section 2.2.1).
    """

    access: OpaqueAccess | JwtAccessClaims
    expires_in: int
    scopes: tuple[str, ...]
    id_token: IdTokenClaims | None = None
    refresh_token: str | None = field(default=None, repr=False)
    token_type: str = "Bearer"  # noqa: S105 - a scheme's name
    authorization_details: tuple[Mapping[str, object], ...] = ()
    issued_token_type: str | None = None


TokenOutcome = IssuedTokens | ProtocolError


@frozen
class Pushed:
    """A pushed authorization request is kept (RFC 9126 section 2.2); ``expires_in`` in seconds."""

    request_uri: str = field(repr=False)
    expires_in: int


PushOutcome = Pushed | ProtocolError


@frozen
class ClaimsAnswer:
    """A UserInfo answer (OIDC Core section 5.3.2); ``jwt`` where its client registered it signed or encrypted."""

    claims: Mapping[str, object] = field(repr=False)
    jwt: AnswerJwt | None = None


@frozen
class IntrospectionAnswer:
    """An introspection answer (RFC 7662 section 2.2); inactive says only ``active: false``.

    ``jwt`` where it was asked for (RFC 9701 section 4).
    """

    claims: Mapping[str, object] = field(repr=False)
    jwt: AnswerJwt | None = None


@frozen
class Revoked:
    """The token is dead or was never ours: 200 either way (RFC 7009 section 2.2)."""


@frozen
class SignedOut:
    """The session is gone. ``redirect_uri`` (with state already appended) or None: show that it is over.

    ``frames`` are addresses of clients that hear of it in this very browser (Front-Channel Logout 1.0).
    """

    redirect_uri: str | None = None
    frames: tuple[str, ...] = ()


@frozen
class ConfirmSignOut:
    """Ask the person first (RP-Initiated Logout section 6); ``client_name_*`` is who sent them, if known.

    ``redirect_uri``: where a yes will lead, registered by that client.
    """

    client_id: str | None = None
    client_name_vi: str | None = None
    client_name_en: str | None = None
    redirect_uri: str | None = None


SignOutOutcome = SignedOut | ConfirmSignOut | PageProblem


@frozen
class DeviceCodes:
    """A device authorization answer (RFC 8628 section 3.2); times in seconds."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    verification_uri: str
    verification_uri_complete: str = field(repr=False)
    expires_in: int
    interval: int


@frozen
class BackchannelAnswer:
    """A successful authentication request acknowledgement (CIBA Core section 7.3); times in seconds."""

    auth_req_id: str = field(repr=False)
    expires_in: int
    interval: int
