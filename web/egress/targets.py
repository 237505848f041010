"""Reading an address that a client registered: strictly, so that no two parsers can see two hosts in it."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from web.egress.addresses import is_public
from web.egress.errors import EgressRefused
from web.egress.policy import HTTPS_PORT, EgressPolicy

_LONGEST: Final = 2048
# RFC 3986 section 3 without user information and fragment. No backslash, control, space or letter beyond ASCII.
_URL: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[a-z0-9._~!$&'()*+,;=:@/%-]*)?(?P<query>\?[a-z0-9._~!$&'()*+,;=:@/?%-]*)?",
    re.IGNORECASE | re.ASCII,
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
# What other parsers take for an IPv4 address: 127.1, 0x7f.1, 2130706433 (URL standard, "ends in a number").
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
#: Names that never are somebody else's (RFC 6761, RFC 6762, RFC 8375, ICANN's private-use name).
_LOCAL: Final = frozenset(
    {"localhost", "local", "internal", "arpa", "lan", "home", "corp", "test", "invalid", "onion"}
)
_MOST_PORTS: Final = 65535


@dataclass(frozen=True, slots=True)
class Target:
    """Where one fetch goes; `host` in lower case, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address in one spelling."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def read_target(url: str, policy: EgressPolicy) -> Target:
    """Return where a URL leads, if the policy lets us go there; the address behind a name is judged at the fetch.

    Registration asks the same question of every address in a client's metadata.

    Raises:
        EgressRefused: url, scheme, host, port or address.
    """
    found = _URL.fullmatch(url) if len(url) <= _LONGEST else None
    if found is None:
        raise EgressRefused("url")
    scheme, host = found["scheme"].lower(), _host(found["host"].lower())
    if scheme not in {"https", "http"}:
        raise EgressRefused("scheme")
    port = int(found["port"] or (HTTPS_PORT if scheme == "https" else 80))
    if not 0 < port <= _MOST_PORTS:
        raise EgressRefused("port")
    target = Target(scheme, host, port, (found["path"] or "/") + (found["query"] or ""))
    if policy.allows(scheme, host, port):
        return target
    if scheme != "https":
        raise EgressRefused("scheme")
    if port != HTTPS_PORT:
        raise EgressRefused("port")
    # An address that is written out is judged here already, so that registration refuses it by name.
    if _is_address(host) and not is_public(host):
        raise EgressRefused("address")
    if not _is_address(host) and ("." not in host or host.rpartition(".")[2] in _LOCAL):
        raise EgressRefused("host")
    return target


def _host(text: str) -> str:
    if text.startswith("["):
        host = text[1:-1]
        if not _is_address(host):
            raise EgressRefused("host")
        return host
    labels = text.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise EgressRefused("host")
    if _NUMBER.fullmatch(labels[-1]) and not _is_address(text):
        raise EgressRefused("host")
    return text


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
