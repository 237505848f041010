"""Debian's Apache with mod_auth_openidc in front of a page: a relying party that nobody here wrote."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from joserfc.jwk import RSAKey

from tests.idp_endpoints.people import AN, portal
from tests.interop.conftest import Running

PROGRAMS = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
MODULES = Path("/usr/lib/apache2/modules")
PARTS = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "auth_openidc")
CLAIMS = ("sub", "name", "iss", "acr")
WATCHED = """<!doctype html><title>watched</title><p>only while somebody is signed in
<iframe id="openidc-op" src="/secret/redirect_uri?session=iframe_op" hidden></iframe>
<iframe src="/secret/redirect_uri?session=iframe_rp&poll=100" hidden></iframe>"""
"""A page with the two frames that the module's manual asks for (Session Management 1.0, section 3)."""


@dataclass(frozen=True, slots=True)
class Apache:
    """A running server. ``url`` is its origin; ``/secret/`` asks for a sign-in, ``/bye.html`` does not."""

    url: str

    @property
    def callback(self) -> str:
        """The one redirect URI, which also takes the notices of a logout."""
        return f"{self.url}/secret/redirect_uri"


def installed() -> bool:
    """Whether the server and its module are on this machine."""
    return bool(shutil.which("apache2", path=PROGRAMS)) and (MODULES / "mod_auth_openidc.so").exists()


@contextlib.asynccontextmanager
async def apache(folder: Path, port: int, directives: Mapping[str, str]) -> AsyncIterator[Apache]:
    """A server whose OIDC directives are the given ones. Skips the test where Apache is not installed."""
    if not installed():
        pytest.skip("Apache with libapache2-mod-auth-openidc is not installed")
    made = Apache(f"http://localhost:{port}")
    furnish(folder, configuration(folder, port, made, directives))
    program = shutil.which("apache2", path=PROGRAMS) or "apache2"
    process = await asyncio.create_subprocess_exec(program, "-f", str(folder / "httpd.conf"), "-DFOREGROUND")
    try:
        await answering(made, process, folder)
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def furnish(folder: Path, text: str) -> None:
    """The pages and the configuration, readable by the user that Apache serves as when root starts it."""
    (folder / "site" / "secret").mkdir(parents=True)
    (folder / "site" / "secret" / "index.html").write_text("only for those who signed in")
    (folder / "site" / "secret" / "watched.html").write_text(WATCHED)
    (folder / "site" / "bye.html").write_text("signed out")
    (folder / "httpd.conf").write_text(text)
    for part in (folder, *folder.rglob("*")):
        part.chmod(0o755 if part.is_dir() else 0o644)
    (folder / "metadata").mkdir()
    (folder / "metadata").chmod(0o777)  # what it learns of providers, and what it registers with them


def configuration(folder: Path, port: int, made: Apache, directives: Mapping[str, str]) -> str:
    """The whole configuration: modules, one page behind a sign-in, claims as headers of its answer."""
    loaded = [f"LoadModule {part}_module {MODULES}/mod_{part}.so" for part in PARTS]
    shown = [f'Header always set X-Claim-{name} "%{{OIDC_CLAIM_{name}}}e"' for name in CLAIMS]
    own = {
        "OIDCRedirectURI": made.callback,
        "OIDCCryptoPassphrase": "only-for-this-test",
        "OIDCCookieSameSite": "Off",
        "OIDCPassClaimsAs": "environment",
        "OIDCDefaultLoggedOutURL": f"{made.url}/bye.html",
        **directives,
    }
    lines = [
        *loaded,
        f"Listen 127.0.0.1:{port}",
        f"ServerName localhost:{port}",
        f"PidFile {folder}/apache.pid",
        f"ErrorLog {folder}/error.log",
        "LogLevel auth_openidc:info",
        *(["User www-data", "Group www-data"] if os.geteuid() == 0 else []),
        f"DocumentRoot {folder}/site",
        "DirectoryIndex index.html",
        *(f'{name} "{value}"' for name, value in own.items()),
        "<Location /secret/>",
        "  AuthType openid-connect",
        "  Require valid-user",
        *shown,
        "</Location>",
    ]
    return "\n".join(lines) + "\n"


async def answering(made: Apache, process: asyncio.subprocess.Process, folder: Path) -> None:
    """Wait until the public page is served."""
    async with httpx2.AsyncClient() as client:
        for _ in range(3_000):
            if process.returncode is not None:
                break
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get(f"{made.url}/bye.html")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    log = folder / "error.log"
    pytest.fail(f"Apache did not start: {log.read_text() if log.exists() else ''}")


async def registered(running: Running, port: int, **changes: object) -> str:
    """Register a client for an Apache on this port; its id."""
    client_id = f"apache-{port}"
    origin = f"http://localhost:{port}"
    values: dict[str, object] = {
        "redirect_uris": (f"{origin}/secret/redirect_uri",),
        "post_logout_redirect_uris": (f"{origin}/bye.html", f"{origin}/secret/watched.html"),
        "backchannel_logout_uri": f"{origin}/secret/redirect_uri?logout=backchannel",
    }
    await running.register(portal(client_id, **(values | changes)))
    return client_id


def basics(running: Running, client_id: str) -> dict[str, str]:
    """What every configuration says."""
    return {
        "OIDCProviderMetadataURL": f"{running.issuer}/.well-known/openid-configuration",
        "OIDCClientID": client_id,
        "OIDCScope": "openid profile",
        "OIDCPKCEMethod": "S256",
    }


def own_key(folder: Path) -> tuple[RSAKey, dict[str, str]]:
    """A key of the module's own, and the directives that give it."""
    key = RSAKey.generate_key(2048, {"kid": "apache-1", "use": "sig", "alg": "RS256"})
    (folder / "client.key").write_bytes(key.as_pem(private=True))
    (folder / "client.pub").write_bytes(key.as_pem(private=False))
    return key, {
        "OIDCPrivateKeyFiles": f"apache-1#{folder}/client.key",
        "OIDCPublicKeyFiles": f"apache-1#{folder}/client.pub",
    }


def is_an(response: httpx2.Response, running: Running) -> None:
    """The page behind the sign-in, with the claims of Nguyễn Văn An."""
    assert response.status_code == 200, response.text
    assert response.text == "only for those who signed in", f"{response.url} {response.text}"
    assert response.headers["x-claim-iss"] == running.issuer
    assert response.headers["x-claim-name"] == AN.profile["name"]
