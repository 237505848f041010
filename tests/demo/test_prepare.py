"""Preparing a machine: nothing twice, nothing unchecked, and one exact line where a person must act."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from demo import prepare


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A project folder with requirements and an empty environment; answers the commands that would run."""
    ran: list[list[str]] = []
    (tmp_path / "requirements").mkdir()
    for profile in ("demo", "dev"):
        (tmp_path / f"requirements/{profile}.txt").write_text(f"{profile}==1\n")
    (tmp_path / "requirements/bootstrap.txt").write_text("uv==1.2.3 \\\n    --hash=sha256:0\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "run", lambda command, *_: ran.append(command))
    monkeypatch.setattr(prepare, "installed_uv", lambda: "")
    monkeypatch.setattr(prepare, "network_settings", dict)
    monkeypatch.delenv("CI", raising=False)
    return ran


def test_every_package_is_checked_by_hash(machine: list[list[str]]) -> None:
    """Both the installer and the packages are installed with --require-hashes."""
    prepare.install_packages("demo")
    assert len(machine) == 2
    assert all("--require-hashes" in command for command in machine)


def test_packages_are_installed_again_only_when_their_list_changed(machine: list[list[str]]) -> None:
    """A second start with the same requirements runs nothing; a changed list is installed."""
    prepare.install_packages("demo")
    machine.clear()
    prepare.install_packages("demo")
    assert machine == []
    (prepare.ROOT / "requirements/demo.txt").write_text("demo==2\n")
    prepare.install_packages("demo")
    assert machine


def test_a_developers_environment_serves_the_demo(machine: list[list[str]]) -> None:
    """After make test, make demo reinstalls nothing, and a stale developer's environment stays one."""
    prepare.install_packages("dev")
    machine.clear()
    prepare.install_packages("demo")
    assert machine == []
    (prepare.ROOT / "requirements/dev.txt").write_text("dev==2\n")
    prepare.install_packages("demo")
    assert machine[-1][-1].endswith("requirements/dev.txt")


def test_an_environment_made_by_hand_keeps_its_tools(machine: list[list[str]]) -> None:
    """In an environment that somebody made with the test tools, make demo does not remove them."""
    (prepare.VENV / "bin").mkdir()
    (prepare.VENV / "bin" / "pytest").touch()
    prepare.install_packages("demo")
    assert machine[-1][-1].endswith("requirements/dev.txt")


def test_a_person_without_rights_reads_the_exact_line(
    machine: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing browser is a notice with the command that installs it; in CI it is a failure."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    prepare.require_program("Chromium", prepare.BROWSERS, "chromium")
    line = "sudo apt-get install --yes --no-install-recommends chromium"
    assert line in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    with pytest.raises(prepare.PreparationError, match=line):
        prepare.require_program("Chromium", prepare.BROWSERS, "chromium")
    assert machine == []


@pytest.mark.parametrize(("user", "tries"), [(0, 1), (1000, 0)])
def test_the_lighter_browser_is_a_wish(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, tries: int
) -> None:
    """Root tries once to get Chromium without a window, removing nothing; who cannot have it hears nothing of it."""
    ran: list[list[str]] = []
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == prepare.SHELL else f"/usr/bin/{name}")
    monkeypatch.setattr(prepare, "succeeds", lambda command: bool(ran.append(command)))
    prepare.prefer_shell()
    prepare.require_program("Chromium", prepare.BROWSERS, "chromium")
    assert len(ran) == tries
    assert all("--no-remove" in command and prepare.SHELL in command for command in ran)
    assert capsys.readouterr().err == ""
