"""Reading and comparing recorded sex. It is never derived from the personal number or from the name."""

from population_registry.domain import Sex
from population_registry.matching.grades import EXACT, ILLEGIBLE, OTHER, Comparison

_WRITTEN = {
    "male": Sex.MALE,
    "nam": Sex.MALE,
    "m": Sex.MALE,
    "1": Sex.MALE,
    "female": Sex.FEMALE,
    "nữ": Sex.FEMALE,
    "nu": Sex.FEMALE,
    "f": Sex.FEMALE,
    "2": Sex.FEMALE,
}


def read_sex(text: str) -> Sex | None:
    """`male`, `Nam`, `M` or the form code `1`; `female`, `Nữ`, `F` or `2`; None for anything else."""
    return _WRITTEN.get(text.strip().lower())


def compare_sex(asked: str, registered: str) -> Comparison:
    """Exact, different or illegible."""
    a, b = read_sex(asked), read_sex(registered)
    if a is None or b is None:
        return ILLEGIBLE
    return EXACT if a is b else OTHER
