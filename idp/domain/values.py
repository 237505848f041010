"""Values that every request makes by the dozen."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Value = TypeVar("Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(declared: type[Value]) -> type[Value]:
    """A frozen, slotted, hashable dataclass, whose frozenness is the type checker's to enforce.

    At run time ``frozen=True`` makes each value five times as dear, which is a twentieth of an introspection.
    """
    return dataclass(slots=True, unsafe_hash=True)(declared)
