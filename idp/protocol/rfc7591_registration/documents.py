"""RFC 7591 section 3.2.1 and RFC 7592 section 3: a client's metadata as the client is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from idp.domain import paths
from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.protocol.rfc7591_registration import names
from idp.protocol.rfc7591_registration.members import MEMBERS

ALWAYS: Final = frozenset({"redirect_uris", "response_types", "grant_types"})
"""Lists that are told although they are empty: an empty list is not their default."""


@frozen
class ClientInformation:
    """The answer: a document with everything the client must know; ``created`` says 201."""

    document: Mapping[str, object] = field(repr=False)
    created: bool = False


def metadata_of(client: Client) -> dict[str, object]:
    """Every member of the table that has a value, with the defaults that were filled in."""
    document: dict[str, object] = names.document(client)
    for member in MEMBERS:
        value = getattr(client, member.field)
        if member.name == "scope":
            document[member.name] = " ".join(sorted(value))
        elif isinstance(value, frozenset | tuple):
            if value or member.name in ALWAYS:
                document[member.name] = sorted(value) if isinstance(value, frozenset) else list(value)
        elif value is not None:
            document[member.name] = value
    return document


def information(
    client: Client, policy: Policy, token: str, *, secret: str | None = None, created: bool = False
) -> ClientInformation:
    """The whole answer; ``token`` is the registration access token, ``secret`` a secret that is new."""
    document = {
        "client_id": client.client_id,
        "client_id_issued_at": client.issued_at,
        **metadata_of(client),
        # 7591 3.2.1: "registration_client_uri" and "registration_access_token" come together.
        "registration_client_uri": f"{policy.issuer}{paths.REGISTER}/{client.client_id}",
        "registration_access_token": token,
    }
    if secret is not None:
        # 3.2.1: client_secret_expires_at: "REQUIRED if "client_secret" is issued ... or 0 if it will not expire".
        document |= {"client_secret": secret, "client_secret_expires_at": 0}
    return ClientInformation(document, created=created)
