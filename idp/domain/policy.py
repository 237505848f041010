"""The rules' own settings: numbers of the specifications and of this deployment. Times in seconds."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """One value for all rules; built once from the settings at start."""

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
    clock_tolerance: int = 10
    assertion_max_lifetime: int = 300
    max_state_length: int = 2_048
    demo: bool = False
