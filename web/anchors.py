"""Whom an https client of ours believes: the system's authorities, and beside them a deployment's own."""

import ssl
from functools import cache
from pathlib import Path


def trusting(anchors: Path | None) -> ssl.SSLContext:
    """What an HTTP client takes as ``verify``; clients without a file share one context, which takes long to fill.

    Raises:
        OSError, ssl.SSLError: the file is not there or holds no certificates.
    """
    if anchors is None:
        return _system()
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=anchors)
    return context


@cache
def _system() -> ssl.SSLContext:
    return ssl.create_default_context()
