"""Assisted filing: a helper at a counter or post office and the citizen are two parties of one request.

Decree 118/2025/NĐ-CP, Art. 8; Circular 03/2025/TT-VPCP (tasks of the commune's centre); Decision 45/2016/QĐ-TTg (post
office). The helper signs in with an own account; the citizen confirms, and never by giving a password.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from idp.domain.values import frozen


class Way(StrEnum):
    """How the citizen confirms."""

    APP = "app"
    """By a yes in the own account centre or app, where the binding message is shown."""
    CODE = "code"
    """By a code sent to the registered mailbox, for this one request, told to the helper."""
    PAPER = "paper"
    """By a signed paper: its number, the hash of its scan and a witness are recorded; nothing is released by it."""


@frozen
class Assistance:
    """Who helps with a request, and how the citizen is to confirm it.

    ``helper`` is the helper's account, ``act`` the claim of the token (RFC 8693 section 4.1), ``acr`` how the helper
    signed in, ``parents`` what must stay alive of the helper's, ``ends_at`` when that ends by itself.
    """

    way: Way
    helper: str
    name: str = field(repr=False)
    organisation: str
    acr: str
    act: Mapping[str, object]
    parents: tuple[str, ...]
    ends_at: int


@frozen
class Paper:
    """A signed consent as it was recorded: its number, SHA-256 of the scan in hex, and the witness's staff number."""

    number: str
    scan: str
    witness: str
