"""The peer under measurement: npm ``oidc-provider`` with Redis, in one Node process."""

import json
import subprocess
from pathlib import Path
from typing import Final

import httpx2

from benchmarks.clients import CALLBACK, CHALLENGE, SERVICE, WEB_KINDS
from benchmarks.process import SERVER_CORE, Server, await_ready, pin, stop

FOLDER: Final = Path(__file__).parent / "peer"
PORT: Final = 48_900


class Peer:
    """The running peer, pinned to the server core."""

    def __init__(self, redis_url: str, registry: str, log: Path) -> None:
        if not (FOLDER / "node_modules").is_dir():
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True, capture_output=True
            )
        settings = {
            "port": PORT,
            "redis": redis_url.removeprefix("unix://").partition("?")[0],
            "registry": registry,
            "account": "do-luong",
            "clients": [client.peer_metadata() for client in (*WEB_KINDS, SERVICE)],
        }
        self.issuer = f"http://localhost:{PORT}"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                ["node", "server.js", json.dumps(settings)],
                cwd=FOLDER,
                env={"NODE_ENV": "production", "PATH": "/usr/local/bin:/usr/bin:/bin"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        await_ready(self.process, f"{self.issuer}/.well-known/openid-configuration", log, 30)
        self.server = Server("oidc-provider", self.process.pid, PORT)
        pin(self.server.pid, SERVER_CORE)

    def sign_in(self) -> str:
        """A session without any password, with one grant for each client in it; the Cookie header."""
        with httpx2.Client(base_url=self.issuer) as browser:
            for client in WEB_KINDS:
                query = {
                    "client_id": client.client_id,
                    "response_type": "code",
                    "scope": "openid profile",
                    "redirect_uri": CALLBACK,
                    "code_challenge": CHALLENGE,
                    "code_challenge_method": "S256",
                }
                answer = browser.get("/auth", params=query)
                while not answer.headers.get("location", "").startswith(CALLBACK):
                    if answer.status_code >= 400:
                        raise RuntimeError(f"the peer refused: {answer.text[:500]}")
                    answer = browser.get(answer.headers["location"])
            return "; ".join(
                f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar if cookie.path == "/"
            )

    def stop(self) -> None:
        """End the process."""
        stop(self.process)
