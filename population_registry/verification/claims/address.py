"""Claims about an address as somebody wrote it, in the words of either time (personal-id.md section 7)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from population_registry.domain import ResidenceKind
from population_registry.matching import compare_addresses, compare_coded, normalise
from population_registry.verification.answers import ClaimResult, Why, from_comparison, mismatch
from population_registry.verification.claims.rule import ClaimRule, Scene, read_members, read_words

_LONGEST = 300
_CODE = re.compile(r"[0-9]{5}", re.ASCII)
_PARTS = ("detail", "commune", "district", "province")


@dataclass(frozen=True, slots=True)
class Written:
    """An address in words, or its house or hamlet with the code of the commune or of an old ward."""

    text: str
    code: str | None = None


def read_address(value: object) -> Written:
    """A text, or `{"detail": …, "commune": …, "district": …, "province": …}`, or `{"detail": …, "code": "00004"}`."""
    if isinstance(value, str):
        return Written(read_words(value, _LONGEST))
    members = read_members(value, allowed=frozenset({*_PARTS, "code"}), required=frozenset())
    code = members.get("code")
    if code is not None:
        if not isinstance(code, str) or not _CODE.fullmatch(code) or not members.keys() <= {"detail", "code"}:
            raise ValueError("a five-digit code, with nothing but a detail beside it")
        return Written(read_words(members["detail"], _LONGEST) if "detail" in members else "", code)
    if "commune" not in members:
        raise ValueError("a commune is expected")
    parts = [read_words(members[name], _LONGEST) for name in _PARTS if name in members]
    return Written(read_words(", ".join(parts), _LONGEST))


def _judge(kind: ResidenceKind) -> Callable[[Written, Scene], ClaimResult]:
    def judge(asked: Written, scene: Scene) -> ClaimResult:
        residence = scene.subject.residence(kind, scene.today)
        if residence is None:
            return mismatch(Why.NOT_REGISTERED)
        known = residence.address
        if asked.code is not None:
            found = compare_coded(asked.code, asked.text, known.text, known.commune_code, scene.successors)
        else:
            found = compare_addresses(
                asked.text, known.text, known.commune_code, known.as_issued, scene.places, scene.successors
            )
        return from_comparison(found)

    return judge


RULES = tuple(
    ClaimRule(
        f"{kind.value}_address",
        read_address,
        _judge(kind),
        fingerprint=lambda asked: f"{asked.code or ''}|{normalise(asked.text)}",
    )
    for kind in (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY)
)
