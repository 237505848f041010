"""The rules' own settings: numbers of the specifications and of this deployment. Times in seconds."""

from dataclasses import dataclass, field
from enum import StrEnum

from keys.proof import TrustAnchors


class Registration(StrEnum):
    """Who may register a client by protocol (RFC 7591 section 3)."""

    CLOSED = "closed"
    INITIAL_TOKEN = "initial_token"  # noqa: S105 - a policy's name
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Policy:
    """One value for all rules; built once from the settings at start.

    ``dpop_nonces``: whose DPoP proofs must carry a nonce of ours, ``never``, ``fapi2`` clients' or ``always``.
    ``client_certificates``: TLS certificates of clients can arrive; ``client_anchors`` sign those of
    ``tls_client_auth``; ``mtls_url`` is where clients with a certificate find us (RFC 8705 section 5).
    """

    issuer: str
    pairwise_salt: bytes = field(repr=False)
    registry_audience: str
    code_lifetime: int = 60
    pushed_request_lifetime: int = 90
    id_token_lifetime: int = 600
    opaque_access_lifetime: int = 900
    jwt_access_lifetime: int = 300
    refresh_lifetime: int = 30 * 86_400
    refresh_grace: int = 30
    grant_lifetime: int = 30 * 86_400
    session_lifetime: int = 8 * 3_600
    interaction_lifetime: int = 900
    otp_lifetime: int = 300
    otp_attempts: int = 5
    challenge_lifetime: int = 300
    most_passkeys: int = 10
    most_devices: int = 5
    fresh_factor: int = 300
    """How long ago, at most, a second factor was given by whoever adds or removes a passkey."""
    recovery_delay: int = 72 * 3_600
    """Seconds in which a recovery by mail alone can be stopped before it works."""
    recovery_lifetime: int = 7 * 86_400
    attestation_roots: tuple[bytes, ...] = field(default=(), repr=False)
    """PEM certificates of the makers whose passkeys count as hardware; without them ``phrh`` is out of reach."""
    clock_tolerance: int = 10
    assertion_max_lifetime: int = 300
    dated_assertion_max_lifetime: int = 3_600
    """Of an assertion that says when it was issued, so that a memory that was lost refuses it (outages)."""
    max_state_length: int = 2_048
    dpop_nonces: str = "fapi2"
    client_certificates: bool = False
    client_anchors: TrustAnchors | None = field(default=None, repr=False)
    mtls_url: str | None = None
    demo: bool = False
    registration: Registration = Registration.CLOSED
    registration_scopes: frozenset[str] = frozenset(
        {"openid", "profile", "email", "phone", "address", "offline_access"}
    )
    """What a client that registered itself may ever ask a person for: no number of any document."""
    registrations_an_hour: int = 60
    """Registrations and changes of registrations from one address."""
    most_registered: int = 5_000
    """Clients that registered themselves; each process holds them all."""
