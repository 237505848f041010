"""Which new passwords are taken: long ones that nobody guesses first (NIST SP 800-63B-4, section 3.1.1.2).

No rules about kinds of characters, no expiry. What is refused is short, or begins a guesser's list: the person's own
number, name or birthday, the service's name, a run of one character, or one of the passwords that everybody uses.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from idp.authentication.password import MAX_LENGTH

LEAST: Final = 10
"""Characters; a second factor is asked for wherever it matters."""
_FEW: Final = 4
"""With fewer different characters than this it is no password."""
_COMMON: Final = frozenset(
    (
        *(
            "matkhau123",
            "matkhau1234",
            "matkhau12345",
            "123456789a",
            "1234567890",
            "0123456789",
            "12345678910",
        ),
        *(
            "password12",
            "password123",
            "password1234",
            "qwertyuiop",
            "qwerty12345",
            "qwerty123456",
            "iloveyou123",
        ),
        *(
            "vietnam123",
            "vietnam1234",
            "vietnam2026",
            "anhyeuem123",
            "anhyeuem1",
            "emyeuanh123",
            "abc123456789",
        ),
        *("a123456789", "aa12345678", "zxcvbnm123", "1q2w3e4r5t", "0987654321", "9876543210", "khongbiet1"),
        *("dinhdanh123", "vneid123456", "congan1234", "saigon1234", "hanoi12345", "abcd123456", "abcdefghij"),
    )
)


class Weak(StrEnum):
    """Why a password is not taken; also the end of its text id."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PERSONAL = "personal"
    SAME = "same"


def weakness(password: str, number: str, profile: Mapping[str, object]) -> Weak | None:
    """Why this password is not taken, or None."""
    if len(password) < LEAST:
        return Weak.SHORT
    if len(password) > MAX_LENGTH:
        return Weak.LONG
    plain = folded(password)
    if len(set(plain)) < _FEW or plain in _COMMON:
        return Weak.COMMON
    return Weak.PERSONAL if any(part in plain for part in _personal(number, profile)) else None


def folded(text: str) -> str:
    """Without case, accents and spaces, as a guesser's list has it."""
    apart = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(each for each in apart if not unicodedata.combining(each) and not each.isspace())


def _personal(number: str, profile: Mapping[str, object]) -> list[str]:
    """The number, the whole name, and the birthday in the ways people write it."""
    found = [number] if number else []
    name = profile.get("name")
    if isinstance(name, str) and name.strip():
        found.append(folded(name))
    born = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", str(profile.get("birthdate", "")))
    if born is not None:
        year, month, day = born.groups()
        found += [day + month + year, year + month + day]
    return found
