"""Brings clients and demo accounts into the stores; repeatable, ends at the values of the files."""

import base64
import hashlib
import os
import re
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import orjson

from idp.domain.account import AccountStatus, AccountType
from idp.domain.client import Client
from idp.domain.errors import ProtocolError
from idp.storage.accounts import Accounts, Secrets
from idp.storage.clients import Clients, client_from

LEAST_SECRET = 32
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class ManifestError(Exception):
    """A file names something that is not there; the message is meant for people."""


def expand(value: Any, environment: Mapping[str, str]) -> Any:
    """Fill ``${NAMES}`` in every text of a TOML value. Raises ManifestError for an unknown name."""

    def fill(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ManifestError(f"the environment does not say what ${{{match[1]}}} is")
        return environment[match[1]]

    if isinstance(value, str):
        return _VARIABLE.sub(fill, value)
    if isinstance(value, list):
        return [expand(each, environment) for each in value]
    if isinstance(value, dict):
        return {name: expand(each, environment) for name, each in value.items()}
    return value


def read_manifest(path: Path, environment: Mapping[str, str] = os.environ) -> Client:
    """The client that a manifest describes. Raises ManifestError."""
    try:
        values = expand(tomllib.loads(path.read_text("utf-8")), environment)
        jwks_file = values.pop("jwks_file", None)
        if jwks_file is not None:
            values["jwks"] = public_only(orjson.loads(Path(jwks_file).read_bytes()))
        secret_hash = values.pop("secret_sha256", None)
        if secret_hash is not None:
            values["secret_hash"] = bytes.fromhex(secret_hash)
        secret_file = values.pop("secret_file", None)
        if secret_file is not None:
            values |= kept_secret(
                Path(secret_file).read_text("utf-8").strip(), values.get("token_endpoint_auth_method")
            )
        if "authorization_code" not in values.get("grant_types", ["authorization_code"]):
            values.setdefault("response_types", [])
        return with_one_sector(client_from(values))
    except (OSError, ValueError, TypeError, KeyError) as failure:
        raise ManifestError(f"{path.name}: {failure}") from failure


def kept_secret(secret: str, method: object) -> dict[str, bytes]:
    """The fields that keep a secret: itself only for the method that computes with it. Raises ValueError."""
    octets = secret.encode("utf-8")
    if len(octets) < LEAST_SECRET:
        raise ValueError(f"a client's secret has at least {LEAST_SECRET} characters")
    if method == "client_secret_jwt":
        return {"shared_secret": octets}
    return {"secret_hash": hashlib.sha256(octets).digest()}


def with_one_sector(client: Client) -> Client:
    """The same client; raises ValueError when it is not clear whom its pairwise subjects are made for."""
    hosts = {urlsplit(uri).hostname for uri in client.redirect_uris}
    # OIDC Core 8.1: "If there are multiple hostnames in the registered redirect_uris, the Client MUST register a
    # sector_identifier_uri."
    if client.subject_type == "pairwise" and not client.sector_identifier and len(hosts) > 1:
        raise ValueError("redirect_uris of several hosts need a sector_identifier (OIDC Core 8.1)")
    return client


def read_manifests(folder: Path, environment: Mapping[str, str]) -> list[Client]:
    """Every client of a folder. Raises ManifestError."""
    return [read_manifest(path, environment) for path in sorted(folder.glob("*.toml"))]


def public_only(jwks: Mapping[str, Any]) -> dict[str, object]:
    """The same JWK Set; raises ValueError when a private or symmetric key is among its keys."""
    for jwk in jwks["keys"]:
        if jwk.get("kty") == "oct" or "d" in jwk:
            raise ValueError("a client's key set must hold public keys only")
    return dict(jwks)


def personas(path: Path) -> Iterator[Mapping[str, Any]]:
    """The personas that have an account."""
    document = tomllib.loads(path.read_text("utf-8"))
    return (persona for persona in document["persona"] if "account" in persona)


async def provision_clients(
    clients: Clients, folder: Path, environment: Mapping[str, str], check: Callable[[Client], None]
) -> int:
    """Register every manifest of a folder; how many. Raises ManifestError and :class:`Unavailable`.

    ``check`` is the rule that every client must meet, however it comes here; it raises ProtocolError.
    """
    manifests = read_manifests(folder, environment)
    for client in manifests:
        try:
            check(client)
        except ProtocolError as refused:
            raise ManifestError(f"{client.client_id}: {refused.description} ({refused.cause})") from refused
    for client in manifests:
        await clients.save(client)
    return len(manifests)


async def provision_account(
    accounts: Accounts, persona: Mapping[str, Any], hash_password: Callable[[str], Awaitable[str]]
) -> str:
    """Create or update the account of a persona; its id. Raises :class:`Unavailable`."""
    wanted = persona["account"]
    account_id = await accounts.find_account_by_number(persona["number"]) or token_urlsafe(16)
    factor = wanted.get("second_factor", "none")
    totp = base64.b32decode(wanted["totp_secret"]) if factor == "totp" else None
    reasons = [wanted["lock_reason"]] if "lock_reason" in wanted else []
    await accounts.save(
        account_id,
        persona["number"],
        Secrets(totp, persona.get("email"), persona.get("phone")),
        level=wanted["level"],
        status=AccountStatus(wanted["state"]).value,
        lock_reasons=reasons,
        password_hash=await hash_password(wanted["password"]),
        account_type=AccountType(wanted["type"]).value,
        agency=wanted.get("agency"),
        role=wanted.get("role"),
        territory=wanted.get("territory"),
    )
    return account_id
