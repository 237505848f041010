"""Chip files from strangers: whatever the bytes, the answer is a finding or our own refusal, soon."""

from __future__ import annotations

import dataclasses
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from population_registry.papers.chip.groups import read_dg1, read_dg13
from population_registry.papers.chip.passive import ChipFiles, authenticate
from population_registry.papers.chip.security_object import read_sod
from population_registry.papers.chip.tags import unwrap, wrap
from population_registry.papers.paper import PaperError
from tests.registry_papers.cards import NOW, card, trust

pytestmark = pytest.mark.attack
FILES = ("sod", "dg1", "dg13")


def judged(files: ChipFiles) -> None:
    """Reading and judging ends in findings or in a refusal."""
    try:
        findings = authenticate(files, trust(), NOW)
    except PaperError:
        return
    assert findings.checks


@given(st.binary(max_size=200), st.sampled_from([read_sod, read_dg1, read_dg13]), st.sampled_from("wamw"))
@example(b"", read_sod, "w")
@example(b"\x30\x80\x00\x00", read_sod, "w")
@example(b"\x30\x84\xff\xff\xff\xff", read_sod, "w")
def test_bytes_of_a_stranger(content, read, how):
    """Raw bytes, alone or under the right tag, are no file; nothing but our refusal is raised."""
    tag = {read_sod: b"\x77", read_dg1: b"\x61", read_dg13: b"\x6d"}[read]
    with pytest.raises(PaperError):
        read(wrap(tag, content) if how == "w" else content)


@given(st.sampled_from(FILES), st.data())
def test_one_byte_changed_anywhere(name, data):
    """Any byte of any file replaced: never genuine, and never anything but findings or our refusal."""
    files = card().chip
    content = bytearray(getattr(files, name))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        findings = authenticate(dataclasses.replace(files, **{name: bytes(content)}), trust(), NOW)
    except PaperError:
        return
    assert not findings.genuine


@given(st.sampled_from(FILES), st.data())
def test_pieces_cut_and_doubled(name, data):
    """Cut, doubled or moved pieces are no file of a card."""
    files = card().chip
    content = getattr(files, name)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    pieces = data.draw(
        st.sampled_from(
            [
                content[:start],
                content[start:end],
                content + content[start:end],
                content[:end] + content[start:],
            ]
        )
    )
    judged(dataclasses.replace(files, **{name: pieces}))


@given(st.integers(0, 70_000))
def test_lengths_are_written_in_one_way(size):
    """What is wrapped is unwrapped; a longer form of the same length, or anything after it, is refused (DER)."""
    content = b"x" * size
    encoded = wrap(b"\x61", content)
    assert unwrap(b"\x61", encoded) == content
    with pytest.raises(PaperError):
        unwrap(b"\x61", encoded + b"\x00")
    longer = b"\x61\x84" + size.to_bytes(4) + content
    with pytest.raises(PaperError):
        unwrap(b"\x61", longer)


@pytest.mark.parametrize("name", FILES)
def test_deep_nesting_ends_soon(name):
    """Sequences in sequences up to the limit of a request: refused within a fraction of a second."""
    nested = b""
    while len(nested) < 60_000:
        nested = wrap(b"\x30", nested)
        if len(nested) > 2_000:  # the quadratic writing of the test itself
            nested = b"\x30\x80" * 30_000
    started = time.process_time()
    judged(dataclasses.replace(card().chip, **{name: nested}))
    judged(dataclasses.replace(card().chip, **{name: wrap(b"\x77", nested)}))
    assert time.process_time() - started < 2


def test_unreadable_groups_are_named():
    """One group that cannot be read leaves the other's holder to compare; none leaves nobody."""
    files = card().chip
    without = authenticate(dataclasses.replace(files, dg13=b"\x6d\x00"), trust(), NOW)
    assert without.checks["structure"].reasons == ("dg13_unreadable",)
    assert without.checks["agreement"].reasons == ("not_read",)
    assert str(without.paper.number) == "099190000123"
    blind = authenticate(dataclasses.replace(files, sod=b"\x77\x00"), trust(), NOW)
    assert blind.checks["structure"].reasons == ("sod_unreadable",)
    assert [blind.checks[name].flag for name in ("signature", "chain", "hashes")] == ["unknown"] * 3
    with pytest.raises(PaperError):
        authenticate(ChipFiles(files.sod, b"", b""), trust(), NOW)
