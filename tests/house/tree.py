"""The files of the project: what git knows or would take, without what it ignores."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    ".cfg", ".conf", ".css", ".html", ".ini", ".js", ".json", ".md", ".mjs", ".mako",
    ".po", ".py", ".sh", ".sql", ".svg", ".toml", ".ts", ".txt", ".yaml", ".yml", "",
}  # a table, read by rows  # fmt: skip
UNKEPT = {".git", ".venv", "var", "node_modules", "__pycache__"}


@cache
def files() -> tuple[str, ...]:
    """Every kept file, relative to the root, in order."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        names = {name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()}
    else:  # a source archive: no git here
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = {str(path) for path in found if not UNKEPT & set(path.parts)}
    return tuple(sorted(names))


@cache
def text(name: str) -> str:
    """The content of a text file."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(name), name)


def texts() -> list[str]:
    """Every text file."""
    return [name for name in files() if Path(name).suffix in TEXTS]


def python(*folders: str) -> list[str]:
    """Every Python file, or those of some folders."""
    return [name for name in files() if name.endswith(".py") and (not folders or name.startswith(folders))]
