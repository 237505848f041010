"""The compose file: every secret it names is drawn, none stands in it, nothing in it runs with rights to spare."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text

COMPOSE = "docker-compose.yml"


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl: apt-get install --yes openssl")
def test_every_secret_is_drawn_once_and_private(tmp_path: Path) -> None:
    """deploy/prepare makes every secret file of the compose file, readable by one user, and keeps them later."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    command = [str(tmp_path / "deploy/prepare")]
    subprocess.run(command, check=True, capture_output=True)
    named = re.findall(r"file: \./(var/deploy/secrets/\w+)", text(COMPOSE))
    assert len(named) > 10
    first = {name: (tmp_path / name).read_bytes() for name in named}
    assert all(first.values())
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in named)
    assert len({first[name] for name in named}) == len(named)
    subprocess.run(command, check=True, capture_output=True)
    assert {name: (tmp_path / name).read_bytes() for name in named} == first


def test_every_secret_in_use_is_declared() -> None:
    """Each /run/secrets path of the compose file and the proxy belongs to a declared secret."""
    declared = set(re.findall(r"^  (\w+): \{file: ", text(COMPOSE), re.MULTILINE))
    used = set(re.findall(r"/run/secrets/(\w+)", text(COMPOSE) + text("deploy/nginx/nginx.conf")))
    assert used <= declared


def test_containers_have_no_rights_to_spare() -> None:
    """Every service is read-only, drops all capabilities, gains none, and runs as a user from outside (not root)."""
    body = text(COMPOSE).split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    shared = text(COMPOSE).split("x-service: &service")[1].split("\n\n")[0]
    inherits = ("<<: *service", "<<: *once", "*provider")
    for block in re.split(r"\n(?=  [a-z0-9-]+:)", f"\n{body}"):
        if not block.strip() or block.lstrip().startswith("#"):
            continue
        rights = shared if any(words in block for words in inherits) else block
        for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "user:"):
            assert line in rights, f"{line} is missing in {block[:60]}"


def test_no_password_stands_in_the_files() -> None:
    """Passwords reach services through files only; no address with credentials is written down."""
    for name in (COMPOSE, "Dockerfile", "deploy/nginx/nginx.conf"):
        assert not re.search(r"://[^\s/]*:[^\s/@]+@|PASSWORD:|password=", text(name)), name


def test_the_images_import_nothing_by_chance() -> None:
    """Containers set PYTHONSAFEPATH: nothing in a working directory can pose as a package."""
    assert "PYTHONSAFEPATH=1" in text("Dockerfile")
    assert "--require-hashes" in text("Dockerfile")
    assert re.findall(r"^USER (.*)$", text("Dockerfile"), re.MULTILINE)[-1] == "10001:10001"
