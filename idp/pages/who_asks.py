"""What a client says of itself, beside what we know of it, for the person who must decide about it.

Addresses were judged at registration; they are judged again here, because a page is where a ``javascript:`` link
would run (attack list 4, Keycloak CVE-2026-9086). The logo is never loaded: its server would learn who is about to
consent, before they did.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from web import Texts

PAGES: Final = ("client_uri", "policy_uri", "tos_uri")


def described(client: Client | None, texts: Texts) -> dict[str, Any]:
    """``links`` to a client's own pages, and ``stranger``: where a client that registered itself sends people."""
    if client is None:
        return {"links": (), "stranger": None}
    links = [
        {"label": texts.t(f"consent.{name}"), "href": address, "host": urlsplit(address).hostname}
        for name in PAGES
        if (address := getattr(client, name)) is not None and may_link(address)
    ]
    return {"links": links, "stranger": _sends_to(client) if registered_itself(client) else None}


def may_link(address: str) -> bool:
    """Whether a page of ours may lead there: https and a host, nothing else."""
    parts = urlsplit(address)
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None


def registered_itself(client: Client) -> bool:
    """Whether nobody but the client itself vouches for what it says."""
    return client.registration_token_hash is not None


def _sends_to(client: Client) -> str:
    hosts = [urlsplit(uri).hostname or urlsplit(uri).scheme for uri in client.redirect_uris]
    return ", ".join(dict.fromkeys(hosts)) or client.client_id
