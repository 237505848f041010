"""What a procedure of a portal is: what it releases, how it reads its form, what it says of itself, what shows it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clients.portal_kit.portal import Portal
from clients.portal_kit.question import Section
from clients.portal_kit.storage.drafts import Draft
from web import Form

Answers = Mapping[str, list[str]]
"""A form as typed: every name with its values."""
Choices = Mapping[str, Any]
"""What a form offers: communes, members of the household."""


@dataclass(frozen=True, slots=True)
class FormRead:
    """A form after reading: the registry's ``inputs``, or ``errors`` as (field, text id) pairs."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """What the page before the form says: text ids, the term in half working days, the fee online in đồng.

    ``fee`` None: it depends on the answers. Name and legal basis come from the registry's catalogue.
    """

    lead: str
    office: str
    conditions: tuple[str, ...]
    half_days: int
    fee: int | None = 0


def as_read(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs of the assessment are those of the dossier."""
    return inputs


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure at this portal.

    ``releases`` are fields of the person's own record that pre-fill the form ("once only", Decree 224/2026 Art. 15);
    ``prefill`` turns them into first answers; ``choices`` loads what the form offers for the answers so far; ``read``
    judges the answers' form, never their truth: that is the registry's. ``verifies``: the claims that the registry is
    asked about before filing; where they are named, people agree to them one by one and no token opens more.
    ``assesses``: the registry judges the conditions beforehand; otherwise only who files is verified. ``finish``
    turns the answers into the registry's inputs, ``to_file`` the inputs that were assessed into those of the dossier.
    ``on_behalf``: a parent or guardian may file it for somebody they represent. ``sections`` are what a described
    form asks (`questions`).
    """

    procedure_code: str
    path: str
    purpose: str
    agency_code: str
    system_code: str
    releases: tuple[str, ...]
    prefill: Callable[[Portal, Mapping[str, Any]], Awaitable[Answers]]
    choices: Callable[[Portal, Draft], Awaitable[Choices]]
    read: Callable[[Form, Choices, date], FormRead]
    guide: Guide
    form_template: str
    review_template: str
    intro_template: str = "procedure_intro.html"
    verifies: tuple[str, ...] = ()
    assesses: bool = False
    sections: tuple[Section, ...] = ()
    finish: Callable[[dict[str, Any]], Mapping[str, Any]] = as_read
    on_behalf: bool = True
    to_file: Callable[[Mapping[str, Any]], Mapping[str, Any]] = as_read

    @property
    def detail(self) -> Mapping[str, object]:
        """What a person agrees to for this procedure (RFC 9396, type of the provider and the registry)."""
        return {
            "type": "vn_identity_verification",
            "procedure": self.procedure_code,
            "purpose": self.purpose,
            "claims": list(dict.fromkeys((*self.releases, *self.verifies))),
        }


def typed(answers: Answers) -> dict[str, str]:
    """The first value of every answer, as a page shows it again."""
    return {name: values[0] for name, values in answers.items() if values}
