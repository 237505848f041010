"""A body that ends before its end is no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from idp.endpoints.exchange import Exchange, TooLarge
from idp.shell import Services


def exchange(*messages: dict[str, Any]) -> Exchange:
    """A post whose body arrives in these messages."""
    waiting: Iterator[dict[str, Any]] = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"60")]
    scope = {"type": "http", "method": "POST", "headers": headers}
    return Exchange(scope, receive, cast("Services", None))


@pytest.mark.attack
@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "http.disconnect"}],
        [{"type": "http.request", "body": b"token=abc", "more_body": True}, {"type": "http.disconnect"}],
    ],
)
async def test_what_was_cut_off_is_not_acted_on(messages: list[dict[str, Any]]) -> None:
    """RFC 9112 section 8: a message shorter than its length is incomplete; whoever cuts a line changes no request."""
    with pytest.raises(TooLarge):
        await exchange(*messages).form()
