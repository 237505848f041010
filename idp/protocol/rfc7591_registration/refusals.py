"""RFC 7591 section 3.2.2: why a registration is refused. The member is named, its value never repeated."""

from __future__ import annotations

from idp.domain.errors import ProtocolError
from idp.protocol.errors import refusal


class Unacceptable(ValueError):
    """A value that no client may have; the text is for logs."""


def refused(member: str, cause: str) -> ProtocolError:
    """The error for one member; ``member`` is a name of our own table, so it is plain ASCII."""
    # 3.2.2: "invalid_redirect_uri: The value of one or more redirection URIs is invalid. invalid_client_metadata: The
    # value of one of the client metadata fields is invalid".
    code = "invalid_redirect_uri" if member == "redirect_uris" else "invalid_client_metadata"
    return refusal(code, cause, description=sentence(member))


def sentence(member: str) -> str:
    """The description: which member it is about."""
    return f"The value of {member} cannot be registered"
