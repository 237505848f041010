"""Identifiers of log rows: UUIDs of version 7 (RFC 9562 section 5.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain.time_ordered import RANDOM_BYTES, time_ordered_ids, time_prefix

MOMENTS = st.integers(0, 200_000_000_000_000).map(
    lambda count: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=count)
)


def test_the_published_vector() -> None:
    """RFC 9562 appendix A.6: the moment and the random bits of the example make its identifier."""
    expected = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    chance = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(RANDOM_BYTES, "big")
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    assert time_ordered_ids(at, chance) == [expected]
    assert str(expected).startswith(time_prefix(at))


@given(MOMENTS, st.binary(min_size=2 * RANDOM_BYTES, max_size=2 * RANDOM_BYTES))
def test_version_variant_and_order(at: datetime, random: bytes) -> None:
    """Whatever the bits: version 7, the variant of RFC 9562, and later moments stand behind."""
    first, second = time_ordered_ids(at, random)
    assert (first.version, first.variant) == (7, RFC_4122)
    assert str(first)[:15] == str(second)[:15] == time_prefix(at)
    (later,) = time_ordered_ids(at + timedelta(milliseconds=1), random[:RANDOM_BYTES])
    assert max(first, second) < later
