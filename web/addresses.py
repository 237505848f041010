"""Where a request comes from, as far as our own proxies vouch for it."""

import ipaddress
from collections.abc import Iterable


def address_seen(peer: str, forwarded: Iterable[str], hops: int) -> str:
    """The caller's address: of ``hops`` trusted proxies, what the outermost one saw.

    ``forwarded``: every line of ``X-Forwarded-For``; several lines are one list (RFC 9110 5.3), since a proxy may add
    a line of its own to the client's. A malformed or too short list counts as the proxy's own address
    (authentik CVE-2024-47070).
    """
    if not hops:
        return peer
    chain = [part.strip() for part in ",".join(forwarded).split(",")]
    if len(chain) < hops:
        return peer
    try:
        return str(ipaddress.ip_address(chain[-hops]))
    except ValueError:
        return peer
