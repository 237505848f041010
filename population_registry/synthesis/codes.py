"""Sex, relation and marital status as numbers in the arrays of a block."""

from population_registry.domain import MaritalStatus, Relation

MALE, FEMALE = 0, 1
RELATIONS = list(Relation)
MARITAL = list(MaritalStatus)


def relation(kind: Relation) -> int:
    """The number of a relation in the arrays."""
    return RELATIONS.index(kind)


def marital(kind: MaritalStatus) -> int:
    """The number of a marital status in the arrays."""
    return MARITAL.index(kind)
