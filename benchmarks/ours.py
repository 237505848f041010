"""The provider under measurement: the demo without portals on ports of its own, with the benchmark's clients."""

import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, Final

import httpx2

from benchmarks.clients import CALLBACK, SERVICE, WEB_KINDS, BenchClient
from benchmarks.process import SERVER_CORE, Server, await_ready, listener, pin, stop
from demo.place import Place
from demo.services import table
from idp.storage.redis.birth import TOLERANCE

ROOT: Final = Path(__file__).parent.parent
PORT: Final = 48_000
VAR: Final = ROOT / "var" / "bench"
HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ENVIRONMENT: Final = {
    **os.environ,
    "DINHDANH_PORT_BASE": str(PORT),
    "DINHDANH_VAR": str(VAR),
    "PYTHONPATH": str(ROOT),
}


def registry_url() -> str:
    """The audience of JWT access tokens."""
    return f"http://localhost:{PORT + 100}"


def manifest(client: BenchClient) -> str:
    """A client as the provider's manifest."""
    lines = [
        f'client_id = "{client.client_id}"',
        f'name_vi = "{client.client_id}"',
        f'name_en = "{client.client_id}"',
        'party_kind = "state"',
        f"redirect_uris = {json.dumps([CALLBACK] if client.redirects else [])}",
        f"grant_types = {json.dumps(list(client.grant_types))}",
        f"response_types = {json.dumps(['code'] if client.redirects else [])}",
        f"scopes = {json.dumps(list(client.scopes))}",
        f"resources = {json.dumps([registry_url()])}",
        f'token_endpoint_auth_method = "{client.method}"',
        "require_consent = false",
    ]
    if client.secret:
        lines.append(f'secret_sha256 = "{hashlib.sha256(client.secret.encode()).hexdigest()}"')
    if client.jwks is not None:
        keys = VAR / f"{client.client_id}.jwks.json"
        keys.write_text(json.dumps(client.jwks), encoding="utf-8")
        lines += ['token_endpoint_auth_signing_alg = "ES256"', f'jwks_file = "{keys}"']
    if client.signed_introspection:
        lines.append('introspection_signed_response_alg = "ES256"')
    return "\n".join(lines) + "\n"


class Ours:
    """The running services; ``server`` is its provider process, pinned to the server core."""

    def __init__(self) -> None:
        VAR.mkdir(parents=True, exist_ok=True)
        self.log = VAR / "demo.log"
        with self.log.open("wb") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.country"],
                cwd=ROOT,
                env=ENVIRONMENT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.issuer = f"http://localhost:{PORT}"
        self.place = Place.from_environment(ENVIRONMENT)
        self.redis_url = self.place.cache("idp")
        try:
            await_ready(self.supervisor, f"{self.issuer}/health/ready", self.log, 180)
            self._register()
            self.server = Server("dinhdanh", listener(PORT), PORT)
        except BaseException:
            stop(self.supervisor)
            raise
        pin(self.server.pid, SERVER_CORE)

    def _register(self) -> None:
        folder = VAR / f"manifests-{secrets.token_hex(4)}"
        folder.mkdir()
        for client in (*WEB_KINDS, SERVICE):
            (folder / f"{client.client_id}.toml").write_text(manifest(client), encoding="utf-8")
        provisioning = next(row for row in table(self.place) if row.name == "provision-idp")
        subprocess.run(
            [sys.executable, "-m", "idp", "provision", "--clients", str(folder)],
            cwd=ROOT,
            env={**ENVIRONMENT, **provisioning.environment},
            check=True,
            capture_output=True,
        )

    def credentials(self) -> tuple[str, str]:
        """Number and password of the persona that signs in."""
        persona = next(each for each in personas(self.place) if "dwelling_owner" in each["special"])
        return persona["number"], persona["account"]["password"]

    def sign_in(self) -> str:
        """Sign a persona in with number and password, as a person does; the Cookie header of the session."""
        number, password = self.credentials()
        with httpx2.Client(base_url=self.issuer, follow_redirects=True) as browser:
            page = browser.get("/sign-in")
            form = dict(HIDDEN.findall(page.text))
            form |= {"personal_number": number, "password": password}
            answer = browser.post(str(page.url.copy_with(query=None)), data=form)
            if "dinhdanh_idp_session" not in browser.cookies:
                raise RuntimeError(f"sign-in failed: {answer.status_code} {answer.text[:500]}")
            # A Redis that was just started refuses codes for some seconds: it may have forgotten spent ones.
            time.sleep(TOLERANCE + 1)
            return f"dinhdanh_idp_session={browser.cookies['dinhdanh_idp_session']}"

    def stop(self) -> None:
        """Stop everything in good order."""
        stop(self.supervisor)


def personas(place: Place) -> list[dict[str, Any]]:
    """The people of the demo."""
    found: list[dict[str, Any]] = tomllib.loads(place.personas.read_text(encoding="utf-8"))["persona"]
    return found
