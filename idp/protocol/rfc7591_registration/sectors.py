"""OpenID Connect Dynamic Client Registration 1.0 section 5: for whom a client's pairwise subjects are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from idp.domain.values import frozen
from idp.protocol.rfc7591_registration.addresses import host_of
from idp.protocol.rfc7591_registration.consistency import BY_KEY, CIBA, DEVICE
from idp.protocol.rfc7591_registration.refusals import refused

MOST_LISTED: Final = 1_000


@frozen
class AskSector:
    """Everything else is in order: fetch this address, then ask again with what it says."""

    uri: str


@frozen
class SectorDocument:
    """What the address said: any JSON value, None when it could not be had."""

    uri: str
    value: object = None


def own_sector(client: Client) -> Client:
    """The client with the sector that it can claim by what it registered; the proof comes in :func:`judge`."""
    if client.sector_identifier_uri is not None:
        # OIDC Core 8.1: "the Sector Identifier used ... is the host component of the sector_identifier_uri".
        return replace(client, sector_identifier=urlsplit(client.sector_identifier_uri).hostname or "")
    hosts = {host_of(uri) for uri in client.redirect_uris}
    if len(hosts) == 1 and None not in hosts and client.grant_types.isdisjoint({CIBA, DEVICE}):
        # Codes go to that host only, so the subjects of its sector do too.
        return replace(client, sector_identifier="")
    if not client.redirect_uris and client.jwks_uri and client.token_endpoint_auth_method in BY_KEY:
        # CIBA 4: without redirect URIs "the host component of the jwks_uri"; whoever authenticates by these keys is
        # who publishes them.
        return replace(client, sector_identifier=urlsplit(client.jwks_uri).hostname or client.client_id)
    if len(hosts) > 1 and any(hosts):
        return replace(client, sector_identifier="")
    # The device itself is nobody's host, and a grant without redirect proves none: such a client shares subjects with
    # no other (attack list 51).
    return replace(client, sector_identifier=client.client_id)


def judge(client: Client, sector: SectorDocument | None) -> Client | AskSector:
    """The client once its sector is proven. Raises ProtocolError."""
    uri = client.sector_identifier_uri
    if uri is None:
        return client
    if sector is None or sector.uri != uri:
        return AskSector(uri)
    listed = sector.value
    # 5: "The values of the registered redirect_uris MUST be included in the elements of the array".
    if not isinstance(listed, list) or len(listed) > MOST_LISTED:
        raise refused("sector_identifier_uri", "no array")
    members = {each for each in listed if isinstance(each, str)}
    if not members.issuperset(client.redirect_uris):
        raise refused("sector_identifier_uri", "redirect_uris missing")
    # CIBA 4: with poll or ping the "jwks_uri ... MUST be included in the list of URIs pointed to by the
    # sector_identifier_uri". Tokens of these grants go to no redirect URI, so a list of them proves nothing about who
    # gets the subjects: only who authenticates by keys that the sector names is of the sector (attack list 51).
    if not client.grant_types.isdisjoint({CIBA, DEVICE}) and not names_its_keys(client, members):
        raise refused("sector_identifier_uri", "jwks_uri missing")
    return client


def names_its_keys(client: Client, members: set[str]) -> bool:
    """Whether the sector's document names the keys that this client proves itself by."""
    return client.jwks_uri in members and client.token_endpoint_auth_method in BY_KEY
