"""Sex as the registry records it."""

from enum import StrEnum


class Sex(StrEnum):
    """`Nam` or `Nữ`, as recorded; never guessed from a name or a number."""

    MALE = "male"
    FEMALE = "female"
