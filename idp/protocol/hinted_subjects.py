"""Pseudonyms that lead back to a person: only for clients that may hint at people (CIBA Core 1.0, section 7.1).

A pairwise subject cannot be turned back, so it is remembered which account it stands for when such a client gets
tokens. Nobody else's pseudonyms are kept.
"""

from __future__ import annotations

import re
from typing import Final

from idp.domain.client import Client
from idp.domain.writes import RememberSubject, Write

SUBJECT: Final = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")


def remembered(client: Client, subject: str, account_id: str) -> tuple[Write, ...]:
    """What must be kept so that this client can hint at this person later."""
    if client.backchannel_token_delivery_mode is None:
        return ()
    return (RememberSubject(subject, account_id),)
