"""Node and the packages of the lock file; programs that talk with a test, one line of JSON at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def install() -> None:
    """The packages of the lock file; skips the test where Node or the packages cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    if not installed():
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        if subprocess.run(command, cwd=HERE, capture_output=True, check=False).returncode != 0:
            pytest.skip("npm ci failed: no package registry")


def installed() -> bool:
    """Whether every package of the lock file is there, in its version."""
    locked = json.loads((HERE / "package-lock.json").read_bytes())["packages"]
    return all(version(path) == found["version"] for path, found in locked.items() if path)


def version(path: str) -> str | None:
    """The version of an installed package; None without it."""
    manifest = HERE / path / "package.json"
    found: str | None = json.loads(manifest.read_bytes())["version"] if manifest.exists() else None
    return found


class Program:
    """A running program of this folder."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self) -> Any:
        """The next thing that the program says; its last words fail the test when it says nothing more."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = await self._process.stdout.readline()
        assert line, (await self._process.stderr.read()).decode()
        return json.loads(line)

    async def say(self, text: str) -> None:
        """One line for the program."""
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")
        await self._process.stdin.drain()


@contextlib.asynccontextmanager
async def program(name: str, *arguments: str) -> AsyncIterator[Program]:
    """Run a program of this folder; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *("node", name, *arguments),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
        await process.communicate()
        assert process.returncode == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
