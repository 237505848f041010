"""What a deployment lets the provider fetch; everything else is refused."""

import re
from dataclasses import dataclass
from typing import Final, Self

from web.patience import patient

HTTPS_PORT: Final = 443
_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::(?P<port>\*|[0-9]{1,5}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class AllowedOrigin:
    """An origin that the deployment allows by name: it may be private, use this port, and plain http if it says so.

    `port` None stands for any port.
    """

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the origin of a text such as `https://keys.partner.example:8443` or `http://localhost:*`.

        Raises:
            ValueError: not an origin in lower case.
        """
        found = _ORIGIN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not an origin: scheme://host, with :port or :* if not the default")
        default = HTTPS_PORT if found["scheme"] == "https" else 80
        port = None if found["port"] == "*" else int(found["port"] or default)
        return cls(found["scheme"], found["host"].strip("[]"), port)

    def covers(self, scheme: str, host: str, port: int) -> bool:
        """Whether this is the origin meant."""
        return (self.scheme, self.host) == (scheme, host) and self.port in {None, port}


LOOPBACK: Final = tuple(
    AllowedOrigin(scheme, host, None)
    for scheme in ("http", "https")
    for host in ("localhost", "127.0.0.1", "::1")
)
"""This very machine, for the demo and for tests only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """Limits of every fetch. `total_seconds` covers everything from the queue to the last byte.

    `anchors`: PEM text of further certification authorities, beside those of the system. `per_host`: fetches from
    one host at a time; `most`: at a time altogether. `max_bytes`: of an answer's body.
    """

    allowed: tuple[AllowedOrigin, ...] = ()
    anchors: str = ""
    max_bytes: int = 65536
    total_seconds: float = patient(5.0)
    per_host: int = 8
    most: int = 64
    user_agent: str = "dinhdanh-egress/1"

    def allows(self, scheme: str, host: str, port: int) -> bool:
        """Whether the deployment allows this origin by name."""
        return any(origin.covers(scheme, host, port) for origin in self.allowed)

    def allows_private(self, host: str, port: int) -> bool:
        """Whether this host may have an address that is not public: some origin of it is allowed by name."""
        return any(self.allows(scheme, host, port) for scheme in ("http", "https"))
