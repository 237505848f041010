"""Properties of pushed and signed requests: whatever a client pushes or signs, the rule answers and never raises."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc.jws import JWSRegistry

from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.outcomes import Interact, Pushed, RedirectBack
from idp.domain.writes import CreateGrant, SavePushed
from idp.protocol import authorization, rfc9126_pushed_requests
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.oidc_response_modes import location
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc9101_request_objects.reading import Brought
from idp.protocol.rfc9126_pushed_requests import PushRequest
from tests.idp_protocol.request_objects import KEY, OF_TOKEN, PLAIN, STRICT, WISHES
from tests.idp_protocol.test_any_request import PAIRS, well_formed
from tests.idp_protocol.world import POLICY, REDIRECT, basic, facts, parameters

RUNS = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(
    [
        *WISHES, *OF_TOKEN, "prompt", "max_age", "acr_values", "claims", "login_hint", "id_token_hint", "ui_locales",
        "response_mode", "resource", "authorization_details", "dpop_jkt", "jti", "sub", "request", "x", "",
    ]
)  # a table, read by rows  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["openid", "none", "code", "query", "form_post", REDIRECT, "é\x00", "\U0001f600"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)


def signed(claims: dict[str, Any]) -> str:
    """Whatever JSON, under a good signature: NaN and lone surrogates included, which no library would sign."""
    parts = [{"alg": "ES256", "kid": "k1"}, claims]
    said = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = JWSRegistry.algorithms["ES256"].sign(said, KEY)
    return (said + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def check_push(request: PushRequest, known: Any) -> None:
    """A name with the write that keeps it, or a registered error without."""
    assert request.needs is not None
    decision = rfc9126_pushed_requests.decide(request, known, POLICY)
    kept = [write for write in decision.writes if isinstance(write, SavePushed)]
    if isinstance(decision.outcome, Pushed):
        assert len(kept) == 1
    else:
        assert isinstance(decision.outcome, ProtocolError)
        assert kept == []
        well_formed(decision.outcome)


@RUNS
@given(PAIRS, st.sampled_from([basic(), None, "Basic x"]))
def test_any_push_gets_an_answer(pairs: list[tuple[str, str]], header: str | None) -> None:
    """RFC 9126 section 2.3: 201 or a registered error in JSON, whatever stands in the form."""
    base = [("response_type", "code"), ("client_id", "portal"), ("redirect_uri", REDIRECT)]
    for given_pairs in (pairs, base + pairs):
        form = Parameters.of(given_pairs)
        check_push(PushRequest(form, read(form, header), "192.0.2.1"), facts())


@RUNS
@given(st.dictionaries(NAMES, JSON, max_size=8), st.sampled_from([PLAIN, STRICT]))
@example({"state": "\ud800"}, PLAIN)
@example({"exp": float("nan")}, PLAIN)
@example({"max_age": 2**80, "claims": {"id_token": [1]}}, PLAIN)
@example({"resource": [[]], "aud": [{}]}, STRICT)
@example({"authorization_details": [{"type": 1}], "jti": {}}, STRICT)
def test_anything_signed_gets_an_answer(wishes: dict[str, Any], client: Any) -> None:
    """RFC 9101 section 6: a good signature is no proof of good sense; every JSON value ends in an answer."""
    text = signed(WISHES | OF_TOKEN | wishes)
    form = parameters(request=text)
    known = facts(client=client)
    check_push(PushRequest(form, read(form, basic()), "192.0.2.1", brought=Brought(text)), known)
    query = AuthorizationQuery(parameters(client_id="portal", scope="openid", request=text))
    assert query.needs is not None
    decision = authorization.decide(query, known, POLICY)
    assert isinstance(decision.outcome, RedirectBack | Interact | PageProblem)
    if isinstance(decision.outcome, RedirectBack):
        assert decision.outcome.uri in client.redirect_uris
        if decision.outcome.mode == "query":
            assert location(decision.outcome).isascii()
        granted = any(isinstance(write, CreateGrant) for write in decision.writes)
        assert granted is any(name == "code" for name, _ in decision.outcome.params)
