"""RFC 6749 section 3.3: scopes."""

from __future__ import annotations

from collections.abc import Iterable

from idp.domain.client import Client


def tokens(text: str | None) -> tuple[str, ...]:
    """The scope tokens of a parameter, each once, in order."""
    return tuple(dict.fromkeys(text.split(" "))) if text else ()


def allowed(client: Client, asked: Iterable[str]) -> tuple[str, ...]:
    """What of the asked the client is registered for."""
    # OIDC Core 3.1.2.1: "Scope values used that are not understood by an implementation SHOULD be ignored."
    return tuple(scope for scope in asked if scope in client.scopes)


def joined(scopes: Iterable[str]) -> str:
    """Scopes as one parameter."""
    return " ".join(scopes)
