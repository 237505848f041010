"""Addresses in a client's metadata, read strictly: what two parsers could read differently is refused.

Attack list 1 to 4 and 33: a scheme allow-list at registration, no user information, no fragment, no wildcard.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from idp.protocol.rfc7591_registration.refusals import Unacceptable
from idp.protocol.rfc7591_registration.terms import Terms
from idp.protocol.rfc7591_registration.values import listed

LONGEST: Final = 2_048
# RFC 3986 without user information, fragment, "*" and "\"; the host in letters, digits, dots and hyphens or in
# brackets. An internationalised name comes as punycode.
WEB: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>/[a-z0-9._~!$&'()+,;=:@/%-]*)?(?P<query>\?[a-z0-9._~!$&'()+,;=:@/?%-]*)?",
    re.IGNORECASE | re.ASCII,
)
# RFC 8252 7.1: "apps MUST use a URI scheme based on a domain name under their control, expressed in reverse order";
# "at a minimum, any private-use URI scheme that doesn't contain a period character ("." ) SHOULD be rejected".
PRIVATE: Final = re.compile(
    r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:(?://[a-z0-9.-]*)?/?[a-z0-9._~!$&'()+,;=:@/%-]*(?:\?[a-z0-9._~!$&'()+,;=:@/?%-]*)?",
    re.IGNORECASE | re.ASCII,
)
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
MOST_PORTS: Final = 65_535
CLIMBING: Final = re.compile(
    r"(?:^|/)(?:\.|%2e){1,2}(?:/|;|$)|%(?![0-9a-f]{2})|%(?:0[0-9a-f]|1[0-9a-f]|7f|5c)", re.IGNORECASE
)


def web(value: object, *, plain_loopback: bool) -> re.Match[str]:
    """A web address, judged: https, or plain http to this very machine where that may be."""
    found = WEB.fullmatch(value) if isinstance(value, str) and len(value) <= LONGEST else None
    if found is None or int(found["port"] or 1) > MOST_PORTS:
        raise Unacceptable("address")
    host = found["host"].lower()
    if ".." in host or (host.startswith("[") and not is_ipv6(host[1:-1])):
        raise Unacceptable("host")
    # Keycloak CVE-2026-3872 (`..;/`), CVE-2026-7504: a path means one place in every parser.
    if CLIMBING.search(found["path"] or ""):
        raise Unacceptable("path")
    if found["scheme"] == "https" or (
        plain_loopback and found["scheme"] == "http" and host in LOOPBACK_HOSTS
    ):
        return found
    raise Unacceptable("scheme")


def is_ipv6(host: str) -> bool:
    """Whether the text in brackets is an address."""
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def shown(value: object, terms: Terms) -> str:
    """A page that people are led to: never ``javascript:`` or ``data:`` (Keycloak CVE-2026-9086)."""
    return web(value, plain_loopback=terms.loopback_http).string


def fetched(value: object, terms: Terms) -> str:
    """An address that the provider itself may call: what egress would refuse is refused at once, without I/O."""
    found = web(value, plain_loopback=terms.loopback_http).string
    if not terms.may_fetch(found):
        raise Unacceptable("egress")
    return found


def fetched_list(value: object, terms: Terms) -> tuple[str, ...]:
    """OIDC Registration 2, request_uris: a fragment may hold the document's hash."""
    found = []
    for each in listed(value):
        address, mark, fragment = each.partition("#") if isinstance(each, str) else ("", "", "")
        if mark and not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", fragment):
            raise Unacceptable("fragment")
        found.append(fetched(address, terms) + mark + fragment)
    return unique(found)


def redirects(value: object, terms: Terms) -> tuple[str, ...]:
    """Redirect URIs of whatever kind; the application type decides in :mod:`.consistency` which of them may be."""
    del terms
    return unique([redirect(each) for each in listed(value)])


def redirect(value: object) -> str:
    """One of them."""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Unacceptable("address")
    scheme = value.partition(":")[0].lower()
    if scheme in {"https", "http"}:
        return web(value, plain_loopback=True).string
    if PRIVATE.fullmatch(value) is None:
        raise Unacceptable("scheme")
    return value


def unique(found: list[str]) -> tuple[str, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(found))


def is_loopback(uri: str) -> bool:
    """Whether an address that was read leads to the device itself."""
    parts = urlsplit(uri)
    return parts.scheme == "http" and (parts.hostname or "") in {"localhost", "127.0.0.1", "::1"}


def host_of(uri: str) -> str | None:
    """The host of a web address; None for a private scheme and for the device itself."""
    parts = urlsplit(uri)
    return parts.hostname if parts.scheme == "https" else None
