"""The registry's settings, read once from the environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from web import BaseSettings, UnsafeSetting, setting
from web.client_certificates import Networks, networks
from web.egress import LOOPBACK, AllowedOrigin, EgressPolicy


@dataclass(frozen=True, kw_only=True, repr=False)
class RegistrySettings(BaseSettings):
    """What the registry must know beside what every service must know.

    `public_url` is the audience of access tokens and the issuer of receipts. `issuer` is the identity
    provider's address. `tries` and `database_connections` are per process. `dpop_nonces`: DPoP proofs must carry a
    nonce of ours (RFC 9449 section 9). `client_cert_proxies`: networks, separated by spaces, of the reverse proxies
    whose `Client-Cert` header (RFC 9440) counts; from anybody else it says nothing. `batch_retention_hours`: how long
    the rows and answers of an ended batch are kept. `batch_largest_bytes`, `batch_largest_rows`: of one file;
    `batch_rows_per_day`: of one client. `batch_asks`: how often one client's batches may ask about one number in a
    day; `batch_homonyms`: about how many different numbers under one name and birth date. `forwarded_hops`: how many
    trusted proxies stand before us and write `X-Forwarded-For`. `egress_allow`: origins inside the State's own
    network, separated by spaces, that events may be pushed to beside public ones; in a demo this machine too.
    """

    service: ClassVar[str] = "population_registry"

    database_url: str = setting()
    issuer: str = setting()
    keys_dir: Path = setting()
    guesses_per_day: int = setting(5)
    database_connections: int = setting(10)
    strict_texts: bool = setting(True)
    dpop_nonces: bool = setting(True)
    client_cert_proxies: str = setting("")
    batch_retention_hours: int = setting(72)
    batch_largest_bytes: int = setting(4_000_000_000)
    batch_largest_rows: int = setting(10_000_000)
    batch_rows_per_day: int = setting(20_000_000)
    batch_asks: int = setting(3)
    batch_homonyms: int = setting(20)
    forwarded_hops: int = setting(0)
    egress_allow: str = setting("")

    @cached_property
    def egress_policy(self) -> EgressPolicy:
        """Where events may be pushed to. Raises ValueError for what is no origin."""
        allowed = tuple(AllowedOrigin.parse(each) for each in self.egress_allow.split())
        anchors = "" if self.trust_anchors is None else self.trust_anchors.read_text(encoding="ascii")
        return EgressPolicy(
            allowed=(*allowed, *(LOOPBACK if self.demo else ())),
            anchors=anchors,
            user_agent="dinhdanh-registry/1",
        )

    @cached_property
    def trusted_proxies(self) -> Networks:
        """Whose `Client-Cert` header counts. Raises ValueError for what is no network."""
        return networks(self.client_cert_proxies)

    @property
    def client_certificates(self) -> bool:
        """Whether certificates of clients can reach us at all."""
        return bool(self.trusted_proxies) or self.tls_certificate is not None

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """As the base; nobody trusts the whole world's headers."""
        yield from super().unsafe()
        if any(network.prefixlen == 0 for network in self.trusted_proxies):
            yield UnsafeSetting("CLIENT_CERT_PROXIES", "name the proxies' own networks, not the whole world")
        if not all(origin.startswith("https://") for origin in self.egress_allow.split()):
            yield UnsafeSetting("EGRESS_ALLOW", "allow https:// origins only")
