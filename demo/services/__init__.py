"""The table of the demo: one row for each thing to do and each thing to run. A new service is one row here.

:mod:`.provider`, :mod:`.registry`, :mod:`.portals` the rows · :mod:`.making` what they are made of ·
:mod:`.names` what there is · :mod:`.samples` made-up history · :mod:`.preloaded` what all of them import.
"""

from __future__ import annotations

from demo.place import Place
from demo.rows import Row
from demo.services.making import client_keys, registry_and_portals
from demo.services.names import DATABASES, DATABASES_READY, MANIFESTS, PORTALS, REDIS_READY, SECRETS, SYSTEMS
from demo.services.portals import payment_rows, portal_rows
from demo.services.preloaded import PRELOADED
from demo.services.provider import provider_rows
from demo.services.registry import registry_rows

__all__ = [
    "DATABASES",
    "DATABASES_READY",
    "MANIFESTS",
    "PORTALS",
    "PRELOADED",
    "REDIS_READY",
    "SECRETS",
    "registry_and_portals",
    "table",
]


def table(place: Place) -> tuple[Row, ...]:
    """Every row of the demo, in the order in which a person would list them."""
    portals = (row for name in PORTALS for row in portal_rows(place, name))
    systems = (row for name, label in SYSTEMS.items() for row in client_keys(place, name, label))
    return (*provider_rows(place), *registry_rows(place), *portals, *payment_rows(place), *systems)
