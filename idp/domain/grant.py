"""What a person granted to a client, and the tokens that hang on it.

A grant is born with its authorization code and may die at any moment; every token is conditional on the grant
being alive, in the same atomic step that issues it. Secrets are 32 random bytes, kept only as SHA-256.
"""

from collections.abc import Mapping
from dataclasses import field

from idp.domain.authorization import ClaimsRequest
from idp.domain.values import frozen


@frozen
class Grant:
    """One authorization. ``grant_id`` is its public name and Redis hash tag; times are epoch seconds.

    ``account_id`` is empty for client credentials. ``subject`` is the ``sub`` this client sees (pairwise).
    ``session_id`` names the browser session it was born in (None: none); ``offline`` grants outlive it.
    ``jkt`` (RFC 9449 section 10) and ``x5t_s256`` (RFC 8705 section 4) bind the code, and a public client's refresh
    tokens, to a key; ``authorization_details`` are those granted (RFC 9396); ``actor`` is the ``act`` claim of a
    grant in which somebody acts for the subject (RFC 8693 section 4.1). ``parents`` are what it was made of:
    ``<grant id>`` or ``<grant id>:<hash of an access token>``; when one of them is dead, so is the grant.
    """

    grant_id: str
    client_id: str
    account_id: str
    subject: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    resources: tuple[str, ...] = ()
    redirect_uri: str = ""
    nonce: str | None = None
    code_challenge: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    auth_time: int | None = None
    session_id: str | None = None
    offline: bool = False
    claims: ClaimsRequest = field(default_factory=ClaimsRequest)
    jkt: str | None = None
    x5t_s256: str | None = None
    authorization_details: tuple[Mapping[str, object], ...] = ()
    actor: Mapping[str, object] | None = None
    parents: tuple[str, ...] = ()


@frozen
class CodeState:
    """The authorization code of a grant (RFC 6749 section 4.1.2)."""

    code_hash: bytes
    expires_at: int
    spent: bool


@frozen
class RefreshState:
    """The refresh family of a grant: one current token, and the one before it.

    ``sealed_current`` is the current token encrypted under a key derived from the previous one, so that a client
    whose answer was lost gets the very same successor within the grace, and the family never forks. ``jkt`` or
    ``x5t_s256`` bind a public client's family to its key (RFC 9449 section 5, RFC 8705 section 4).
    """

    current_hash: bytes
    expires_at: int
    previous_hash: bytes | None = None
    rotated_at: int = 0
    sealed_current: bytes = b""
    jkt: str | None = None
    x5t_s256: str | None = None


@frozen
class AccessState:
    """An opaque access token that was issued and has not been revoked; ``jkt`` or ``x5t_s256`` bind it to a key."""

    token_hash: bytes
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    issued_at: int
    expires_at: int
    jkt: str | None = None
    x5t_s256: str | None = None


@frozen
class LoadedGrant:
    """A living grant with the states that were asked for. A dead or unknown grant is None, never this."""

    grant: Grant
    code: CodeState | None = None
    refresh: RefreshState | None = None
    access: AccessState | None = None
