"""The documents hold together: links lead somewhere, every page is found, decisions name their tests."""

import re
from pathlib import Path

from tests.house.tree import ROOT, files

PAGES = [name for name in files() if name.endswith(".md")]
DECISIONS = [name for name in PAGES if re.match(r"docs/decisions/\d{4}-", name)]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(name: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))


def links(name: str) -> list[tuple[str, str]]:
    """Page or file and heading that a page's links lead to, as seen from the root; no addresses elsewhere."""
    found = []
    for target in LINK.findall(prose(name)):
        path, _, heading = target.partition("#")
        if ":" not in path:
            place = (ROOT / name).parent / path if path else ROOT / name
            found.append((place.resolve().relative_to(ROOT).as_posix(), heading))
    return found


def anchors(page: Path) -> set[str]:
    """The headings of a page as a link names them."""
    words = (
        re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(page.read_text(encoding="utf-8"))
    )
    return {each.replace(" ", "-") for each in words}


def test_links_lead_somewhere():
    """Nobody who reads on finds nothing: files and headings exist."""
    broken = []
    for name in PAGES:
        for target, heading in links(name):
            place = ROOT / target
            if not place.exists() or (heading and heading not in anchors(place)):
                broken.append(f"{name}: {target}#{heading}")
    assert broken == []


def test_every_page_is_found_from_the_readme():
    """A page that nothing leads to is read by nobody."""
    seen, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for target, _ in links(name):
            index = f"{target}/README.md"
            waiting += [each for each in (target, index) if each in PAGES]
    assert sorted(name for name in PAGES if name.startswith("docs/") and name not in seen) == []


def test_decisions_say_what_was_decided_and_what_holds_it():
    """Each is in the list of decisions by its title, says what was decided, and names the tests that enforce it."""
    index = prose("docs/decisions/README.md")
    for name in DECISIONS:
        text = (ROOT / name).read_text(encoding="utf-8")
        title = text.splitlines()[0].removeprefix("# ")
        number, words = title.split(" ", 1)
        assert f"| [{number}]({Path(name).name}) | {words} |" in index, name
        assert re.search(r"^(\*\*Decided\*\*|## Decision)", text, re.MULTILINE), name
        assert re.search(
            r"^(\*\*Enforced by\*\*|## Enforced by).*\n?.*tests/", text, re.MULTILINE | re.DOTALL
        ), name
