"""RFC 6749 section 3.3: scopes."""

from __future__ import annotations

from collections.abc import Iterable

from idp.domain.client import Client
from idp.domain.scopes import OFFLINE_ACCESS


def tokens(text: str | None) -> tuple[str, ...]:
    """The scope tokens of a parameter, each once, in order."""
    return tuple(dict.fromkeys(text.split(" "))) if text else ()


def allowed(client: Client, asked: Iterable[str]) -> tuple[str, ...]:
    """What of the asked the client is registered for."""
    # OIDC Core 3.1.2.1: "Scope values used that are not understood by an implementation SHOULD be ignored."
    # 11: offline_access "requests that an OAuth 2.0 Refresh Token be issued"; who may not refresh asks for nothing.
    refreshes = "refresh_token" in client.grant_types
    return tuple(
        scope for scope in asked if scope in client.scopes and (refreshes or scope != OFFLINE_ACCESS)
    )


def joined(scopes: Iterable[str]) -> str:
    """Scopes as one parameter."""
    return " ".join(scopes)
