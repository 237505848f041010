"""What a form asks, as values: questions in sections, each with its kind, its texts and when it is asked at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a question is put and what its answer becomes in the registry's inputs."""

    CHOICE = "choice"
    SELECT = "select"
    TEXT = "text"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    AREA = "area"
    HOLDER = "holder"
    """Somebody by number and name: `{number, name}`."""
    NUMBER = "number"
    """Somebody by number alone: `{number}`."""
    PLACE = "place"
    """Province, commune and address: `{commune, address}`; a form asks for one place."""
    COMMUNE = "commune"
    """Province, then commune: its code alone."""
    PEOPLE = "people"
    """Who takes part: the person, members of the household, others by number, name and birth date."""
    MEMBER = "member"
    """One member of the person's household; the person themselves only ``with_me``."""
    LEAVERS = "leavers"
    """For each member of the household: stays, or leaves and how they stand to the new head."""
    KIN = "kin"
    """The person (``with_me``), a member of the household ``under`` an age, or anybody by number."""
    PAYERS = "payers"
    """Who of the household joins, in the order in which they pay: their numbers."""


MINOR: Final = "minor"
"""Asked only where the person may be under eighteen."""
MOST_OTHERS: Final = 6
"""Seven people may take part in one dossier, the person who files among them."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Texts are ids of the catalogue: ``label``, ``hint``, ``missing`` for what cannot be read.

    ``options``: (value, text id) of a choice. ``when``: another question's name and the answers that call for this.
    ``steers``: others depend on it, so that a button shows them without any script. ``shortest`` and ``longest``
    bound a text. Of people and members: ``with_me`` says that the person who files takes part, or may be chosen;
    ``relations`` that everybody says how they stand to the head; ``under``: only members who may be younger.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    missing: str = "form.answer_missing"
    options: tuple[tuple[str, str], ...] = ()
    when: tuple[str, frozenset[str]] | None = None
    optional: bool = False
    steers: bool = False
    longest: int = 200
    shortest: int = 1
    with_me: bool = True
    relations: bool = False
    under: int = 0

    def asked(self, answers: Mapping[str, str], *, minor: bool) -> bool:
        """Whether the question is put, by the answers so far."""
        if self.when is None:
            return True
        name, values = self.when
        return minor if name == MINOR else answers.get(name, "") in values


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading."""

    title: str
    questions: tuple[Question, ...]
    text: str = ""

    def asked(self, answers: Mapping[str, str], *, minor: bool) -> tuple[Question, ...]:
        """Those of its questions that are put now."""
        return tuple(each for each in self.questions if each.asked(answers, minor=minor))


RELATIONS: Final = (
    "spouse_wife", "spouse_husband", "child", "adopted_child", "parent", "adoptive_parent", "grandparent",
    "grandchild", "great_grandparent", "great_grandchild", "sibling", "uncle_aunt", "guardian", "ward", "lodger_free",
    "borrower", "tenant", "co_lodger", "co_borrower", "co_tenant",
)  # a table, read by rows  # fmt: skip
"""How somebody may stand to the head of a household, other than being it."""
