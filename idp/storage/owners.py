"""Whose grant or session this is: never changes, so it is remembered, and the account is asked for at once.

A hint only: it saves a round trip when right and is not believed; the account that counts is the one that the
loaded grant or session names.
"""

from typing import Final

_MOST: Final = 16_384


class Owners:
    """Account ids by grant id or cookie hash, the oldest forgotten first."""

    def __init__(self) -> None:
        self._known: dict[str | bytes, str] = {}

    def get(self, name: str | bytes | None) -> str | None:
        """The account, when it was seen before."""
        return self._known.get(name) if name is not None else None

    def remember(self, name: str | bytes, account_id: str) -> None:
        """Seen; an empty account (client credentials) is none."""
        if not account_id:
            return
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[name] = account_id
