"""Issues numbers that nobody has: reserved prefixes, no repetition, no memory of what was issued."""

from population_registry.domain import Sex

_MILLION = 1_000_000
_STEP = 618_033  # coprime with a million, so the serials of one series never repeat
_PERSONA_SERIALS = 1_000
"""Serials below this with prefix 099 belong to the personas."""

PREFIX_OF_REGION = {"north": "097", "south": "098", "centre": "099"}
REGION_PREFIXES = tuple(PREFIX_OF_REGION.values())


class SeriesExhaustedError(RuntimeError):
    """A million numbers of one prefix, sex and year of birth are used up."""


class NumberIssuer:
    """Counts each series; its memory is one counter per prefix, century-and-sex digit and year."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def personal(self, prefix: str, sex: Sex, year: int) -> str:
        """The next personal number of that prefix whose digits say this sex and year (Circular 59/2021 Art. 4).

        Raises:
            SeriesExhaustedError: the series is used up.
        """
        digit = 2 * (year // 100 - 19) + (sex is Sex.FEMALE)
        return self._next(f"{prefix}{digit}{year % 100:02d}")

    def cmnd(self, prefix: str) -> str:
        """The next nine-digit number of that prefix.

        Raises:
            SeriesExhaustedError: the series is used up.
        """
        return self._next(prefix)

    def social_insurance(self) -> str:
        """The next ten-digit social-insurance number; provinces 97 and 98 do not exist.

        Raises:
            SeriesExhaustedError: the series is used up.
        """
        count = self._used.get("social", 0)
        self._used["social"] = count + 1
        if count >= 200 * _MILLION:
            raise SeriesExhaustedError("social insurance")
        return f"{97 + count // (100 * _MILLION)}{count * 61_803_399 % (100 * _MILLION):08d}"

    def _next(self, series: str) -> str:
        while True:
            count = self._used.get(series, 0)
            if count >= _MILLION:
                raise SeriesExhaustedError(series)
            self._used[series] = count + 1
            serial = (count * _STEP + int(series) * 314_159) % _MILLION
            if serial >= _PERSONA_SERIALS:
                return f"{series}{serial:06d}"
