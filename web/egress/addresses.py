"""Which addresses are the public Internet. Everything that is somebody's own network, or may lead there, is not.

The list is IANA's special-purpose registries (RFC 6890) and every form that carries an IPv4 address inside an
IPv6 address; Python's own `is_global` is asked too, so that an address must pass both.
"""

import ipaddress
from typing import Final

_REFUSED_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, with the metadata service of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
)
#: Only 2000::/3 is handed out as global unicast (RFC 4291 section 2.4). So loopback, unique local, link-local,
#: multicast, IPv4-mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96, RFC 6052; 64:ff9b:1::/48) are out already.
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments, with Teredo and ORCHID
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation, RFC 9637
    )
)


def is_public(text: str) -> bool:
    """Whether an address in text form is one of the public Internet; False for anything that is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _REFUSED_V4)
    if address.scope_id is not None or address not in _GLOBAL_V6 or not address.is_global:
        return False
    return not any(address in network for network in _REFUSED_V6)
