"""Status lists: bits in their places, against the published vectors; writer and reader are two implementations."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.status_list import MOST_BYTES, StatusListBroken, read_status_list
from population_registry.verification.status_list import (
    FIRST_INDEX,
    PLACES,
    SIZE,
    compressed,
    list_claims,
    pack,
    status_claim,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
#: Section 4.1: sixteen tokens, 1 bit each.
SIXTEEN = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
#: Section 4.1: twelve tokens, 2 bits each.
TWELVE = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
#: Appendix C: lists of 2^20 tokens; the indices whose status is not 0.
C1 = (0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345)
C1_LST = (
    "78daeddc010dc0200c0041a88249400ad2903e0f4bba00bd93f002beb7a2a2010000a91e090000000000000000000000000000"
    "0080729604000000000000000000000000000000000000000000000000000000000000000000000000000000005c6f48000000"
    "00000000fc2c240000000000000000000000be1b12000000000000000000ecaa4b000000000000000000000000000000009b0b"
    "0900000000000000000038de9400000000000000002a30cc010000000080642f0bd8011b"
)
C2 = dict(zip(C1, (1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3), strict=True))
C2_LST = (
    "78daeddb310d00211000412ea1a04004fe5520ed357c28c81d3312b6df68bc65480000000000406e2101000000000000000000"
    "0000000000000000000000000000000000000000000040795b0200000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000080f4ba0400000000000000000000000000406d764a000000000000000000000000000000000000000000e092210100"
    "0000000000000000000000000000000000fc131200000000000000000000000000000000000000000000000000000000000000"
    "c0912e01000000000000000000000000000000000000c07d4b02000000000000000000000000000000a8614a00000000000000"
    "00000000406a1fcd60010c"
)


def text_of(hexadecimal):
    """The `lst` member of compressed bytes."""
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).rstrip(b"=").decode()


def token(lst, bits=1, **changed):
    """Claims of a status list token."""
    return {"sub": "https://r/v1/status/0", "status_list": {"bits": bits, "lst": lst}} | changed


def read(lst, bits=1):
    """The list, as the other implementation reads it."""
    return read_status_list(token(lst, bits), NOW.timestamp())


def test_sixteen_statuses_as_published():
    """Section 4.1: the bytes are B9 A3 and the member is eNrbuRgAAhcBXQ."""
    packed = pack(dict(enumerate(SIXTEEN)), size=16, bits=1)
    assert packed == bytes.fromhex("b9a3")
    assert compressed(packed) == "eNrbuRgAAhcBXQ"
    assert [read("eNrbuRgAAhcBXQ").status(index) for index in range(16)] == SIXTEEN


def test_two_bits_as_published():
    """Section 4.1: twelve tokens of 2 bits, both ways."""
    assert compressed(pack(dict(enumerate(TWELVE)), size=12)) == "eNo76fITAAPfAgc"
    assert [read("eNo76fITAAPfAgc", 2).status(index) for index in range(12)] == TWELVE


def test_a_million_statuses_as_published():
    """Appendix C.1: eleven of 2^20 tokens withdrawn give exactly the published list, both ways."""
    assert SIZE == 1 << 20
    assert compressed(pack(dict.fromkeys(C1, 1), bits=1)) == text_of(C1_LST)
    found = read(text_of(C1_LST))
    assert [index for index in (*C1, 1, 7, 8, 1992, 1994, SIZE - 1) if found.status(index)] == list(C1)


def test_a_million_statuses_of_two_bits_as_published():
    """Appendix C.2, both ways: the width that the registry publishes."""
    assert compressed(pack(C2)) == text_of(C2_LST)
    found = read(text_of(C2_LST), 2)
    assert {index: found.status(index) for index in C2} == C2
    assert found.status(1) == found.status(SIZE - 1) == 0


@given(st.dictionaries(st.integers(0, 999), st.integers(1, 3)))
def test_what_one_writes_the_other_reads(statuses):
    """Every status survives the way through both implementations, and no other index is set."""
    found = read(compressed(pack(statuses, size=1000)), 2)
    assert {index: found.status(index) for index in range(1000) if found.status(index)} == statuses


@pytest.mark.parametrize("index", [-1, 1000, 1 << 40])
def test_nothing_is_written_outside_the_list(index):
    """An index beyond the end is an error, not a silent loss."""
    with pytest.raises(IndexError):
        pack({index: 1}, size=1000)


@pytest.mark.parametrize("index", [-1, 16, 1 << 40])
def test_nothing_is_read_outside_the_list(index):
    """Section 8.3: beyond the end nothing can be said, so the token is refused."""
    with pytest.raises(StatusListBroken):
        read("eNrbuRgAAhcBXQ").status(index)


@pytest.mark.attack
def test_a_list_that_swells_is_refused():
    """A kilobyte that unpacks to far more than any list (CWE-409) is refused before it fills the memory."""
    with pytest.raises(StatusListBroken):
        read(compressed(bytes(MOST_BYTES + 1)))


@pytest.mark.attack
@pytest.mark.parametrize(
    "claims",
    [
        {},
        token("eNrbuRgAAhcBXQ", 3),
        token("eNrbuRgAAhcBXQ", "1"),
        token(7),
        token("!!!!"),
        token("eNrb"),
        token(base64.urlsafe_b64encode(zlib.compress(b"x" * 99)[:-3]).decode()),
        token("eNrbuRgAAhcBXQ", sub=7),
        token("eNrbuRgAAhcBXQ", exp=NOW.timestamp() - 1),
        token("eNrbuRgAAhcBXQ", exp="never"),
    ],
)
def test_a_broken_list_says_nothing(claims):
    """Strange widths, cut or foreign bytes and lists of yesterday are refused, never read as valid."""
    with pytest.raises(StatusListBroken):
        read_status_list(claims, NOW.timestamp())


def test_list_and_receipt_name_the_same_place():
    """Sections 5.1 and 6.2: the receipt's `uri` is the list's `sub`, its `idx` the place inside."""
    position = 3 * PLACES + 77
    reference = status_claim("https://r", position)["status_list"]
    claims = list_claims("https://r", 3, [position], NOW)
    assert reference == {"idx": FIRST_INDEX + 77, "uri": claims["sub"]}
    assert read_status_list(claims, NOW.timestamp()).status(FIRST_INDEX + 77) == 1
    both = read_status_list(
        list_claims("https://r", 3, [position], NOW, [position, position + 1]), NOW.timestamp()
    )
    assert [both.status(FIRST_INDEX + each) for each in (77, 78, 79)] == [1, 3, 0]
    assert claims["exp"] - claims["iat"] == 86_400
    assert claims["ttl"] == 300


@pytest.mark.attack
@pytest.mark.parametrize("position", [0, 1, PLACES - 1])
def test_every_place_is_written_alike(position):
    """The first and the last place of a list have indices of one length, inside the list: length tells nothing."""
    index = status_claim("https://r", position)["status_list"]["idx"]
    assert len(str(index)) == 6
    assert index < SIZE
