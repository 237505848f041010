"""Who drives which client: a persona to sign in, and perhaps a fault to bring. Kept in memory, for a while."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

from demo.test_drive.faults import Fault

_Value = TypeVar("_Value")
MOST: Final = 200
"""Orders, and answers on their way, that are remembered; the oldest make room."""


@dataclass(frozen=True, slots=True)
class Order:
    """``persona`` is a key of the demo's people; no ``fault`` means an honest sign-in without a page."""

    persona: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A fault that travels with a code or an access token to a client."""

    client_id: str
    fault: Fault


class Orders:
    """Orders by client, and the faults of codes and access tokens that are on their way to a client."""

    def __init__(self) -> None:
        self._by_client: OrderedDict[str, Order] = OrderedDict()
        self._on_their_way: OrderedDict[str, Parcel] = OrderedDict()
        self._brought: OrderedDict[str, Fault] = OrderedDict()

    def place(self, client_id: str, order: Order) -> None:
        """From now on, until another order or :meth:`lift`."""
        _put(self._by_client, client_id, order)
        self._brought.pop(client_id, None)

    def lift(self, client_id: str) -> None:
        """The client meets the ordinary provider again."""
        self._by_client.pop(client_id, None)

    def of(self, client_id: str) -> Order | None:
        """What is ordered for the client."""
        return self._by_client.get(client_id)

    @property
    def travelling(self) -> bool:
        """Whether any fault is on its way: without one nobody's tokens are looked at."""
        return bool(self._on_their_way)

    def send(self, secret: str, parcel: Parcel) -> None:
        """Whoever shows this code or access token meets the fault."""
        _put(self._on_their_way, _digest(secret), parcel)

    def of_secret(self, secret: str) -> Parcel | None:
        """What travels with a code or access token."""
        return self._on_their_way.get(_digest(secret))

    def bring(self, parcel: Parcel) -> None:
        """Remember that the client has met the fault."""
        _put(self._brought, parcel.client_id, parcel.fault)

    def brought(self, client_id: str) -> Fault | None:
        """The fault that the client has met since its last order."""
        return self._brought.get(client_id)


def _put(kept: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST:
        kept.popitem(last=False)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
