"""Fetches and decrypts a request object before the decision; whether it counts is the rule's to say."""

from __future__ import annotations

from idp.endpoints.exchange import Exchange
from idp.protocol import rfc9126_pushed_requests
from idp.protocol.parameters import Parameters
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9101_request_objects.reading import Brought
from keys import DecryptionFailed, KeyPurpose, KeyRing


async def brought(exchange: Exchange, parameters: Parameters) -> Brought | None:
    """The object of an authorization request; None when it has none, or was pushed."""
    uri = parameters.get("request_uri")
    if uri is None or "request" in parameters or parameters.broken:
        return by_value(parameters, exchange.services.ring)
    if rfc9126_pushed_requests.is_pushed(parameters):
        return None
    clients = await exchange.services.records.clients()
    client, objects = clients.get(parameters.get("client_id") or ""), exchange.services.request_objects
    # RFC 9101 10.4.1: nothing is fetched that a client did not register, and nothing for an unknown client.
    if objects is None or client is None or not reading.may_fetch(client, uri):
        return Brought(error="invalid_request_uri", uri=uri)
    text = await objects.get(uri, reading.named_hash(uri))
    if text is None:
        return Brought(error="invalid_request_uri", uri=uri)
    return decrypted(text, exchange.services.ring, uri)


def by_value(parameters: Parameters, ring: KeyRing) -> Brought | None:
    """The object in the ``request`` parameter."""
    text = parameters.get("request")
    return None if text is None else decrypted(text, ring)


def decrypted(text: str, ring: KeyRing, uri: str | None = None) -> Brought:
    """RFC 9101 6.1: the signed token inside a JWE to us; any other text as it is."""
    if not reading.is_encrypted(text):
        return Brought(text, uri=uri)
    try:
        inside = ring.decryption_keys(KeyPurpose.REQUEST_OBJECT).decrypt(text, max_bytes=reading.MAX_BYTES)
        return Brought(inside.nested_token(), (inside.alg, inside.enc), uri=uri)
    except DecryptionFailed:
        return Brought(error="invalid_request_object", uri=uri)
