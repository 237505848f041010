"""What a comparison says: a grade and language-free reasons.

A comparison never carries either of the two values, so that an answer built from it cannot leak the
registered one.
"""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How far the asked value agrees with the registered one."""

    EXACT = "exact"
    EQUAL_AFTER_NORMALISATION = "equal_after_normalisation"
    NEAR = "near"
    DIFFERENT = "different"


class Reason(StrEnum):
    """Why a comparison is not `EXACT`; the codes are part of the public contract (docs/verification.md)."""

    # Differences of writing only.
    UNICODE_FORM = "unicode_form"
    LETTER_CASE = "letter_case"
    SPACING = "spacing"
    APOSTROPHE = "apostrophe"
    HYPHEN = "hyphen"
    ETH_FOR_D_STROKE = "eth_for_d_stroke"
    TONE_PLACEMENT = "tone_placement"
    # Near, never equal: these may be different legal names.
    TONE = "tone"
    HOI_NGA = "hoi_nga"
    I_Y = "i_y"
    WORD_ORDER = "word_order"
    MIDDLE_NAME_MISSING = "middle_name_missing"
    MIDDLE_NAME_EXTRA = "middle_name_extra"
    WITHOUT_DIACRITICS = "without_diacritics"
    ABBREVIATED = "abbreviated"
    # Dates of birth.
    ASKED_LESS_PRECISE = "asked_less_precise"
    REGISTERED_LESS_PRECISE = "registered_less_precise"
    DAY_MONTH_SWAPPED = "day_month_swapped"
    # Numbers and places.
    NUMBER_REPLACED = "number_replaced"
    LEADING_ZERO_LOST = "leading_zero_lost"
    UNIT_MERGED = "unit_merged"
    UNIT_SPLIT = "unit_split"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    OTHER_KIND = "other_kind"
    PROVINCE_MERGED = "province_merged"
    PROVINCE_MISSING = "province_missing"
    DISTRICT_MISSING = "district_missing"
    DETAIL_MISSING = "detail_missing"
    OTHER_DETAIL = "other_detail"
    AS_ISSUED = "as_issued"
    # Different.
    OTHER_VALUE = "other_value"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing one asked value with one registered value; explains itself by `reasons`."""

    grade: Grade
    reasons: tuple[Reason, ...] = ()


EXACT = Comparison(Grade.EXACT)
OTHER = Comparison(Grade.DIFFERENT, (Reason.OTHER_VALUE,))
ILLEGIBLE = Comparison(Grade.DIFFERENT, (Reason.ILLEGIBLE,))


def equal(*reasons: Reason) -> Comparison:
    """Equal once the differences of writing named by `reasons` are removed."""
    return Comparison(Grade.EQUAL_AFTER_NORMALISATION, reasons)


def near(*reasons: Reason) -> Comparison:
    """Close enough to ask the person again, never enough to decide."""
    return Comparison(Grade.NEAR, reasons)
