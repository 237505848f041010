"""RFC 6749 section 3.1.2 and RFC 9700 section 4.1: redirect URIs compare as exact strings.

RFC 8252 section 7.3: of a native client's loopback URI only the port may vary.
"""

from __future__ import annotations

import re
from typing import Final

from idp.domain.client import Client

LOOPBACK: Final = re.compile(
    r"\Ahttp://(127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?(/[\x21\x23-\x5b\x5d-\x7e]*)?\Z"
)
FRAGMENT: Final = "#"


def is_registered(client: Client, uri: str) -> bool:
    """True when the client registered exactly this redirect URI."""
    # RFC 6749 3.1.2: "The endpoint URI MUST NOT include a fragment component."
    if FRAGMENT in uri:
        return False
    # RFC 9700 2.1: "authorization servers MUST utilize exact string matching except for port numbers in
    # localhost redirection URIs of native apps".
    if uri in client.redirect_uris:
        return True
    return client.application_type == "native" and matches_loopback(client, uri)


def matches_loopback(client: Client, uri: str) -> bool:
    """True when only the port differs from a registered loopback URI."""
    asked = LOOPBACK.match(uri)
    if asked is None or not valid_port(asked.group(2)):
        return False
    for registered in client.redirect_uris:
        known = LOOPBACK.match(registered)
        if known and known.group(1) == asked.group(1) and known.group(3) == asked.group(3):
            return True
    return False


def valid_port(port: str | None) -> bool:
    """True for no port and for 1 to 65535."""
    return port is None or 0 < int(port) <= 65_535  # noqa: PLR2004 - the largest TCP port


def may_post_form(uri: str) -> bool:
    """True when a form may be posted there: no ``javascript:`` or private scheme (CVE-2024-21637)."""
    return uri.startswith(("https://", "http://"))
