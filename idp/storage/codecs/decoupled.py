"""Decoupled requests, approvals and pings to bytes and back. All to be sealed."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from idp.domain.assistance import Assistance, Way
from idp.domain.decoupled import Approval, DecoupledRequest, Flow
from idp.domain.writes import PingClient
from idp.storage.codecs.requests import read_request as read_wanted
from idp.storage.codecs.requests import request_parts

VERSION = 1
_FIELDS: Final = 10
"""After what was asked, the helper included; a request of before has one less."""


def request(value: DecoupledRequest) -> bytes:
    """A request as it was asked."""
    return orjson.dumps(
        (
            *(VERSION, value.request_id, base64.b64encode(value.secret_hash).decode(), value.flow),
            *(request_parts(value.request), value.created_at, value.expires_at, value.account_id),
            *(value.user_code, value.binding_message, value.notification_token, value.auth_req_id),
            *(value.address, value.agent, value.assistance),
        )
    )


def read_request(data: bytes) -> DecoupledRequest | None:
    """The opposite of :func:`request`; an unknown version is absent."""
    version, request_id, secret_hash, flow, asked, *others = orjson.loads(data)
    if version != VERSION:
        return None
    plain, helped = (others[:-1], others[-1]) if len(others) == _FIELDS else (others, None)
    wanted = read_wanted(asked)
    if wanted is None:
        raise ValueError("no request")
    made = DecoupledRequest(request_id, base64.b64decode(secret_hash), Flow(flow), wanted, *plain)
    return made if helped is None else replace(made, assistance=read_assistance(helped))


def read_assistance(value: Mapping[str, Any]) -> Assistance:
    """Who helps, as it was written."""
    return Assistance(**{**value, "way": Way(value["way"]), "parents": tuple(value["parents"])})


def approval(value: Approval) -> bytes:
    """Who said yes."""
    return orjson.dumps((VERSION, value.account_id, value.acr, value.amr, value.auth_time, value.at))


def read_approval(data: bytes) -> Approval | None:
    """The opposite of :func:`approval`; an unknown version is absent."""
    version, account_id, acr, amr, auth_time, at = orjson.loads(data)
    return Approval(account_id, acr, tuple(amr), auth_time, at) if version == VERSION else None


def ping(value: PingClient) -> bytes:
    """What a ping needs."""
    return orjson.dumps(
        (
            *(VERSION, value.client_id, value.uri, value.auth_req_id, value.notification_token),
            value.ends_at,
        )
    )


def read_ping(data: bytes) -> PingClient:
    """The opposite of :func:`ping`."""
    _, *values = orjson.loads(data)
    return PingClient(*values)
