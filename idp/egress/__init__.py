"""Egress: the one way out to addresses that somebody else chose (decision 0007).

`Egress` fetches and posts within an `EgressPolicy`; `ClientKeys` keeps the key sets of clients on top of it;
`read_target` is the same judgement of an address for registration, without I/O.
"""

from idp.egress.client import JSON_TYPES, REQUEST_OBJECT_TYPES, Egress, Fetched
from idp.egress.client_keys import ClientKeys, ClientKeySet, KeepingTimes
from idp.egress.errors import EgressFailed, EgressRefused
from idp.egress.policy import LOOPBACK, AllowedOrigin, EgressPolicy
from idp.egress.request_objects import RequestObjects, fetching
from idp.egress.targets import Target, read_target

__all__ = [
    "JSON_TYPES",
    "LOOPBACK",
    "REQUEST_OBJECT_TYPES",
    "AllowedOrigin",
    "ClientKeySet",
    "ClientKeys",
    "Egress",
    "EgressFailed",
    "EgressPolicy",
    "EgressRefused",
    "Fetched",
    "KeepingTimes",
    "RequestObjects",
    "Target",
    "fetching",
    "read_target",
]
