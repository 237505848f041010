"""What the record says of days gone by, loaded where a question asks: guardians, custody, why residences ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from population_registry.domain.guardianship import Custody, Guardianship
from population_registry.domain.residence import EndReason, Residence, ResidenceKind


@dataclass(frozen=True, slots=True)
class PersonPast:
    """One person's guardians and custody decisions, and the ground of each registration that ended."""

    guardianships: tuple[Guardianship, ...] = ()
    custodies: tuple[Custody, ...] = ()
    ended: Mapping[tuple[ResidenceKind, date], EndReason] = field(default_factory=dict)

    def guarded_by(self, guardian_id: int) -> tuple[Guardianship, ...]:
        """Every guardianship of that guardian over the person, ended ones included."""
        return tuple(each for each in self.guardianships if each.guardian_id == guardian_id)

    def custody(self, day: date) -> Custody | None:
        """Who brings the person up on that day, where a court or an agreement said."""
        return next((each for each in self.custodies if each.in_force(day)), None)

    def end_of(self, residence: Residence) -> EndReason | None:
        """Why that registration ended; None while it stands, or where nobody wrote it down."""
        return self.ended.get((residence.kind, residence.since))


NO_PAST = PersonPast()
