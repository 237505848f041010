"""The name of a person in its three official fields: Ho, ChuDem, Ten (QCVN 109:2017/BTTTT)."""

import unicodedata
from dataclasses import dataclass


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


@dataclass(frozen=True, slots=True)
class PersonName:
    """Family name (`họ`), middle syllables (`chữ đệm`) and given name (`tên`), in Unicode NFC.

    The family name and the middle may be empty: some peoples of Viet Nam bear no family name.

    Raises:
        ValueError: the given name is empty.
    """

    family: str
    middle: str
    given: str

    def __post_init__(self) -> None:
        """Bring each field to NFC with single spaces."""
        for field in ("family", "middle", "given"):
            object.__setattr__(self, field, _tidy(getattr(self, field)))
        if not self.given:
            raise ValueError("a person has at least a given name")

    @classmethod
    def stored(cls, family: str, middle: str, given: str) -> "PersonName":
        """The name as the registry stored it, already tidy; skips the normalisation on the hot path."""
        name = object.__new__(cls)
        object.__setattr__(name, "family", family)
        object.__setattr__(name, "middle", middle)
        object.__setattr__(name, "given", given)
        return name

    @property
    def full(self) -> str:
        """The name as it is written and spoken: family, middle, given."""
        return " ".join(part for part in (self.family, self.middle, self.given) if part)

    def __str__(self) -> str:
        """The full name."""
        return self.full
