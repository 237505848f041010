"""What can be filed at the counter: what the other portals declare, under the counter's numbers.

The counter asks what those forms ask. What they take from the person's released record it does not have before the
person agrees, so there people are typed (`portal_kit.questions.people`); the registry compares them all the same
(Decree 224/2026 Art. 18(4): not again what is shared already).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from clients.insurance_portal.pages import PROCEDURES as INSURANCE
from clients.national_portal import linked_death
from clients.one_stop_portal import birth
from clients.portal_kit.procedure import Choices, FormRead, Procedure
from clients.residence_portal.pages import GROUPS
from clients.residence_portal.procedures import PROCEDURES as RESIDENCE
from web import Form

AGENCY: Final = "H26.17.05"
SYSTEM: Final = "01"
"""How this counter numbers its dossiers (Decision 20/2020/QĐ-TTg, Circular 04/2025 Art. 23)."""
ONLINE: Final = (" nộp trực tuyến", " trực tuyến")
HERE: Final = " nộp tại một cửa"
DECLARED: Final = ("declaration", "yes")


@dataclass(frozen=True, slots=True)
class Service:
    """One procedure as the counter offers it."""

    procedure: Procedure

    @property
    def code(self) -> str:
        """The procedure's code."""
        return self.procedure.procedure_code

    @property
    def purpose(self) -> str:
        """Why the registry is asked; what a person agrees to says the same."""
        said = self.procedure.purpose
        for ending in ONLINE:
            said = said.removesuffix(ending)
        return said + HERE

    @property
    def detail(self) -> Mapping[str, object]:
        """What a person agrees to (RFC 9396), but for the dossier."""
        return {
            "type": "vn_identity_verification",
            "procedure": self.code,
            "purpose": self.purpose,
            "claims": ["name", "birth_date"],
        }

    def read(self, form: Form, choices: Choices, today: date) -> FormRead:
        """The answers by the names of their questions, or what is wrong in the order of the page.

        No box is ticked here: the person's yes to the dossier, or the button that files it, declares them true.
        """
        pairs = tuple((name, value) for name in form for value in form.all(name) if name != DECLARED[0])
        return self.procedure.read(Form((*pairs, DECLARED)), choices, today)

    def to_file(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """The registry's inputs."""
        return self.procedure.to_file(self.procedure.finish(dict(answers)))


LINKED: Final = (birth.PROCEDURE, linked_death.PROCEDURE)
SERVICES: Final = {each.procedure_code: Service(each) for each in (*RESIDENCE, *INSURANCE, *LINKED)}
OFFERED: Final = (
    *GROUPS,
    ("insurance.group", tuple(each.procedure_code for each in INSURANCE)),
    ("linked.group", tuple(each.procedure_code for each in LINKED)),
)
"""By what people come for: text id of the heading, codes."""
