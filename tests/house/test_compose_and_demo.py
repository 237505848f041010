"""docker-compose.yml and the demo name the same services, settings and receivers of events, row by row."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]  # no types, and only read here

from demo.place import Place
from demo.rows import Service, Step
from demo.services import table
from tests.house.tree import ROOT, text

PLACE = Place(Path("/srv/demo"))
ONLY_DEMO = {
    "TEMPLATE_CACHE_DIR",
    "DEMO_OUTBOX",
    "DEMO_START_PAGE",
    "REGISTRATION",
    "REGISTRATIONS_AN_HOUR",
    "FIRST_COMPARISON_DAYS",
}
"""Switches of the demo, and a folder that containers have no use for."""
WITH_REDIS = {"idp-1", "registry", "registry-worker"}
"""The demo gives the address to all; whoever signs people in for somebody else keeps nothing there."""
ONLY_COMPOSE = {
    *("KEYS_ROOT_KEY", "FORWARDED_HOPS", "CLIENT_CERT_PROXIES", "EGRESS_ALLOW", "SSL_CERT_FILE"),
    *("PYTHONSAFEPATH", "CLIENT_KEYS", "REGISTRY_URL", "ISSUER"),
}
"""What production asks for, and the demo does without or says elsewhere; two addresses that all share there."""


@lru_cache
def compose() -> dict[str, Any]:
    """The services of the compose file, anchors resolved."""
    services: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))["services"]
    return services


def services() -> dict[str, Service]:
    """What the demo runs, by the compose file's names."""
    rows = (row for row in table(PLACE) if isinstance(row, Service))
    return {"idp-1" if row.name == "idp" else row.name.replace("_", "-"): row for row in rows}


def settings(service: dict[str, Any]) -> set[str]:
    """The names of a service's settings, whether by value or by file."""
    return {
        name.removesuffix("_FILE") if name != "SSL_CERT_FILE" else name for name in service["environment"]
    }


def test_the_same_services_run() -> None:
    """A service of the demo is one of the deployment; beyond them there are engines, the proxy and what runs once."""
    once = {name for name in compose() if name.endswith("-setup")}
    assert compose().keys() - once - {"postgres", "valkey", "proxy", "idp-2"} == services().keys()


def test_the_same_settings_reach_them() -> None:
    """No service of the deployment lacks a setting that the demo gives it, nor has one that nobody explains."""
    for name, row in services().items():
        if name == "mail":
            continue
        wanted = {each.removesuffix("_FILE") for each in row.environment} - ONLY_DEMO
        given = settings(compose()[name])
        if name not in WITH_REDIS:
            wanted -= {"REDIS_URL"}
        assert wanted <= given, (name, wanted - given)
        assert given - wanted <= ONLY_COMPOSE, (name, given - wanted - ONLY_COMPOSE)


def receivers(words: list[str]) -> tuple[str, str, frozenset[str]] | None:
    """Client, path and kinds of a command that subscribes somebody; None for any other."""
    if "subscribe" not in words:
        return None
    client, url = words[words.index("subscribe") + 1 :][:2]
    assert words[words.index("--audience") + 1] == f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    return client, urlsplit(url).path, frozenset(words[words.index("--kinds") + 1 :])


def commands(service: str) -> list[list[str]]:
    """The commands of a setup script, line by line."""
    script: str = compose()[service]["command"][-1].replace("\\\n", " ")
    return [shlex.split(line) for line in script.splitlines()]


def test_the_same_receivers_are_told() -> None:
    """Whoever the demo subscribes to the registry's events is subscribed in the deployment, for the same kinds."""
    wanted = {receivers(list(row.command)) for row in table(PLACE) if isinstance(row, Step)} - {None}
    given = {receivers(words) for words in commands("registry-setup")} - {None}
    assert given == wanted


def test_every_receiver_may_be_reached() -> None:
    """Decision 0007: the registry's egress names the origin of each receiver, the provider's that of each client."""
    allowed = compose()["registry-worker"]["environment"]["EGRESS_ALLOW"].split()
    for words in commands("registry-setup"):
        if "subscribe" in words:
            assert words[words.index("--audience") + 1] in allowed, words
    environment = compose()["idp-1"]["environment"]
    reached = environment["EGRESS_ALLOW"].split()
    for path in (ROOT / "clients" / "manifests").glob("*.toml"):
        for name in re.findall(
            r'^(?:jwks_uri|backchannel_logout_uri) = "\$\{(\w+)\}', path.read_text("utf-8"), re.MULTILINE
        ):
            assert environment[name] in reached, (path.name, name)


def test_every_manifest_finds_its_keys_and_addresses() -> None:
    """Both ways to run it make the key file of each client, and know every address that a manifest names."""
    made = {row.makes[0] for row in table(PLACE) if isinstance(row, Step) and row.writes is not None}
    provider = compose()["idp-setup"]
    mounted = {
        each.split(":")[0].rpartition("/")[2]
        for name in compose()
        for each in compose()[name].get("volumes", ())
        if ":/public-keys" in each
    }
    for path in (ROOT / "clients" / "manifests").glob("*.toml"):
        manifest = path.read_text("utf-8")
        assert set(re.findall(r"\$\{(\w+_\w+)\}", manifest)) <= provider["environment"].keys(), path.name
        for folder in re.findall(r"CLIENT_KEYS\}/(\w+)/jwks\.json", manifest):
            assert PLACE.keys(folder) / "jwks.json" in made, folder
            assert folder in mounted, folder
            setup = f"{folder.replace('_', '-')}-setup"
            assert provider["depends_on"][setup] == {"condition": "service_completed_successfully"}
