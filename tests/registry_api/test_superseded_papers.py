"""A paper that speaks of what is to come is overtaken by a later act of its dossier; it stays genuine."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from clients.papers import main, read_paper
from keys import KeyRing
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.keeping import CardKeys
from population_registry.storage.connections import connect
from tests.registry_api.confirmed import check, claims_of
from tests.registry_api.conftest import LAN, REGISTRY, Registry
from tests.registry_api.dossiers import act, citizen, file, rows
from tests.registry_api.test_act_papers import papers_of, posted, signed

pytestmark = pytest.mark.engine
LATER = timedelta(seconds=21)
"""A list is given out for twenty seconds."""


@pytest.fixture
def registry(authority: Registry, key_rings: tuple[Path, KeyRing]) -> Registry:
    """The registry as the deciding authority, with an authority that signs papers."""
    folder = key_rings[0]
    CardKeys.beside(folder, KeyRing.open(folder, mode="demo"), SEALS).complete(authority.clock())
    return authority


async def told_of(registry: Registry, paper: dict[str, Any]) -> dict[str, Any]:
    """What the public check says of a paper."""
    code = claims_of(paper["confirmation"])["code"]
    found: dict[str, Any] = (await check(registry, code, LAN["number"][-4:])).json()
    return found


async def listed(registry: Registry, paper: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The published keys, and the status list that the paper names, anew."""
    registry.clock.advance(seconds=LATER.total_seconds())
    where = claims_of(paper["confirmation"])["status"]["status_list"]["uri"]
    text = (await registry.http.get(where.removeprefix(REGISTRY))).text
    return (await registry.http.get("/.well-known/jwks.json")).json(), text


async def reread(registry: Registry, dossier: dict[str, Any]) -> dict[str, Any]:
    """The dossier as it is now, with its history."""
    found: dict[str, Any] = (
        await registry.get(f"/v1/dossiers/{dossier['dossier_code']}", citizen(registry, LAN))
    ).json()
    return found


async def test_a_receipt_says_that_another_day_was_promised(registry: Registry) -> None:
    """Circular 01/2018: after a request to supplement the day on the CT04 is not the last word; the check says so.

    The paper stays genuine: what is printed on it can still be compared, its signature and receipt still hold.
    """
    dossier = await file(registry, LAN)
    await act(registry, dossier, "receive")
    receipt = await signed(registry, papers_of(await reread(registry, dossier))["CT04"])
    assert (await told_of(registry, receipt))["state"] == "valid"
    assert (await act(registry, dossier, "ask_supplement", reason="Thiếu hợp đồng")).status_code == 200
    now = await reread(registry, dossier)
    asked = next(line for line in now["history"] if line["form"] == "CT05")
    told = await told_of(registry, receipt)
    assert (told["state"], told["superseded_by"]["form"]) == ("superseded", "CT05")
    assert told["superseded_by"]["at"][:16] == asked["occurred_at"][:16]
    assert (told["name"], told["dossier_code"]) == (LAN["name"], dossier["dossier_code"])
    page = (await posted(registry, claims_of(receipt["confirmation"])["code"])).text
    assert "đã có giấy sau của cùng hồ sơ" in page
    assert "CT05 – Yêu cầu bổ sung" in page
    asking = await signed(registry, papers_of(now)["CT05"])
    assert (await told_of(registry, asking))["state"] == "valid"
    jwks, text = await listed(registry, receipt)
    said = read_paper(receipt["confirmation"], jwks, REGISTRY, [text], registry.clock.timestamp)
    assert (said.superseded, said.claims["form"]) == (True, "CT04")
    assert not read_paper(asking["confirmation"], jwks, REGISTRY, [text], registry.clock.timestamp).superseded


async def test_a_paper_made_after_it_was_overtaken_is_known_as_such(registry: Registry) -> None:
    """Papers are made when first asked for: a CT04 of long ago is overtaken from then on, in the list too.

    What was said last, the notice of stop, is not.
    """
    dossier = await file(registry, LAN)
    for name, reason in (("receive", None), ("ask_supplement", "Thiếu giấy"), ("stop", "Không bổ sung")):
        said = {} if reason is None else {"reason": reason}
        assert (await act(registry, dossier, name, **said)).status_code == 200
    papers = {
        form: await signed(registry, path)
        for form, path in papers_of(await reread(registry, dossier)).items()
    }
    states = {form: await told_of(registry, paper) for form, paper in papers.items()}
    assert {form: told["state"] for form, told in states.items()} == {
        "CT04": "superseded",
        "CT05": "superseded",
        "stop": "valid",
    }
    assert {states[form]["superseded_by"]["form"] for form in ("CT04", "CT05")} == {"stop"}
    jwks, text = await listed(registry, papers["stop"])
    found = {form: read_paper(paper["stamp"], jwks, REGISTRY) for form, paper in papers.items()}
    assert not any(each.superseded for each in found.values())
    overtaken = {
        form: read_paper(paper["confirmation"], jwks, REGISTRY, [text], registry.clock.timestamp).superseded
        for form, paper in papers.items()
    }
    assert overtaken == {"CT04": True, "CT05": True, "stop": False}


@pytest.mark.attack
async def test_neither_of_two_at_once_forgets_the_list(registry: Registry) -> None:
    """Attack 53: a paper is made while the act that overtakes it is done; one row stands for it in the end."""
    for _ in range(3):
        dossier = await file(registry, LAN)
        await act(registry, dossier, "receive")
        path = papers_of(await reread(registry, dossier))["CT04"]
        paper, done = await asyncio.gather(
            signed(registry, path), act(registry, dossier, "ask_supplement", reason="Thiếu giấy")
        )
        assert done.status_code == 200
        kept = await rows(
            registry,
            "SELECT event_no FROM paper_superseded WHERE confirmation_id = $1::uuid",
            paper["confirmation_id"],
        )
        assert len(kept) == 1


@pytest.mark.attack
@pytest.mark.parametrize("statement", ["DELETE FROM", "UPDATE", "TRUNCATE"])
async def test_what_was_overtaken_stays_so(registry: Registry, statement: str) -> None:
    """Attack 54: the table refuses change, deletion and emptying: nobody makes an old promise the last word again."""
    dossier = await file(registry, LAN)
    await act(registry, dossier, "receive")
    paper = await signed(registry, papers_of(await reread(registry, dossier))["CT04"])
    await act(registry, dossier, "ask_supplement", reason="Thiếu giấy")
    assert (await told_of(registry, paper))["state"] == "superseded"
    connection = await connect(registry.database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                f"{statement} paper_superseded{' SET event_no = 1' if statement == 'UPDATE' else ''}"
            )
    finally:
        await connection.close()


async def test_the_offline_checker_says_it_on_the_command_line(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/papers.md: with the list, `python -m clients.papers` prints the paper and that it was overtaken."""
    dossier = await file(registry, LAN)
    await act(registry, dossier, "receive")
    paper = await signed(registry, papers_of(await reread(registry, dossier))["CT04"])
    await act(registry, dossier, "ask_supplement", reason="Thiếu giấy")
    jwks, text = await listed(registry, paper)
    (tmp_path / "jwks.json").write_text(json.dumps(jwks))
    (tmp_path / "list.jwt").write_text(text)

    operands = [paper["confirmation"], tmp_path / "jwks.json", REGISTRY, tmp_path / "list.jwt"]
    reading = partial(read_paper, clock=registry.clock.timestamp)
    monkeypatch.setattr("clients.papers.read_paper", reading)
    monkeypatch.setattr("sys.argv", ["papers", *map(str, operands)])
    assert main() == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("superseded: ")
    assert json.loads(printed.out)["form"] == "CT04"
