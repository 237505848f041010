"""`docs/procedures.md` and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from population_registry.api.catalogue_files import load_catalogue
from population_registry.procedures.catalogue import MODULES, PROCEDURES
from population_registry.procedures.table import table
from population_registry.verification.refusals import Refusal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "procedures.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([^`]+)` .*\| `([a-z_]+)` \| `([a-z_]+)` \|$", re.MULTILINE)


def test_the_table_is_what_the_code_says():
    """Every procedure that can be filed stands in the page (`python -m population_registry.procedures.table`)."""
    assert table() in PAGE


def test_every_residence_procedure_is_explained():
    """Inputs, checks, consents, term, fee, outcome, module and test of each residence procedure; the test exists."""
    rows = {code: (module, test) for code, module, test in ROW.findall(PAGE)}
    wanted = {code for code, name in MODULES.items() if name.rpartition(".")[2].startswith("residence_")}
    assert rows.keys() == wanted
    for code, (module, test) in rows.items():
        assert MODULES[code].endswith(f".{module}")
        source = (ROOT / "tests" / "registry_procedures" / f"{test}.py").read_text(encoding="utf-8")
        assert module in source


def test_what_the_page_sends_is_read():
    """Each example of "What to send" is inputs that its procedure takes; every procedure that people file has one."""
    block = re.search(r"### What to send.*?```json\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    examples = orjson.loads(block[1])
    for code, inputs in examples.items():
        assert PROCEDURES[code].read(inputs) is not None
    residence = {code for code, name in MODULES.items() if name.rpartition(".")[2].startswith("residence_")}
    assert examples.keys() >= residence | {"bhyt.household", "bhyt.child", "bhyt.correction", "linked.death"}


def test_a_wrong_word_is_answered_with_those_there_are():
    """Whoever builds a form need not read our source: the refusal lists the words, and names the place."""
    with pytest.raises(Refusal) as refused:
        PROCEDURES["residence.correct"].read({"what": "addres"})
    assert (refused.value.member, refused.value.allowed) == ("inputs.what", ("address", "head", "relation"))


def test_every_other_procedure_is_explained():
    """Each insurance and linked procedure is named in prose before the table, and so are the parts of linked ones."""
    prose = PAGE.partition("## All procedures")[0]
    for code, module in MODULES.items():
        if not module.rpartition(".")[2].startswith("residence_"):
            assert code in prose, code
        for part in PROCEDURES[code].linked:
            assert part.procedure_code in prose, part.procedure_code


def test_what_citizens_file_beside_residence_is_in_the_catalogue():
    """Whatever is filed online says who may file it; parts and acts ex officio are opened by the registry alone."""
    entries = load_catalogue().procedures
    filed = {
        "bhyt.household",
        "bhyt.child",
        "bhyt.correction",
        "linked.birth",
        "linked.death",
        "identity.number",
    }
    others = {
        code for code, module in MODULES.items() if not module.rpartition(".")[2].startswith("residence_")
    }
    assert others & entries.keys() == filed
    for code in filed:
        assert PROCEDURES[code].name_vi == entries[code].name_vi


def test_every_residence_procedure_is_in_the_catalogue():
    """What can be filed says who may file it, at which level, on which basis; the same basis as the module."""
    entries = load_catalogue().procedures
    for code, module in MODULES.items():
        if module.rpartition(".")[2].startswith("residence_"):
            assert entries[code].clients
            assert entries[code].minimum_acr is not None
            assert PROCEDURES[code].name_vi == entries[code].name_vi
