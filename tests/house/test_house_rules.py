"""What review would have to remember, a machine remembers. Every rule is also shown an offence that it must see."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from importlib.metadata import packages_distributions

import pytest

from tests.house import rules
from tests.house.tree import ROOT, files, python, text, texts, tree

OURS = ("keys", "web", "idp", "clients", "demo", "population_registry")
PURE = (
    "idp/protocol/",
    "idp/domain/",
    "idp/accounts/",
    *(
        f"population_registry/{name}/"
        for name in ("domain", "matching", "verification", "dossiers", "procedures", "operators")
    ),
)
MAY_COMMIT = re.compile(
    r"^idp/storage/(?:"
    r"committing|lasting"  # every decision: what is claimed first, and the rows that follow
    r"|accounts|clients|lives|registrations"  # what an administrator does from the command line
    r"|outbox|audit_heads"  # workers: what was delivered, what was signed
    r"|group_commit|postgres/(?:migrating|migrations|audit)"  # many decisions at once; the tables themselves
    r")"
)
VECTORS = re.compile(r"^tests/(?:\w+/)?vectors/")


def holds(names: Iterable[str], rule: Callable[[str], Iterable[str]]) -> bool:
    """True when no file offends; otherwise the test fails with every offence."""
    if found := [f"{name}: {offence}" for name in names for offence in rule(name)]:
        pytest.fail("\n".join(["", *found]), pytrace=False)
    return True


def test_no_file_is_too_long() -> None:
    """A Python file has at most 400 lines."""
    assert holds(python(), lambda name: rules.too_long(text(name)))
    assert list(rules.too_long("x\n" * 401))


def test_no_key_material_is_kept() -> None:
    """Nothing parses as a private key outside the published test vectors."""
    names = [name for name in texts() if not VECTORS.match(name)]
    assert holds(names, lambda name: rules.private_keys(text(name)))
    assert list(rules.private_keys("-----BEGIN EC PRIVATE" + " KEY-----\n" + "M" * 64))
    assert list(rules.private_keys('{"kty": "EC", "' + 'd": "' + "x" * 43 + '"}'))


@pytest.mark.parametrize(
    ("pattern", "offence"),
    [
        (rules.UNFINISHED, "# TO" + "DO later"),
        (rules.REGISTRIES, "https://py" + "pi.org/simple"),
        (rules.MACHINE_PATHS, "see /wor" + "k/main/file"),
    ],
    ids=["unfinished", "registry hosts", "machine paths"],
)
def test_no_forbidden_words(pattern: re.Pattern[str], offence: str) -> None:
    """Nothing is left for later in words, and no text names a package registry or a path of one machine."""
    assert holds(texts(), lambda name: rules.lines_matching(text(name), pattern))
    assert list(rules.lines_matching(offence, pattern))


def test_requirements_hold_no_addresses() -> None:
    """Every requirement is pinned with hashes and says nothing of where packages come from."""
    address = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|\s@\s")
    names = [name for name in files() if name.startswith("requirements/")]
    assert {"requirements/bootstrap.txt", "requirements/demo.txt", "requirements/dev.txt"} <= set(names)
    locks = [name for name in files() if name.endswith("-lock.json")]
    assert locks
    assert holds([*names, *locks], lambda name: rules.lines_matching(text(name), address))
    for name in names:
        for block in re.split(r"\n(?=[a-z0-9])", text(name)) if name.endswith(".txt") else []:
            assert "--hash=sha256:" in block, f"{name}: {block.splitlines()[0]}"


def test_no_checker_is_silenced_without_reason() -> None:
    """Each ``noqa``, ``type: ignore`` and hand-made layout has its reason beside it."""
    assert holds(python(), lambda name: rules.silenced_without_reason(text(name)))
    assert list(rules.silenced_without_reason("import x  # no" + "qa: F401"))
    assert not list(rules.silenced_without_reason("import x  # no" + "qa: F401 - imported for its effect"))
    assert list(rules.silenced_without_reason("x = [1]  # fmt" + ": skip"))
    assert not list(rules.silenced_without_reason("x = [1]  # a table, read by rows  # fmt" + ": skip"))


def test_rules_know_no_clock_and_no_chance() -> None:
    """Pure packages read no clock and draw nothing: time and random values come with the loaded facts."""
    assert holds(python(*PURE), lambda name: rules.clocks_and_chance(tree(name)))
    for offence in ("import time", "from secrets import token_bytes", "now = datetime.now(UTC)"):
        assert list(rules.clocks_and_chance(ast.parse(offence)))


def test_protocol_descriptions_are_constants() -> None:
    """A description on the wire is a constant (RFC 6749 section 5.2 sets its characters), never an f-string."""
    assert holds(python("idp/"), lambda name: rules.built_descriptions(tree(name)))
    for offence in ('ProtocolError("a", f"b {c}")', 'refusal("a", description="b %s" % c)'):
        assert list(rules.built_descriptions(ast.parse(offence)))


def test_only_committing_commits() -> None:
    """Decisions are made true in one place: pages, endpoints, rules and the shell never open a transaction."""
    names = [name for name in python("idp/") if not MAY_COMMIT.search(name)]
    assert holds(names, lambda name: rules.commits(tree(name)))
    assert list(rules.commits(ast.parse("await connection.commit()")))


def test_nothing_imports_itself_through_others() -> None:
    """No module depends on itself through others, for types or late: shared facts stand below their readers."""
    names = python(*(f"{name}/" for name in OURS))
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree(name) for name in names
    }
    assert not list(rules.import_circle(modules))
    circle = {"a": ast.parse("from b import c"), "b.c": ast.parse("def late():\n    import a")}
    assert list(rules.import_circle(circle))


def test_no_dependency_takes_our_names() -> None:
    """No installed distribution brings a top-level package that is called like one of ours."""
    others = packages_distributions()
    assert not {name: others[name] for name in OURS if set(others.get(name, [])) - {"dinhdanh"}}


def test_every_test_says_its_fact() -> None:
    """Each test has a docstring with the fact that it proves."""
    names = [name for name in python("tests/") if name.rpartition("/")[2].startswith("test_")]
    assert holds(names, lambda name: rules.tests_without_docstring(tree(name)))
    assert list(rules.tests_without_docstring(ast.parse("def test_x(): pass")))


def test_no_test_is_left_out_silently() -> None:
    """Skips and expected failures carry a reason."""
    assert holds(python("tests/"), lambda name: rules.skips_without_reason(tree(name)))
    for offence in ("@pytest.mark.skip\ndef f(): ...", "pytest.skip()", "pytest.mark.skipif(x)"):
        assert list(rules.skips_without_reason(ast.parse(offence)))


def test_ci_runs_check_and_test_and_nothing_else() -> None:
    """.ci/run is make check and make test, stops at the first failure, and hides nothing."""
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "make check", "make test"]


def test_the_makefile_explains_itself() -> None:
    """Every target of the Makefile is listed by make help, and the promised ones exist."""
    makefile = text("Makefile")
    (declared,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert explained == set(declared.split())
    assert {"help", "demo", "test", "check", "bench", "clean", "format", "keys", "requirements"} <= explained
