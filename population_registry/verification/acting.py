"""Who acts for the person of a token: the `act` claim (RFC 8693 section 4.1) as far as the registry judges by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from population_registry.domain import NumberRejectedError, PersonalNumber


class ActingKind(StrEnum):
    """In which right somebody acts."""

    ASSISTANCE = "assistance"
    """Staff of a counter or post office, confirmed by the person for one dossier (public-services.md section 12)."""
    REPRESENTATIVE = "representative"
    """A parent or guardian (Civil Code Art. 134-140); the registry's own record decides, at every use."""
    DEPUTY = "deputy"
    """Anybody else to whom the person delegated at one portal."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The actor. `number` is a representative's own; `organisation` and `confirmation` are a staff member's."""

    subject: str
    kind: ActingKind
    organisation: str | None = None
    confirmation: str | None = None
    basis: str | None = None
    number: str | None = None

    def document(self) -> dict[str, str]:
        """What a dossier keeps of it for ever: never a number."""
        said = {
            "kind": self.kind.value,
            "organisation": self.organisation,
            "confirmation": self.confirmation,
            "basis": self.basis,
        }
        return {name: value for name, value in said.items() if value is not None}


def read_acting(act: object) -> Acting | None:
    """The actor of a token; None where nobody acts for anybody.

    Raises:
        TypeError, ValueError, KeyError: not what section 4.1 and our kinds allow; such a token allows nothing.
    """
    if act is None:
        return None
    if not isinstance(act, Mapping):
        raise TypeError("act")
    number = _text(act, "pid")
    kind = ActingKind(_text(act, "kind") or ActingKind.DEPUTY)
    if number is not None:
        try:
            PersonalNumber(number)
        except NumberRejectedError:
            raise ValueError("act") from None
    if kind is ActingKind.REPRESENTATIVE and number is None:
        raise ValueError("act")
    return Acting(
        subject=str(act["sub"]),
        kind=kind,
        organisation=_text(act, "organisation"),
        confirmation=_text(act, "confirmation"),
        basis=_text(act, "basis"),
        number=number,
    )


def _text(act: Mapping[str, object], name: str) -> str | None:
    value = act.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError("act")
    return value
