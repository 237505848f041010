"""The migrations of each database form one chain, numbered as they follow each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

CHAINS = (
    "clients/payment_gateway/storage/migrations/versions",
    "clients/portal_kit/storage/migrations/versions",
    "idp/storage/postgres/migrations/versions",
    "population_registry/storage/migrations/versions",
)
REVISION = re.compile(r'^revision(?:: str)? = "(\d{4})"$', re.MULTILINE)
BEFORE = re.compile(r'^down_revision(?:: str \| None)? = (?:"(\d{4})"|None)$', re.MULTILINE)


def links_of(folder: Path) -> list[tuple[str, str, str | None]]:
    """Name, revision and predecessor of each file, by name."""
    found = []
    for file in sorted(folder.glob("[0-9]*.py")):
        text = file.read_text(encoding="utf-8")
        revision, before = REVISION.search(text), BEFORE.search(text)
        assert revision is not None, file.name
        assert before is not None, file.name
        found.append((file.name, revision[1], before[1]))
    return found


@pytest.mark.parametrize("folder", CHAINS)
def test_each_migration_follows_the_one_before(folder: str) -> None:
    """Two migrations with one number, or two that follow the same one, would leave a database without a way on."""
    links = links_of(ROOT / folder)
    assert links
    before: str | None = None
    for number, (name, revision, follows) in enumerate(links, 1):
        assert (name[:4], revision, follows) == (f"{number:04}", f"{number:04}", before), name
        before = revision
