"""Snapshots of accounts to bytes and back."""

from collections.abc import Mapping

import orjson

from idp.domain.account import Account, AccountStatus, AccountType
from idp.storage.codecs.version import VERSION, versioned


def account(value: Account, read_at: int) -> bytes:
    """A snapshot of an account and when it was read from PostgreSQL. Personal data: to be sealed."""
    consents: Mapping[str, list[str]] = {client: sorted(items) for client, items in value.consents.items()}
    return orjson.dumps(
        (
            *(VERSION, value.account_id, value.level, value.status, value.account_type),
            *(value.personal_number, value.profile, consents, value.locale, read_at, value.resistance),
            *(value.role, value.agency, value.app_phone),
        )
    )


def read_account(data: bytes, epoch: int) -> tuple[Account, int] | None:
    """The opposite of :func:`account`: the account under its present epoch, and when it was read."""
    parts = versioned(data)
    if parts is None:
        return None
    _, account_id, level, status, kind, number, profile, consents, locale, read_at, *resistance = parts
    account_ = Account(
        *(account_id, level, AccountStatus(status), AccountType(kind), number, profile),
        *({client: frozenset(items) for client, items in consents.items()}, epoch, locale, *resistance),
    )
    return account_, read_at
