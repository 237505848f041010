"""Which texts the templates and the code of a package use: read from their syntax trees, not run."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, nodes

CALLS = frozenset({"t", "n", "text_key"})
PROBLEMS = frozenset({"Problem", "PageProblem"})
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_\-]+)+")


@dataclass(slots=True)
class Use:
    """What one folder asks for.

    ``asked``: ids that must exist. ``starts``: beginnings of ids made at run time. ``mentioned``: every literal that
    looks like an id, enough to call a text used. ``words``: literals that may be the slug of a problem.
    """

    asked: dict[str, str] = field(default_factory=dict)
    starts: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def __or__(self, other: "Use") -> "Use":
        """Both together."""
        return Use(
            self.asked | other.asked,
            self.starts | other.starts,
            self.mentioned | other.mentioned,
            self.words | other.words,
        )

    def uses(self, key: str) -> bool:
        """Whether a text is used somehow."""
        if key in self.asked or key in self.mentioned or key.startswith(tuple(self.starts)):
            return True
        return key.startswith("problem.") and key.split(".")[1] in self.words


def use_of(folder: Path) -> Use:
    """What the templates and modules below a folder use."""
    use = Use()
    for path in sorted(folder.rglob("*.html")):
        template(path, use)
    for path in sorted(folder.rglob("*.py")):
        module(path, use)
    return use


def template(path: Path, use: Use) -> None:
    """Add what a template uses."""
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        called = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
        if called in CALLS and call.args:
            for branch in branches(call.args[0]):
                if isinstance(branch, nodes.Const):
                    use.asked[str(branch.value)] = f"{path}:{call.lineno}"
                elif isinstance(branch, nodes.Concat) and isinstance(branch.nodes[0], nodes.Const):
                    use.starts.add(str(branch.nodes[0].value))
                elif isinstance(branch, nodes.Add) and isinstance(branch.left, nodes.Const):
                    use.starts.add(str(branch.left.value))
    mention(use, (str(constant.value) for constant in tree.find_all(nodes.Const)))


def branches(node: nodes.Node) -> Iterator[nodes.Node]:
    """The two sides of ``a if b else c``, or the node itself."""
    if isinstance(node, nodes.CondExpr):
        for side in (node.expr1, node.expr2):
            if side is not None:
                yield from branches(side)
    else:
        yield node


def module(path: Path, use: Use) -> None:
    """Add what a Python module uses."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            mention(use, [node.value])
            use.words.add(node.value)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value)
            if re.fullmatch(r"[a-z][a-z0-9_\-]*(\.[a-z0-9_\-]*)+", start):
                use.starts.add(start)
        elif isinstance(node, ast.Call):
            place = f"{path}:{node.lineno}"
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS and node.args:
                literal(node.args[0], use, place)
            if name in PROBLEMS and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                use.starts.add(f"problem.{node.args[1].value}.")
            for keyword in node.keywords:
                if keyword.arg in {"title_key", "detail_key"}:
                    literal(keyword.value, use, place)


def literal(node: ast.expr, use: Use, place: str) -> None:
    """Add a literal id, if it is one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
        use.asked[node.value] = place


def mention(use: Use, literals: Iterator[str] | list[str]) -> None:
    """Add what looks like an id."""
    use.mentioned.update(each for each in literals if KEY.fullmatch(each))
