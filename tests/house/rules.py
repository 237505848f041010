"""The house rules as functions: each answers the offences of one file.

Words that it forbids are put together from parts, so that this file does not offend itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

LONGEST = 400  # lines of a Python file
UNFINISHED = re.compile("|".join((r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + r"X\b", r"\bHA" + r"CK\b")))
PRIVATE_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n|\")*[A-Za-z0-9+/]{40,}")
PRIVATE_JWK = re.compile(r"""["'](?:d|k)["']\s*:\s*["'][A-Za-z0-9_-]{22,}["']""")
REGISTRIES = re.compile(
    "|".join(("py" + r"pi\.org", "pythonhosted" + r"\.org", "npm" + r"js\.(?:org|com)", "crates" + r"\.io"))
)
MACHINE_PATHS = re.compile(r"(?<![\w.-])/(?:wor" + r"k|far" + r"m|home/\w+|root)/\w")
SILENCERS = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover)(?P<rest>.*)")
REASON = re.compile(r"[^\W\d_]{3,}")
UNFORMATTED = re.compile(r"(?P<reason>#[^#]*)?#\s*fmt:\s*(?:skip|off)")
CODES = re.compile(r"[A-Z]+\d+|\[[\w, -]*\]|\b(?:noqa|type|ignore)\b")
CLOCKS = {"time", "random", "secrets"}
CLOCK_CALLS = {
    "now",
    "utcnow",
    "today",
    "urandom",
    "time_ns",
    "monotonic",
    "uuid4",
    "token_bytes",
    "token_urlsafe",
}
MARKS_WITH_REASON = {"skip", "skipif", "xfail", "importorskip"}
ERROR_MAKERS = {"ProtocolError", "refusal"}


def lines_matching(source: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """The lines in which a pattern occurs."""
    for number, line in enumerate(source.splitlines(), 1):
        if pattern.search(line):
            yield f"line {number}: {line.strip()[:100]}"


def too_long(source: str) -> Iterator[str]:
    """A file that wants to be two."""
    length = len(source.splitlines())
    if length > LONGEST:
        yield f"{length} lines, at most {LONGEST}"


def private_keys(source: str) -> Iterator[str]:
    """Key material: a private PEM block, or a JWK with its private member."""
    for pattern in (PRIVATE_PEM, PRIVATE_JWK):
        if pattern.search(source):
            yield "holds a private key"


def silenced_without_reason(source: str) -> Iterator[str]:
    """A checker told to be quiet without a word why."""
    for number, line in enumerate(source.splitlines(), 1):
        found = SILENCERS.search(line)
        layout = UNFORMATTED.search(line)
        if (found and not REASON.search(CODES.sub("", found["rest"]))) or (
            layout and not REASON.search(layout["reason"] or "")
        ):
            yield f"line {number}: {line.strip()[:100]}"


def clocks_and_chance(tree: ast.Module) -> Iterator[str]:
    """A rule that asks the time or draws lots: both are facts that are loaded before."""
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        elif isinstance(node, ast.Call) and _name(node.func) in CLOCK_CALLS:
            yield f"line {node.lineno}: calls {ast.unparse(node.func)}()"
        for module in modules:
            if module.partition(".")[0] in CLOCKS:
                yield f"line {node.lineno}: imports {module}"


def built_descriptions(tree: ast.Module) -> Iterator[str]:
    """An error description put together at run time: it may carry input, or leave the RFC's ASCII set."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node.func) not in ERROR_MAKERS:
            continue
        described = [word.value for word in node.keywords if word.arg in {"description", "error_description"}]
        if _name(node.func) == "ProtocolError":
            described += node.args[1:2]
        for value in described:
            built = isinstance(value, ast.JoinedStr | ast.BinOp)
            if built or (isinstance(value, ast.Call) and _name(value.func) == "format"):
                yield f"line {node.lineno}: {ast.unparse(value)[:80]}"


def commits(tree: ast.Module) -> Iterator[str]:
    """A transaction outside the one place that commits decisions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value).lower()
            if node.func.attr in {"commit", "begin"} and "committing" not in receiver:
                yield f"line {node.lineno}: {ast.unparse(node.func)}()"


def tests_without_docstring(tree: ast.Module) -> Iterator[str]:
    """A test that does not say which fact it proves."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from [] if ast.get_docstring(node) else [f"line {node.lineno}: {node.name}"]


def import_circle(modules: Mapping[str, ast.Module]) -> Iterator[str]:
    """One circle among modules that import each other, type-only and late imports included."""
    imports = {name: set(_imported(tree, modules)) - {name} for name, tree in modules.items()}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        yield " <- ".join(circle.args[1])


def _imported(tree: ast.Module, modules: Collection[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if found := next((name for name in (inner, node.module) if name in modules), None):
                    yield found


def skips_without_reason(tree: ast.Module) -> Iterator[str]:
    """A test left out without a word why."""
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in MARKS_WITH_REASON
            and "pytest" in ast.unparse(node.value)
        ):
            call = called.get(id(node))
            spoken = call and (any(word.arg == "reason" for word in call.keywords) or _says(call, node.attr))
            if not spoken:
                yield f"line {node.lineno}: {ast.unparse(node)}"


def _says(call: ast.Call, name: str) -> bool:
    return name in {"skip", "xfail"} and bool(call.args)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
