"""A device and a back-channel request around the world of the other rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from idp.domain.authorization import AuthorizationRequest
from idp.domain.decision import Decision
from idp.domain.decoupled import Approval, DecoupledRequest, Flow, LoadedDecoupled, Status
from idp.domain.facts import Facts
from idp.protocol import decoupled_answers, oidc_ciba, oidc_pairwise, rfc8628_device, token
from idp.protocol.decoupled_answers import Answer, GivenAnswer
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.protocol.oidc_ciba import BackchannelRequest, Search
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc8628_device import DeviceRequest
from tests.idp_protocol.acts import ABSENT, token_request
from tests.idp_protocol.world import ACCOUNT, CLIENT, L2A1, NOW, POLICY, basic, facts, parameters, sha

REQUEST_ID = "d" * 22
SECRET_NAME = f"{REQUEST_ID}.{'s' * 43}"
NUMBER = ACCOUNT.personal_number
TV = replace(
    CLIENT,
    client_id="tv",
    token_endpoint_auth_method="none",
    secret_hash=None,
    grant_types=frozenset({DEVICE_CODE, "refresh_token"}),
)
DESK = replace(
    CLIENT,
    client_id="desk",
    grant_types=frozenset({CIBA, "refresh_token"}),
    backchannel_token_delivery_mode="poll",
)
SUBJECT = oidc_pairwise.subject(DESK, ACCOUNT.account_id, POLICY)
POLICE = replace(DESK, scopes=DESK.scopes | {"pid"})
RINGING = replace(
    DESK,
    backchannel_token_delivery_mode="ping",
    backchannel_client_notification_endpoint="https://desk.example/ping",
)
DEVICE = DecoupledRequest(
    request_id=REQUEST_ID,
    secret_hash=sha(SECRET_NAME),
    flow=Flow.DEVICE,
    request=AuthorizationRequest("tv", "", scopes=("openid", "profile")),
    created_at=NOW - 20,
    expires_at=NOW + 580,
    user_code="WDJBMJHT",
)
CALL = replace(
    DEVICE,
    flow=Flow.CIBA,
    request=AuthorizationRequest("desk", "", scopes=("openid", "profile"), max_age=300),
    account_id=ACCOUNT.account_id,
    user_code=None,
    binding_message="Quầy 3, mã 4821",
)
APPROVAL = Approval(ACCOUNT.account_id, L2A1, ("pwd",), NOW - 15, NOW - 5)


def loaded(request: DecoupledRequest = DEVICE, **changes: Any) -> LoadedDecoupled:
    """A waiting request."""
    return replace(LoadedDecoupled(request, Status.PENDING, 5), **changes)


def yes(request: DecoupledRequest = DEVICE, **changes: Any) -> LoadedDecoupled:
    """An approved request."""
    return loaded(request, **{"status": Status.APPROVED, "approval": APPROVAL, **changes})


def device(
    known: Facts | None = None, *, auth: str | None = None, agent: str = "", **values: Any
) -> Decision[Any]:
    """Ask the device authorization endpoint."""
    form = parameters(**{"client_id": "tv", "scope": "openid profile"} | values)
    request = DeviceRequest(form, read(form, auth), "192.0.2.1", agent)
    return rfc8628_device.decide(request, known or facts(client=TV, session=None, account=None), POLICY)


def poll(
    known: Facts, grant_type: str = DEVICE_CODE, *, auth: str | None = None, **values: Any
) -> Decision[Any]:
    """Ask the token endpoint about the request of the world."""
    form = {"grant_type": grant_type} | values
    if grant_type == DEVICE_CODE:
        form = {"device_code": SECRET_NAME, "client_id": "tv"} | form
    else:
        form = {"auth_req_id": SECRET_NAME} | form
        auth = auth or basic("desk")
    return token.decide(token_request(parameters(**form), auth), known, POLICY)


def admit(
    known: Facts | None = None, *, auth: Any = ABSENT, id_token: Any = None, **values: Any
) -> Decision[Any]:
    """Ask the backchannel authentication endpoint: the first decision."""
    form = parameters(**{"scope": "openid profile", "login_hint": SUBJECT} | values)
    presented = read(form, basic("desk") if auth is ABSENT else auth)
    request = BackchannelRequest(form, presented, "192.0.2.1", id_token)
    return oidc_ciba.admit(request, known or facts(client=DESK, session=None, account=None), POLICY)


def ask(known: Facts | None = None, **values: Any) -> Decision[Any]:
    """Both decisions of the backchannel authentication endpoint; ``known`` is what the second finds."""
    known = known or facts(client=DESK, session=None)
    asked = admit(replace(known, account=None), **values).outcome
    return oidc_ciba.open_request(Search(asked), known, POLICY)


def answer(known: Facts, said: Answer = Answer.APPROVE, code: str | None = None) -> Decision[Any]:
    """The person of the world answers."""
    shown = code if code is not None else (known.decoupled.request.user_code or "" if known.decoupled else "")
    return decoupled_answers.decide(GivenAnswer(b"x" * 32, REQUEST_ID, said, shown), known, POLICY)


def written(decision: Decision[Any], kind: type) -> list[Any]:
    """The writes of one kind."""
    return [write for write in decision.writes if isinstance(write, kind)]
