"""Prepare this machine: the virtual environment, the pinned packages and, where root, the Debian packages.

Run by the Makefile with the system's Python, before anything is installed: only the standard library is here.
Everything is skipped when it is already as it should be. Every package is checked against its pinned hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LARGER = {"demo": ("demo", "dev"), "dev": ("dev",)}  # a profile is satisfied by itself or a larger one
PROGRAMS = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
NJS = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
AUTH_OPENIDC = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
SHELL = "chromium-headless-shell"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONTS = Path("/usr/share/fonts")


class PreparationError(Exception):
    """Something a person must do first; the message says what, in one line where possible."""


def main() -> int:
    """Prepare what the arguments ask for; 0 when all is there, 1 with a plain sentence otherwise."""
    parser = argparse.ArgumentParser(prog="demo/prepare.py", description=__doc__.splitlines()[0])
    parser.add_argument("profile", choices=sorted(LARGER), help="which requirements/<profile>.txt to install")
    parser.add_argument("--browser", action="store_true", help="Chromium and a font with Vietnamese letters")
    parser.add_argument(
        "--proxy", action="store_true", help="nginx with njs, to try the proxy's configuration"
    )
    parser.add_argument("--apache", action="store_true", help="Apache with mod_auth_openidc, a ready client")
    parser.add_argument("--node", action="store_true", help="Node and npm, for the peer of the benchmarks")
    arguments = parser.parse_args()
    try:
        require_python()
        make_venv()
        install_packages(arguments.profile)
        if arguments.browser:
            prefer_shell()
            require_program("Chromium, which the browser journeys drive,", BROWSERS, "chromium")
            require_font()
        if arguments.proxy:
            require_proxy()
        if arguments.apache:
            require_apache()
        if arguments.node:
            require_program("Node", ("node",), "nodejs")
            require_program("npm", ("npm",), "npm")
    except PreparationError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; run the same command again, it continues where it stopped.")
        return 130
    return 0


def require_python() -> None:
    """Python 3.11 or newer."""
    if sys.version_info < (3, 11):  # noqa: UP036 — run by whatever python3 the machine has
        found = ".".join(map(str, sys.version_info[:3]))
        raise PreparationError(
            f"Python 3.11 or newer is needed, this is {found}. Try: make PYTHON=python3.11 ..."
        )


def make_venv() -> None:
    """Create .venv; a broken or foreign one (its interpreter is gone) is made anew."""
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import pip"]):
        return
    say("Creating the virtual environment .venv ...")
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not succeeds([sys.executable, "-c", "import ensurepip, venv"]):
        debian("Python's venv module", package)
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment could not be created.")


def install_packages(profile: str) -> None:
    """Bring .venv to exactly requirements/<profile>.txt, or keep a larger profile that is current."""
    stamp = VENV / "prepared"
    current = stamp.read_text() if stamp.exists() else ""
    if current in [fingerprint(candidate) for candidate in LARGER[profile]]:
        return
    if current.startswith("dev ") or (not current and (VENV / "bin" / "pytest").exists()):
        profile = "dev"  # a developer's environment stays one, whoever made it
    bootstrap = ROOT / "requirements" / "bootstrap.txt"
    wanted = bootstrap.read_text().split()[0].replace("==", " ")
    if installed_uv() != wanted:
        say("Installing the package installer (uv, checked by hash) ...")
        install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*install, "--require-hashes", "-r", str(bootstrap)], "uv could not be installed.")
    say(f"Installing the packages of requirements/{profile}.txt (each checked by hash) ...")
    sync = [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes"]
    if profile == "demo":
        sync.append("--compile-bytecode")  # once for all, instead of by five processes at the same time
    requirements = str(ROOT / "requirements" / f"{profile}.txt")
    run([*sync, requirements], "The packages could not be installed.", network_settings())
    stamp.write_text(fingerprint(profile))


def fingerprint(profile: str) -> str:
    """What .venv holds after a successful installation of ``profile``."""
    digest = hashlib.sha256((ROOT / "requirements" / f"{profile}.txt").read_bytes()).hexdigest()
    return f"{profile} {digest} {sys.version_info.major}.{sys.version_info.minor}"


def network_settings() -> dict[str, str]:
    """What this machine told pip about its network (index, certificates), in the words of uv."""
    words = {"index-url": "UV_DEFAULT_INDEX", "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE"}
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    settings = {}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        word = words.get(name.rpartition(".")[2])
        if word and word not in os.environ:
            settings[word] = value.strip("'\"")
    return settings


def installed_uv() -> str:
    """For example ``uv 0.13.9``; empty when there is none."""
    program = VENV / "bin" / "uv"
    if not program.exists():
        return ""
    answer = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, check=False
    ).stdout.split()
    return " ".join(answer[:2])


def require_program(what: str, names: tuple[str, ...], package: str) -> None:
    """One of the programs ``names`` is on the path, installed if that is possible."""
    if not any(map(shutil.which, names)):
        debian(what, package, optional=True)


def prefer_shell() -> None:
    """Chromium without a window, where this machine gives it at once: half the processor time of the whole browser.

    Nobody has to have it: the whole one serves everywhere, so nothing is said where it cannot be installed.
    """
    if not shutil.which(SHELL) and os.geteuid() == 0 and shutil.which("apt-get"):
        patience = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10")
        succeeds(["apt-get", "install", "--yes", "--no-install-recommends", "--no-remove", *patience, SHELL])


def require_proxy() -> None:
    """The proxy of ``deploy/`` with the module its configuration loads."""
    if not (shutil.which("nginx", path=PROGRAMS) and NJS.exists()):
        debian("nginx with njs", "nginx-light libnginx-mod-http-js", optional=True)


def require_apache() -> None:
    """A web server whose OpenID Connect client nobody here wrote."""
    if not (shutil.which("apache2", path=PROGRAMS) and AUTH_OPENIDC.exists()):
        debian("Apache with mod_auth_openidc", "apache2 libapache2-mod-auth-openidc", optional=True)


def require_font() -> None:
    """A font that has every Vietnamese letter, so that screenshots show words and not boxes."""
    listed = (
        shutil.which("fc-list")
        and subprocess.run(
            ["fc-list", ":lang=vi", "family"], capture_output=True, text=True, check=False
        ).stdout.strip()
    )
    if not listed and not list(FONTS.rglob("NotoSans-Regular.*")):
        debian("A font with Vietnamese letters", "fonts-noto-core", optional=True)


def debian(what: str, package: str, *, optional: bool = False) -> None:
    """Install a Debian package when root, else say the line that does; optional ones stop only in CI."""
    line = f"apt-get install --yes --no-install-recommends {package}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"{what} is missing; installing the Debian package {package} ...")
        # RUNLEVEL 1: a server that is only wanted as a program must not be started by its installation
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        for command in (line, "apt-get update --quiet", line):
            done = subprocess.run(
                command.split(), env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode == 0 and command == line:
                return
        raise PreparationError(f"{what} is missing and `{line}` failed:\n{done.stderr.strip()[-800:]}")
    message = f"{what} is missing. Install it with: sudo {line}"
    if optional and os.environ.get("CI", "").lower() not in {"1", "true"}:
        say(f"{message}\nGoing on without it; what needs it will be reported as skipped.")
        return
    raise PreparationError(message)


def succeeds(command: list[str]) -> bool:
    """Whether the command ends with 0; what it prints is of no interest."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(command: list[str], failure: str, settings: dict[str, str] | None = None) -> None:
    """Run a command, with further environment settings, whose own output explains a failure."""
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **(settings or {})}, check=False).returncode
    if code:
        raise PreparationError(
            f"{failure} Its own words stand above; the command was:\n  {' '.join(command)}"
        )


def say(message: str) -> None:
    """One line for the person at the terminal."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
