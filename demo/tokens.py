"""An access token for the registry from the running demo, so that every `curl` of the documents can be tried.

    python -m demo.tokens insurance-portal                          a system's own token
    python -m demo.tokens national-portal --persona lan             of somebody who signed in there with two factors
    curl -K <(python -m demo.tokens residence-portal --for POST http://localhost:8100/v1/verifications) …

Tokens of the residence portal are bound to a key (RFC 9449): `--for` writes curl's configuration for one request, the
token and the proof. No side door: the client's own key signs its assertion, and a persona walks through the pages.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import sys
import time
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from clients.dpop import NONCE, USE_NONCE, DpopKey, HeldToken
from demo.place import ROOT, Place, TroubleError
from demo.services import MANIFESTS, registry_and_portals
from demo.test_drive.walking import Stuck, walk
from idp.storage.provisioning import expand
from keys import KeyPurpose, KeyRing
from web.client_assertions import ASSERTION_LIFETIME, ASSERTION_TYPE

LEVEL: Final = "urn:example:vn:acr:l2-a2"
PATIENCE: Final = 20.0
MOST_LOOKS: Final = 100
"""Into the mailbox, a tenth of a second between them."""


class Refused(Exception):
    """The provider gave no token; the message is meant for people."""


@dataclass(frozen=True, slots=True)
class Party:
    """A client of the demo, with the key that shows who it is."""

    manifest: Mapping[str, Any]
    ring: KeyRing
    issuer: str
    registry: str
    outbox: Path

    @classmethod
    def of(cls, place: Place, client_id: str) -> "Party":
        """The client of that id. Raises Refused, naming those that there are."""
        environment = registry_and_portals(place) | {"CLIENT_KEYS": str(place.var / "demo" / "keys")}
        texts = (file.read_text("utf-8") for folder in MANIFESTS for file in sorted(folder.glob("*.toml")))
        known = {each["client_id"]: each for each in map(tomllib.loads, texts) if "jwks_file" in each}
        if client_id not in known:
            raise Refused(f"{client_id}: no such client; there are {', '.join(sorted(known))}")
        manifest = expand(known[client_id], environment)
        ring = KeyRing.open(Path(manifest["jwks_file"]).parent, mode="demo")
        return cls(manifest, ring, place.url("idp"), place.url("registry"), place.outbox)

    @property
    def scopes(self) -> str:
        """All that this client may ask of the registry."""
        return " ".join(each for each in self.manifest["scopes"] if each.startswith("registry:"))

    async def own(self, http: httpx2.AsyncClient, scope: str | None) -> HeldToken:
        """The client's own token (RFC 6749 section 4.4). Raises Refused."""
        return await self._token(http, {"grant_type": "client_credentials", "scope": scope or self.scopes})

    async def of_persona(
        self, http: httpx2.AsyncClient, persona: str, scope: str | None, details: str | None
    ) -> HeldToken:
        """The token of a persona who signs in with two factors and agrees (OIDC Core 3.1). Raises Refused."""
        verifier, back = token_urlsafe(48), self.manifest["redirect_uris"][0]
        wanted = {
            "response_type": "code",
            "redirect_uri": back,
            "scope": f"openid pid {scope or self.scopes}",
            "resource": self.registry,
            "code_challenge": _base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "state": token_urlsafe(16),
            "claims": json.dumps({"id_token": {"acr": {"essential": True, "values": [LEVEL]}}}),
        }
        if details is not None:
            wanted["authorization_details"] = details
        pushed = await http.post(f"{self.issuer}/par", data=wanted | self._assertion())
        if pushed.is_error:
            raise Refused(pushed.text)
        reference = {"client_id": self.manifest["client_id"], "request_uri": pushed.json()["request_uri"]}
        async with httpx2.AsyncClient(base_url=self.issuer, timeout=PATIENCE) as browser:
            target, seen = f"/authorize?{urlencode(reference)}", {each.name for each in mails(self.outbox)}
            last = await walk(
                browser, self.issuer, target, persona, lambda: mailed_code(self.outbox, persona, seen)
            )
        said = parse_qs(urlsplit(last.headers["location"]).query)
        if "code" not in said:
            raise Refused(json.dumps({name: values[0] for name, values in said.items()}))
        form = {"grant_type": "authorization_code", "code": said["code"][0], "redirect_uri": back}
        return await self._token(http, form | {"code_verifier": verifier})

    async def nonce(self, http: httpx2.AsyncClient, held: HeldToken) -> str | None:
        """What the registry wants to find in the next proof (RFC 9449 section 9)."""
        url = f"{self.registry}/v1/dossiers"
        answer = await http.get(url, headers=held.headers("GET", url))
        return answer.headers.get(NONCE)

    async def _token(self, http: httpx2.AsyncClient, form: Mapping[str, str]) -> HeldToken:
        """At the token endpoint, once more where it wants a nonce in the proof (RFC 9449 section 8)."""
        endpoint, key, nonce = f"{self.issuer}/token", None, None
        if self.manifest.get("dpop_bound_access_tokens", False):
            key = DpopKey.new()
        while True:
            headers = {} if key is None else {"DPoP": key.proof("POST", endpoint, nonce=nonce)}
            sent = {**form, "resource": self.registry, **self._assertion()}
            answer = await http.post(endpoint, data=sent, headers=headers)
            if answer.is_success:
                return HeldToken(str(answer.json()["access_token"]), key)
            if nonce is not None or answer.json().get("error") != USE_NONCE:
                raise Refused(answer.text)
            nonce = answer.headers[NONCE]

    def _assertion(self) -> dict[str, str]:
        """RFC 7523 section 2.2: who asks, signed."""
        now, client = int(time.time()), self.manifest["client_id"]
        claims = {"iss": client, "sub": client, "aud": self.issuer, "jti": token_urlsafe(16), "iat": now}
        signer = self.ring.signer(KeyPurpose.CLIENT_ASSERTION)
        signed = signer.sign(claims | {"exp": now + ASSERTION_LIFETIME})
        return {"client_id": client, "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


def curl_configuration(headers: Mapping[str, str]) -> str:
    """What `curl -K` reads to send these headers."""
    return "".join(f'header = "{name}: {value}"\n' for name, value in headers.items())


def mails(outbox: Path) -> list[Path]:
    """Every message that the demo's mail catcher kept, the newest last."""
    return sorted(outbox.glob("*.json"))


async def mailed_code(outbox: Path, persona: str, seen: Container[str]) -> str:
    """The code of a message to the persona that was not seen before. Raises Refused."""
    people = tomllib.loads((ROOT / "demo" / "personas.toml").read_text("utf-8"))["persona"]
    address = next((each.get("email") for each in people if each["key"] == persona), None)
    for _ in range(MOST_LOOKS):
        for file in reversed(mails(outbox)):
            message = json.loads(file.read_bytes())
            found = re.search(r"\b\d{6}\b", message["text"])
            if file.name not in seen and address in message["recipients"] and found is not None:
                return found[0]
        await asyncio.sleep(0.1)
    raise Refused(f"no code in the mailbox of {persona}")


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


async def _run(chosen: argparse.Namespace) -> str:
    party = Party.of(Place.from_environment(), chosen.client)
    async with httpx2.AsyncClient(timeout=PATIENCE) as http:
        if chosen.persona is None:
            held = await party.own(http, chosen.scope)
        else:
            held = await party.of_persona(http, chosen.persona, chosen.scope, chosen.details)
        nonce = None if held.key is None else await party.nonce(http, held)
    if chosen.request is not None:
        method, url = chosen.request
        return curl_configuration(held.headers(method, url, nonce))
    if held.key is not None:
        raise Refused(f"tokens of {chosen.client} are bound to a key: ask with --for METHOD URL")
    return f"{held.token}\n"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: written to standard output; 1: no token, and why."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.tokens",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("client", help="client_id of a manifest in clients/manifests or demo/clients")
    parser.add_argument(
        "--persona", help="who signs in, a key of demo/personas.toml; without it the system's own"
    )
    parser.add_argument("--scope", help="default: everything of the registry's that the client may ask for")
    parser.add_argument("--details", help="authorization_details (RFC 9396) as JSON, with --persona")
    parser.add_argument(
        "--for",
        dest="request",
        nargs=2,
        metavar=("METHOD", "URL"),
        help="write curl's configuration (curl -K)",
    )
    try:
        sys.stdout.write(asyncio.run(_run(parser.parse_args(arguments))))
    except Stuck as stuck:
        sys.stderr.write(f"the sign-in ended at a page that {LEVEL} needs to pass: {stuck}\n")
        return 1
    except (Refused, TroubleError, OSError, httpx2.HTTPError) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DINHDANH_MODE", "demo")
    sys.exit(main())
