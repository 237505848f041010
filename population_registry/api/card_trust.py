"""The card authorities that this process believes: read at start, and again when the folder changes."""

import logging
from pathlib import Path

from population_registry.papers.chip.trust import Trust
from population_registry.papers.keeping import CardKeysError, load_trust

log = logging.getLogger("population_registry")


class CardTrust:
    """The folder of certificates and revocation lists; without one nobody is believed."""

    def __init__(self, folder: Path, trust: Trust, stamp: int) -> None:
        self._folder = folder
        self._trust = trust
        self._stamp = stamp

    @classmethod
    def open(cls, folder: Path) -> "CardTrust":
        """Read the folder.

        Raises:
            CardKeysError: a file in it cannot be read.
        """
        stamp = _stamp(folder)
        return cls(folder, load_trust(folder), stamp)

    def current(self) -> Trust:
        """Whom to believe now; costs one `stat`. A folder that cannot be read leaves what was believed before."""
        stamp = _stamp(self._folder)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._trust = load_trust(self._folder)
            except CardKeysError as broken:
                log.error("card authorities not read again", extra={"cause": str(broken)})  # noqa: TRY400 -- no trace is needed
        return self._trust


def _stamp(folder: Path) -> int:
    """Files are replaced as a whole, which changes their folder."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
