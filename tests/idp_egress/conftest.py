"""One authority for all servers."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.idp_egress.servers import Web

# A busy machine is no counter-example.
settings.register_profile("idp_egress", deadline=None)
settings.load_profile("idp_egress")


@pytest.fixture(scope="session")
def web(tmp_path_factory) -> Web:
    """An authority that the egress client is told to trust."""
    return Web(tmp_path_factory.mktemp("web"))
