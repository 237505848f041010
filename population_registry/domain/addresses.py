"""Addresses in the two-tier country of today, and as older papers wrote them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """House, street or hamlet in one commune-level unit (five-digit code of `communes_2026.csv`).

    `as_issued` keeps the wording of an older paper, which may name a district and a province that are gone. The table
    keeps beside it which ward of before 1 July 2025 that was (`ward_as_issued`).
    """

    commune_code: str
    text: str
    as_issued: str | None = None
