"""What a population is made from, and the word for a making that failed."""

from datetime import date

AS_OF = date(2026, 11, 1)
"""The day on which the population is as described; ages and terms count from here."""


class MakingError(RuntimeError):
    """A process that makes people ended before its work was done."""
