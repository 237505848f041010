"""A parent or guardian acts for somebody: what the registry and the clock allow at this moment."""

from dataclasses import field

from idp.domain.account import Account
from idp.domain.values import frozen


@frozen
class Authority:
    """Whom somebody may act for, by the registry's word of this moment.

    ``key`` is what the dependant's pseudonyms are made of; ``account`` is their own, where they have one; ``basis``
    is ``parent`` or ``guardian``; from ``ends_at`` (epoch seconds) on the right is gone, None without a birthday.
    """

    number: str = field(repr=False)
    key: str = field(repr=False)
    account: Account | None
    basis: str
    scopes: frozenset[str]
    ends_at: int | None
