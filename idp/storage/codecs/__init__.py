"""Values to bytes and back: compact JSON arrays with a version in front. An unknown version reads as absent.

:mod:`.requests` what a client asks · :mod:`.grants` grants, codes, tokens · :mod:`.sessions` browsers,
interactions · :mod:`.accounts` snapshots · :mod:`.messages` mail · :mod:`.decoupled` requests answered elsewhere.
"""

from idp.storage.codecs.accounts import account, read_account
from idp.storage.codecs.grants import (
    access,
    code,
    grant,
    read_access,
    read_code,
    read_grant,
    read_refresh,
    refresh,
)
from idp.storage.codecs.messages import message, read_message
from idp.storage.codecs.requests import SPENT, names_values, pushed, read_pushed
from idp.storage.codecs.sessions import (
    interaction,
    participant,
    read_interaction,
    read_participants,
    read_session,
    session,
)
from idp.storage.codecs.version import VERSION

__all__ = [
    "SPENT",
    "VERSION",
    "access",
    "account",
    "code",
    "grant",
    "interaction",
    "message",
    "names_values",
    "participant",
    "pushed",
    "read_access",
    "read_account",
    "read_code",
    "read_grant",
    "read_interaction",
    "read_message",
    "read_participants",
    "read_pushed",
    "read_refresh",
    "read_session",
    "refresh",
    "session",
]
