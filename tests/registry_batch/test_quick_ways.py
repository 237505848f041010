"""Batches have quick ways for what most rows are; each says exactly what the careful way says."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from functools import partial
from itertools import product

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.api.catalogue_files import load_catalogue
from population_registry.batch.asking import Format, Kind
from population_registry.batch.judging import Asked, Bench, Recorded
from population_registry.batch.rendering import WITHOUT, Csv, Ndjson, Run
from population_registry.batch.results import _runs
from population_registry.batch.rows import Row, RowReader, copy_line
from population_registry.domain import (
    FoundBy,
    MaritalStatus,
    PartialDate,
    Person,
    PersonalNumber,
    PersonFacts,
    PersonName,
    PersonStatus,
    Sex,
)
from population_registry.matching import Successors
from population_registry.verification.asking import Context

COLUMNS = {"ref": "ma", "number": "so", "name": "ten", "birth_date": "ns"}
COLUMNS_LINE = "ma,so,ten,ns"
VALUES = st.one_of(
    st.sampled_from(
        [
            "099194000101",
            "99194000101",
            " 099194000101",
            "012345678",
            "٠٩٩١٩٤٠٠٠١٠١",
            "",
            " ",
            "A-1",
            "Nguyễn Thị Lan",
            "NGUYỄN  THỊ LAN",
            "Nguyễn Thị Lan ",
            "Lan\\t",
            "\ufffd",
            "a" * 201,
            "1994-05-17",
            "1994",
            "17/05/1994",
            "1994-13-01",
            "x\u200by",
            "\u00a0Lan",
        ]
    ),
    st.text(max_size=12),
)


def carefully(lines: list[str]) -> list[str]:
    """The rows of a file with that header, read one by one, as COPY reads them."""
    reader = RowReader(Format.CSV, COLUMNS)
    return [f"batch\t{copy_line(row)}" for row in reader.read(iter([COLUMNS_LINE, *lines]))]


def quickly(lines: list[str], step: int = 1_000) -> list[str]:
    """The same rows, `step` lines at a time, read together where all is in order; their numbers are checked."""
    reader, found = RowReader(Format.CSV, COLUMNS, "batch\t"), []
    whole = [COLUMNS_LINE, *lines]
    for at in range(0, len(whole), step):
        for numbers, text in reader.copied(whole[at : at + step]):
            rows = text.splitlines(keepends=True)
            assert [int(row.split("\t")[1]) for row in rows] == list(numbers)
            found += rows
    return found


GOOD = ("A-1", "099194000101", "Nguyễn Thị Lan", "1994-05-17")


@given(
    st.lists(st.one_of(st.just(GOOD), st.tuples(VALUES, VALUES, VALUES, VALUES)), max_size=9),
    st.sampled_from(["", "\r", ",", '"']),
    st.integers(1, 9),
)
def test_lines_read_quickly_read_alike(rows: list[tuple[str, ...]], ending: str, step: int) -> None:
    """Whatever a line holds, and whatever stands beside it, both ways make the same row or the same fault of it."""
    lines = [re.sub(r"[\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", ",".join(row)) for row in rows]
    lines = [line + ending if row != GOOD else line for line, row in zip(lines, rows, strict=True)]
    assert quickly(lines, step) == carefully(lines)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_ordinary_lines_take_the_quick_way(separator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the comparison above would prove nothing; one bad line sends only itself the careful way."""
    careful: list[str | None] = []
    row = RowReader._row
    monkeypatch.setattr(RowReader, "_row", lambda self, line: careful.append(line) or row(self, line))
    good = separator.join(GOOD)
    reader = RowReader(Format.CSV, COLUMNS)
    found = list(reader.copied([COLUMNS_LINE.replace(",", separator), *[good] * 700, "bad", *[good] * 700]))
    assert careful == ["bad"]
    assert [number for numbers, _ in found for number in numbers] == list(range(2, 1403))


CELLS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
)


@given(CELLS, CELLS, CELLS, st.booleans(), CELLS, CELLS)
def test_copied_lines_hold_their_values(
    ref: str | None, name: str | None, others: str | None, plain: bool, key: str | None, error: str | None
) -> None:
    """A line for COPY has one end, one cell for each column, and each cell reads back as its value."""
    row = Row(7, ref, "099194000101", name, "1994", others, plain=plain, name_key=key, error=error)
    line = copy_line(row)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    cells = line[:-1].split("\t")
    assert len(cells) == len(row)
    back = [None if cell == "\\N" else _unescaped(cell) for cell in cells]
    expected = [None if v is None else {True: "t", False: "f"}.get(v, v) for v in row]  # type: ignore[call-overload]  # as COPY writes
    assert back == [str(v) if isinstance(v, int) else v for v in expected]


def _unescaped(cell: str) -> str:
    signs = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
    return re.sub(r"\\.", lambda found: signs[found.group()], cell)


NAMES = [
    "Nguyễn Thị Lan",
    "NGUYỄN THỊ LAN",
    "Nguyen Thi Lan",
    "Nguyễn Lan",
    "Trần Văn Phúc",
    "Nguyễn Thi Lan",
    "?",
]
BIRTHS = ["1994-05-17", "1994", "1994-05", "1968-02-09", "1994-05-18"]


def lan(birth: str, status: PersonStatus, found_by: FoundBy) -> PersonFacts:
    """Lan, born then, in that standing, found by that kind of number."""
    person = Person(
        1,
        PersonalNumber("099194000101"),
        PersonName("Nguyễn", "Thị", "Lan"),
        PartialDate.parse(birth),
        Sex.FEMALE,
        "VN",
        MaritalStatus.SINGLE,
        status,
        None if status is PersonStatus.ACTIVE else date(2026, 1, 1),
    )
    return PersonFacts(person, found_by)


def same(person: PersonFacts) -> PersonFacts:
    """The record, read only when somebody wants it."""
    return person


@pytest.mark.parametrize("kind", list(Kind))
def test_rows_judged_by_their_kind_are_judged_alike(kind: Kind) -> None:
    """Names, births, standings and ways of finding, all against all: the kept answer is what the rule says."""
    procedure = load_catalogue().get("bhxh.reconcile")
    context = Context("Đối soát", "bhxh.reconcile", None, None)
    for told in (True, False):
        bench = Bench(context, procedure, told, kind, date(2026, 11, 21), Successors())
        cases = list(product(NAMES, BIRTHS, BIRTHS, PersonStatus, FoundBy))
        for name, asked_birth, birth, status, found_by in cases:
            asked, person = Asked("099194000101", name, asked_birth), lan(birth, status, found_by)
            recorded = Recorded("Nguyễn", "Thị", "Lan", birth, status.value, found_by.value)
            assert bench.answer(asked, recorded, partial(same, person)) == bench.judge(asked, person)
        assert 4 * len(bench._said) < len(cases)


USUAL = (None, None, "established", "verified", WITHOUT)
REFS = st.one_of(st.none(), st.text(max_size=6), st.sampled_from(['a"b', "a,b", "a\nb", "à", " "]))
ANSWERS = ['{"name":{"flag":"match","reasons":[]}}', '{"name":{"flag":"close","reasons":["tone","i_y"]}}']


@given(st.lists(st.tuples(REFS, st.sampled_from(ANSWERS), st.booleans()), max_size=6))
def test_result_lines_read_back(rows: list[tuple[str | None, str, bool]]) -> None:
    """Both layouts say of each row its line, its key and its answer, whatever the key holds and whoever is beside."""
    said = [
        ("number-twice", "so", None, None, None) if bad else (None, None, "established", "verified", answer)
        for _, answer, bad in rows
    ]
    refs = [ref for ref, _, _ in rows]
    known = dict(zip(range(2, 9), said, strict=False))
    runs = (
        list(_runs(list(range(2, 2 + len(rows))), refs if any(refs) else None, known, USUAL)) if rows else []
    )
    lines = Ndjson(Kind.RECONCILE).page(runs).splitlines()
    writer = Csv(Kind.RECONCILE, COLUMNS)
    table = list(csv.reader(io.StringIO((writer.head() + writer.page(runs)).decode("utf-8-sig"), newline="")))
    assert len(lines) == len(table) - 1 == len(rows)
    for n, (line, cells, ref, one) in enumerate(zip(lines, table[1:], refs, said, strict=True), 2):
        error, _, identity, status, answer = one
        found = orjson.loads(line)
        assert found["line"] == n
        assert (found["ref"] or None) == (ref or None)
        assert (int(cells[0]), cells[1]) == (n, ref or "")
        if error is None:
            assert (found["identity"], found["status"], found["results"]) == (
                identity,
                status,
                orjson.loads(answer),
            )
            assert cells[2:4] == [identity, status]
        else:
            assert found["error"]["code"] == error
            assert error in cells


def test_rows_that_say_the_same_are_one_run() -> None:
    """A page without exceptions is one run; one row that says something else parts it, and no number is lost."""
    numbers = list(range(2, 102))
    assert list(_runs(numbers, None, {}, USUAL)) == [Run(numbers, None, USUAL)]
    bad = ("number-twice", "so", None, None, None)
    refs = [str(number) for number in numbers]
    runs = list(_runs(numbers, refs, {50: bad, 51: bad}, USUAL))
    assert [(run.numbers[0], run.numbers[-1], run.said) for run in runs] == [
        (2, 49, USUAL), (50, 51, bad), (52, 101, USUAL)
    ]  # a table, read by rows  # fmt: skip
    assert [ref for run in runs for ref in run.refs or ()] == refs
    plain = Ndjson(Kind.RECONCILE).page(_runs(numbers, None, {}, USUAL))
    assert plain == Ndjson(Kind.RECONCILE).page([Run([number], [None], USUAL) for number in numbers])
