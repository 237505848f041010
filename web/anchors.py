"""Whom an https client of ours believes: the system's authorities, and beside them a deployment's own."""

import ssl
from pathlib import Path


def trusting(anchors: Path | None) -> ssl.SSLContext | bool:
    """What an HTTP client takes as ``verify``; without a file its own default.

    Raises:
        OSError, ssl.SSLError: the file is not there or holds no certificates.
    """
    if anchors is None:
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=anchors)
    return context
