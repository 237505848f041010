"""RFC 9207: the issuer in every authorization response."""

from __future__ import annotations

import json

import pytest

from idp.protocol import provider_metadata
from idp.protocol.offer import Offer
from tests.idp_protocol.acts import params_of, visit
from tests.idp_protocol.world import (
    ISSUER,
    POLICY,
)


@pytest.mark.attack
def test_the_issuer_is_in_every_authorization_response() -> None:
    """RFC 9207 section 2, attack 17 (mix-up): success and error."""
    assert params_of(visit())["iss"] == ISSUER
    assert params_of(visit(scope="x"))["iss"] == ISSUER
    assert json.dumps(params_of(visit())).count(ISSUER) == 1


def test_the_metadata_says_so() -> None:
    """Section 3: clients may then insist on it."""
    document = provider_metadata.document(Offer(POLICY))
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["issuer"] == ISSUER
