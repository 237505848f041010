"""Manifests and personas become clients and accounts; repeating it ends at the same values."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from joserfc.jwk import ECKey

from idp.domain.account import AccountStatus
from idp.domain.client import Client, PartyKind
from idp.domain.needs import Needs
from idp.protocol.rfc7591_registration.deciding import sound
from idp.protocol.rfc7591_registration.terms import of_operators
from idp.storage import Storage
from idp.storage.provisioning import (
    ManifestError,
    personas,
    provision_account,
    provision_clients,
    read_manifest,
)

REPOSITORY = Path(__file__).parents[2]
MANIFEST = """
client_id = "portal"
name_vi = "Cổng"
name_en = "Portal"
party_kind = "private"
redirect_uris = ["${PORTAL_URL}/callback"]
scopes = ["openid", "profile"]
jwks_file = "${KEYS}/jwks.json"
"""
PUBLIC = ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=False)


def check(client: Client) -> None:
    """What the command line asks of every client."""
    sound(client, of_operators())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one manifest and its public keys."""
    (tmp_path / "portal.toml").write_text(MANIFEST, "utf-8")
    (tmp_path / "jwks.json").write_bytes(orjson.dumps({"keys": [PUBLIC]}))
    return tmp_path


async def test_a_manifest_becomes_a_client(storage: Storage, folder: Path) -> None:
    """${NAMES} are filled, the key file is read, repeating changes nothing."""
    environment = {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)}
    for _ in range(2):
        assert await provision_clients(storage.clients, folder, environment, check) == 1
        client = (await storage.loading.load(Needs(client_id="portal"))).client
        assert client is not None
        assert client.redirect_uris == ("https://portal.example/callback",)
        assert client.party_kind is PartyKind.PRIVATE
        assert client.jwks == {"keys": [PUBLIC]}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (MANIFEST.replace("${PORTAL_URL}", "${NOBODY}"), "NOBODY"),
        (MANIFEST + "is_admin = true\n", "is_admin"),
        (MANIFEST.replace("private", "royal"), "royal"),
        (MANIFEST.replace("jwks.json", "absent.json"), "absent"),
        ("client_id = ", "portal.toml"),
    ],
)
def test_a_manifest_that_names_what_is_not_there_is_refused(folder: Path, manifest: str, reason: str) -> None:
    """Keycloak #53079 (mass assignment): unknown fields are an error, like unknown variables and files."""
    path = folder / "portal.toml"
    path.write_text(manifest, "utf-8")
    with pytest.raises(ManifestError, match=reason):
        read_manifest(path, {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)})


def test_redirect_uris_of_several_hosts_need_a_sector(folder: Path) -> None:
    """OIDC Core 8.1: else the subject of every person would hang on the order of the addresses."""
    environment = {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)}
    several = MANIFEST.replace('/callback"]', '/callback", "https://other.example/callback"]')
    path = folder / "portal.toml"
    path.write_text(several, "utf-8")
    with pytest.raises(ManifestError, match="sector_identifier"):
        read_manifest(path, environment)
    for cure in ('sector_identifier = "portal.example"\n', 'subject_type = "public"\n'):
        path.write_text(several + cure, "utf-8")
        assert len(read_manifest(path, environment).redirect_uris) == 2


@pytest.mark.parametrize("private", [PUBLIC | {"d": "secret"}, {"kty": "oct", "k": "secret"}])
def test_private_keys_of_a_client_are_not_taken(folder: Path, private: dict[str, str]) -> None:
    """A relying party that hands out its private key is stopped, not stored."""
    (folder / "jwks.json").write_bytes(orjson.dumps({"keys": [private]}))
    with pytest.raises(ManifestError, match="public keys only"):
        read_manifest(folder / "portal.toml", {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('redirect_uris = ["http://portal.example/callback"]', "address|scheme|redirect_uris"),
        ('logo_uri = "javascript:alert(1)"', "logo_uri"),
        ('token_endpoint_auth_method = "client_secret_plain"', "token_endpoint_auth_method"),
        ('fapi2_profile = "security"', "dpop_bound_access_tokens"),
        ('grant_types = ["password"]', "grant_types"),
        ('jwks_uri = "https://portal.example/jwks"', "jwks"),
    ],
)
async def test_a_manifest_meets_the_rules_of_every_registration(
    storage: Storage, folder: Path, line: str, reason: str
) -> None:
    """One table for strangers and operators: what is unsound is not provisioned, whoever wrote it."""
    name = line.partition(" ")[0]
    kept = [each for each in MANIFEST.splitlines() if not each.startswith(name + " ")]
    (folder / "portal.toml").write_text("\n".join([*kept, line, ""]), "utf-8")
    environment = {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)}
    with pytest.raises(ManifestError, match=reason):
        await provision_clients(storage.clients, folder, environment, check)


async def test_a_secret_is_kept_as_its_method_needs_it(storage: Storage, folder: Path) -> None:
    """The secret itself only for client_secret_jwt; a short one is refused."""
    secret = folder / "secret"
    secret.write_text("s" * 43 + "\n", "utf-8")
    manifest = MANIFEST + f'secret_file = "{secret}"\ntoken_endpoint_auth_method = "METHOD"\n'
    environment = {"PORTAL_URL": "https://portal.example", "KEYS": str(folder)}
    for method, shared in (("client_secret_jwt", b"s" * 43), ("client_secret_basic", None)):
        (folder / "portal.toml").write_text(manifest.replace("METHOD", method), "utf-8")
        await provision_clients(storage.clients, folder, environment, check)
        client = (await storage.loading.load(Needs(client_id="portal"))).client
        assert client is not None
        assert client.shared_secret == shared
        assert (client.secret_hash is None) == (shared is not None)
    secret.write_text("short", "utf-8")
    with pytest.raises(ManifestError, match="at least 32"):
        read_manifest(folder / "portal.toml", environment)


async def test_the_personas_have_accounts(storage: Storage) -> None:
    """Numbers, levels, locks and second factors as the file tells; a second run makes no second account."""

    async def hashed(password: str) -> str:
        return f"hash of {len(password)} characters"

    for _ in range(2):
        made = {}
        for persona in personas(REPOSITORY / "demo" / "personas.toml"):
            made[persona["number"]] = await provision_account(storage.accounts, persona, hashed)
        assert len(set(made.values())) == len(made) >= 20
    for persona in personas(REPOSITORY / "demo" / "personas.toml"):
        facts = await storage.loading.load(Needs(personal_number=persona["number"], credentials=True))
        wanted = persona["account"]
        assert facts.account is not None
        assert facts.account.account_id == made[persona["number"]]
        assert facts.account.level == wanted["level"]
        assert facts.account.status is AccountStatus(wanted["state"])
        assert facts.credentials is not None
        assert (facts.credentials.totp_secret is not None) == (wanted.get("second_factor") == "totp")
