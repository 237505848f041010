"""Whom a limit by address counts: one network of one subscriber, however many addresses it has."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """The address itself for IPv4, its /64 for IPv6, its text for anything else (a Unix socket)."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def coarse(address: str) -> str:
    """About where somebody is, for a person to compare: the /24 of IPv4, the /48 of IPv6; empty for anything else."""
    try:
        parsed = ipaddress.ip_address(network_of(address).partition("/")[0])
    except ValueError:
        return ""
    size = 24 if parsed.version == 4 else 48  # noqa: PLR2004 - versions of IP
    return str(ipaddress.ip_network((parsed, size), strict=False))
