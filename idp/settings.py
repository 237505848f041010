"""Settings of the provider: one frozen value, read once, printed redacted, refused when unsafe in production."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from idp.authentication.password import Profile
from idp.domain.policy import Policy, Registration
from keys.proof import TrustAnchors
from web import BaseSettings, Mode, Secret, UnsafeSetting, setting
from web.client_certificates import Networks, networks
from web.egress import LOOPBACK, AllowedOrigin, EgressPolicy

SESSION_COOKIE = "dinhdanh_idp_session"
INTERACTION_COOKIE = "dinhdanh_idp_interaction"
DEVICE_COOKIE = "dinhdanh_idp_device"
SESSION_LIFETIME: Final = 8 * 3_600
"""Seconds; the policy's own, since a session's cookies end with it."""
BROWSER_STATE_COOKIE = "dinhdanh_idp_browser_state"


class DpopNonces(StrEnum):
    """Whose DPoP proofs must carry a nonce of ours (RFC 9449 section 8)."""

    NEVER = "never"
    FAPI2 = "fapi2"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings(BaseSettings):
    """What the provider must know. ``public_url`` is the issuer; ``pairwise_salt`` must never change.

    ``egress_allow``: origins, separated by spaces, that clients may name although they are private or not on port
    443; ``egress_anchors``: a PEM file of authorities beside the system's (decision 0007).

    ``client_cert_proxies``: networks, separated by spaces, of the reverse proxies whose ``Client-Cert`` header
    (RFC 9440) counts; from anybody else it says nothing. ``client_cert_anchors``: a PEM file of the authorities of
    ``tls_client_auth``. ``mtls_url``: where clients with a certificate find the provider, if that is another host.
    ``dpop_nonces``: whose DPoP proofs need a nonce: ``never``, ``fapi2`` (clients of that profile) or ``always``.

    ``passkey_makers``: a PEM file with certificates of makers whose attested passkeys count as hardware (``phrh``).

    ``eid_app_url``: where the e-ID app is; without it the sign-in page offers none.

    ``registration``: who may register clients by protocol, ``closed``, ``initial_token`` or, in a demo, ``open``;
    ``registrations_an_hour``: how often from one address.
    """

    service: ClassVar[str] = "idp"

    database_url: str = setting()
    redis_url: str = setting()
    keys_dir: Path = setting()
    registry_url: str = setting("http://localhost:8100")
    smtp_url: str = setting("smtp://localhost:8025")
    mail_from: str = setting("khong-tra-loi@dinhdanh.example")
    pairwise_salt: Secret | None = setting(None)
    password_profile: Profile = setting(Profile.PRODUCTION)
    demo_personas: Path | None = setting(None, demo_only=True)
    demo_outbox: Path | None = setting(None, demo_only=True)
    forwarded_hops: int = setting(0)
    egress_allow: str = setting("")
    egress_anchors: Path | None = setting(None)
    client_cert_proxies: str = setting("")
    client_cert_anchors: Path | None = setting(None)
    mtls_url: str = setting("")
    dpop_nonces: DpopNonces = setting(DpopNonces.FAPI2)
    registration: Registration = setting(Registration.CLOSED)
    registrations_an_hour: int = setting(60)
    passkey_makers: Path | None = setting(None)
    eid_app_url: str = setting("")

    @property
    def issuer(self) -> str:
        """The issuer: from configuration only, never from a request's headers (CVE-2023-49097)."""
        return self.public_url

    @property
    def session_cookie(self) -> str:
        """Name of the session's cookie; ``__Host-`` binds it to this very host over https (RFC 6265bis 4.1.3.2)."""
        return self.cookie(SESSION_COOKIE)

    @property
    def device_cookie(self) -> str:
        """Name of the cookie that makes a browser known to one account; it proves no factor (decision 0005)."""
        return self.cookie(DEVICE_COOKIE)

    @property
    def interaction_cookie(self) -> str:
        """Name of the cookie that binds an interaction to one browser."""
        return self.cookie(INTERACTION_COOKIE)

    @property
    def browser_state_cookie(self) -> str:
        """Name of the cookie that the check-session page's script reads (Session Management 1.0, section 3.2)."""
        return self.cookie(BROWSER_STATE_COOKIE)

    def browser_state(self, state: str | None, held: Mapping[str, str]) -> tuple[str, ...]:
        """The ``Set-Cookie`` of a browser state, or none when there is no state or the browser holds it.

        Scripts may read it, and over https frames in other sites' pages bring it: that is what it is for. An empty
        state takes it away.
        """
        name = self.browser_state_cookie
        if state is None or held.get(name, "") == state:
            return ()
        reach = "SameSite=None; Secure" if self.https else "SameSite=Lax"
        return (f"{name}={state}; Path=/; Max-Age={SESSION_LIFETIME if state else 0}; {reach}",)

    def cookie(self, name: str) -> str:
        """A cookie's name as this deployment must write it."""
        return f"__Host-{name}" if self.https else name

    @cached_property
    def trusted_proxies(self) -> Networks:
        """Whose ``Client-Cert`` header counts. Raises ValueError for what is no network."""
        return networks(self.client_cert_proxies)

    def policy(self) -> Policy:
        """The rules' own settings. Raises OSError or ValueError for authorities that cannot be read."""
        anchors = self.client_cert_anchors
        salt = self.pairwise_salt or Secret(f"demo only: {self.public_url}")
        return Policy(
            issuer=self.issuer,
            pairwise_salt=hashlib.sha256(salt.encode()).digest(),
            registry_audience=self.registry_url,
            session_lifetime=SESSION_LIFETIME,
            demo=self.demo,
            dpop_nonces=self.dpop_nonces.value,
            client_certificates=bool(self.trusted_proxies) or self.tls_certificate is not None,
            client_anchors=TrustAnchors.from_pem(anchors.read_bytes()) if anchors else None,
            mtls_url=self.mtls_url.rstrip("/") or None,
            registration=self.registration,
            registrations_an_hour=self.registrations_an_hour,
            attestation_roots=_certificates(self.passkey_makers),
        )

    def egress(self) -> EgressPolicy:
        """Where addresses that clients register may lead; this very machine in the demo only.

        Raises ValueError for an origin that is none, OSError for a file that is not there.
        """
        allowed = tuple(map(AllowedOrigin.parse, self.egress_allow.split()))
        return EgressPolicy(
            allowed=allowed + (LOOPBACK if self.demo else ()),
            anchors=self.egress_anchors.read_text() if self.egress_anchors else "",
        )

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """Every setting that must not meet real people."""
        yield from super().unsafe()
        if self.pairwise_salt is None:
            yield UnsafeSetting(
                "PAIRWISE_SALT_FILE", "name a file with at least 32 random characters, kept for ever"
            )
        elif len(self.pairwise_salt) < 32:  # noqa: PLR2004 - 32 characters, as for every secret
            yield UnsafeSetting("PAIRWISE_SALT_FILE", "give at least 32 random characters")
        if not self.password_profile.safe:
            yield UnsafeSetting("PASSWORD_PROFILE", "remove it, or name one that may guard a real account")
        if not all(origin.startswith("https://") for origin in self.egress_allow.split()):
            yield UnsafeSetting("EGRESS_ALLOW", "name https origins only")
        if any(network.prefixlen == 0 for network in self.trusted_proxies):
            yield UnsafeSetting("CLIENT_CERT_PROXIES", "name the proxies' own networks, not the whole world")
        if self.registration is Registration.OPEN:
            yield UnsafeSetting(
                "REGISTRATION", "choose closed, or initial_token and give tokens to known parties"
            )
        if self.mode is Mode.PRODUCTION and not self.smtp_url.startswith("smtps://"):
            yield UnsafeSetting("SMTP_URL", "give an smtps:// address: codes travel by it")


def _certificates(path: Path | None) -> tuple[bytes, ...]:
    """Each certificate of a PEM file. Raises OSError or ValueError for what holds none."""
    if path is None:
        return ()
    found = load_pem_x509_certificates(path.read_bytes())
    return tuple(each.public_bytes(Encoding.PEM) for each in found)
