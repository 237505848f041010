"""The reader of files alone: whatever bytes come, in whatever pieces, a line becomes a row, a fault, or nothing."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.batch.asking import Format
from population_registry.batch.decoding import LONGEST_LINE, Lines
from population_registry.batch.faults import TEXTS, FileFault, FileRefusedError, RowFault
from population_registry.batch.rows import Row, RowReader

COLUMNS = {"ref": "stt", "number": "so", "name": "ten", "birth_date": "ns"}
CSV = 'stt,so,ten,ns\n1,099194000101,Nguyễn Thị Lan,1994-05-17\n2,099194000102,"Lê, Anh",1994\n'
JSON = '{"stt": 1, "so": "099194000101", "ten": "Nguyễn", "ns": "1994"}\n' * 2
HOSTILE = [
    b'"',
    b",",
    b"\0",
    b"\r",
    b"\n",
    b"\\ud800",
    b"[" * 2000,
    b"{",
    b"\xed\xa0\x80",
    b"\xff",
    "\u202e".encode(),
]


def read(content: bytes, step: int = 7, layout: Format = Format.CSV) -> list[Row]:
    """All rows of a file that comes in pieces of `step` bytes."""
    lines, reader = Lines(), RowReader(layout, COLUMNS, lambda text: text.encode()[:16])
    found: list[Row] = []
    for at in range(0, len(content), step):
        found += reader.read(iter(lines.feed(content[at : at + step])))
    found += reader.read(iter(lines.feed(b"", last=True)))
    reader.finish()
    return found


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([(Format.CSV, CSV), (Format.NDJSON, JSON)]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(HOSTILE) | st.binary(max_size=4)), max_size=6),
    st.integers(1, 50),
)
def test_no_bytes_break_the_reader(kind, encoding, wounds, step):
    """A wounded file gives rows whose texts the database can hold, named faults, or one refusal of the whole."""
    layout, text = kind
    content = bytearray(text.encode(encoding))
    for at, what in wounds:
        content[at:at] = what
    try:
        rows = read(bytes(content), step, layout)
    except FileRefusedError:
        return
    for row in rows:
        assert row.error is None or row.error in TEXTS
        for text in row[1:6]:
            assert text is None or ("\0" not in text and text.encode("utf-8"))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.sampled_from(["utf-8", "utf-16", "utf-16-be"]))
def test_pieces_do_not_matter(step, encoding):
    """A file read byte by byte, or cut inside a letter, gives the rows of the file read at once."""
    content = CSV.encode(encoding)
    assert read(content, step) == read(content, len(content))
    assert [row.number for row in read(content, step)] == ["099194000101", "099194000102"]


def workbook() -> bytes:
    """The beginning of an Excel workbook: a ZIP archive (APPNOTE 4.3.7)."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return kept.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        workbook(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\0\0\0\x18ftypmp42",
        gzip.compress(CSV.encode()),
        "stt,so,tên,ns\n".encode("cp1258"),
        b'stt,"so,ten,ns\n',
        b"x" * (LONGEST_LINE + 1),
    ],
    ids=["workbook", "pdf", "png", "film", "gzip", "cp1258", "open quote", "long"],
)
def test_what_is_no_csv_is_not_said_to_lack_a_column(content):
    """A binary file has no header that could lack a column: the answer names the kind of file (RFC 4180, 2)."""
    with pytest.raises(FileRefusedError) as refused:
        read(content)
    assert (refused.value.fault, refused.value.column) == (FileFault.HEADER_UNREADABLE, None)
    assert "CSV" in TEXTS[FileFault.HEADER_UNREADABLE][0]


def test_a_header_of_any_letters_is_read():
    """Tabs between the columns, no-break spaces and letters of any script beside them are a table still."""
    assert len(read("stt\tso\tten\tns\tghi\u00a0chú 注\n1\t099194000101\tLê Anh\t1994\t\n".encode())) == 1


def test_a_gigantic_line_is_not_kept():
    """A line of a hundred megabytes costs no memory: of the pending text never more than one line's worth is held."""
    lines = Lines()
    list(lines.feed(b"stt,so,ten,ns\n"))
    for _ in range(100):
        assert list(lines.feed(b"x" * 1_000_000)) == []
        assert len(lines._pending) <= LONGEST_LINE
    assert list(lines.feed(b"\nnext\n")) == [None, "next"]


@pytest.mark.parametrize(
    ("name", "birth", "plain"),
    [
        ("Nguyễn Thị Lan", "1994-05-17", True),
        ("Nguyễn  Thị Lan", "1994-05-17", False),
        ("Nguye\u0302\u0303n Thị Lan", "1994-05-17", False),
        ("Nguyễn Thị L\u0430n", "1994-05-17", False),
        ("Nguyễn Thị Lan 2", "1994-05-17", False),
    ],
)
def test_only_plain_writing_is_answered_by_equality(name, birth, plain):
    """Other spacing, decomposed letters, a Cyrillic a or a digit go to the rules, never to the join."""
    (row,) = read(f"stt,so,ten,ns\n1,099194000101,{name},{birth}\n".encode())
    assert row.plain is plain


def test_every_fault_speaks_both_languages():
    """No code without a sentence in Vietnamese and in English."""
    assert TEXTS.keys() == {*RowFault, *FileFault}
    assert all(vi and en and vi != en for vi, en in TEXTS.values())
