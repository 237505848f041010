"""One spelling for the target URI of a request, so that `htu` compares as RFC 9449 section 4.3 wants.

Syntax-based and scheme-based normalisation of RFC 3986 sections 6.2.2 and 6.2.3: case of scheme and host,
percent-encodings, dot segments, default port, empty path. Query and fragment are ignored.
"""

import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 2048
# RFC 3986 section 3, without user information (RFC 9110 section 4.2.4) and with nothing but its characters.
_URI: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._~-]{1,253})(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>(?:/(?:[a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2})*)*)"
    r"(?:\?[a-z0-9._~!$&'()*+,;=:@/?%-]*)?(?:\#[a-z0-9._~!$&'()*+,;=:@/?%-]*)?",
    re.IGNORECASE | re.ASCII,
)
_ENCODED: Final = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MOST_PORTS: Final = 65535


@lru_cache(maxsize=1024)
def normalised(uri: str) -> str | None:
    """Return the one spelling of an http or https URI without query and fragment; None when it is not one."""
    found = _URI.fullmatch(uri) if len(uri) <= _LONGEST else None
    if found is None:
        return None
    scheme = found["scheme"].lower()
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port <= _MOST_PORTS:
        return None
    authority = found["host"].lower() + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
    return f"{scheme}://{authority}{_path(found['path'])}"


def _path(path: str) -> str:
    # RFC 3986 section 6.2.2.2: only encodings of unreserved characters are the same as the character.
    decoded = _ENCODED.sub(_plain, path)
    kept: list[str] = []
    segments = decoded.split("/")[1:]
    for place, segment in enumerate(segments):
        # RFC 3986 section 5.2.4: a dot segment at the end leaves a slash behind.
        last = place == len(segments) - 1
        if segment == "..":
            del kept[-1:]
        if segment not in {".", ".."}:
            kept.append(segment)
        elif last:
            kept.append("")
    return "/" + "/".join(kept)


def _plain(encoding: re.Match[str]) -> str:
    character = chr(int(encoding[0][1:], 16))
    return character if character in _UNRESERVED else encoding[0].upper()
