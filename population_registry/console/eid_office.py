"""The provider's door for officers (`POST /eid/v1/acts`), and the officer's own token that opens it."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson

from population_registry.console.desk import Work, sealed_tokens, tokens_of
from population_registry.console.party import SignInRefused, Tokens
from population_registry.storage import console_sessions
from population_registry.storage.transactions import transaction
from web import PageProblem
from web.anchors import trusting
from web.patience import patient

LARGEST: Final = 256 * 1024
MARGIN: Final = 30
"""Seconds of life that a token must have left to be worth sending."""
_OK, _BAD, _UNAUTHORISED, _FORBIDDEN, _CONFLICT = 200, 400, 401, 403, 409


class ActRefused(Exception):
    """The provider refuses the act; ``code`` is its own, free of language."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EidOffice:
    """Asks the provider at ``issuer``; no redirects, 10 s at most."""

    def __init__(
        self, issuer: str, transport: httpx2.AsyncBaseTransport | None, anchors: Path | None
    ) -> None:
        self._client = httpx2.AsyncClient(
            base_url=issuer.rstrip("/"),
            timeout=patient(10.0),
            follow_redirects=False,
            transport=transport,
            trust_env=False,
            verify=trusting(anchors),
        )

    async def done(self, work: Work, act: str, **members: str) -> Mapping[str, Any]:
        """One act of this officer, with their own token.

        Raises:
            ActRefused: the provider says no, with its code; `sign_in_again` when the sign-in there is over.
            PageProblem: 503, it does not answer.
        """
        token = await access_token(work)
        body = {"act": act, **{name: value for name, value in members.items() if value}}
        try:
            answer = await self._client.post(
                "/eid/v1/acts", content=orjson.dumps(body), headers=headers(token)
            )
        except httpx2.HTTPError as error:
            raise PageProblem(503, "unavailable", cause=error, headers={"Retry-After": "5"}) from error
        return understood(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def headers(token: str) -> dict[str, str]:
    """A bearer token (RFC 6750 section 2.1) before a JSON body."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def understood(answer: httpx2.Response) -> Mapping[str, Any]:
    """The provider's document. Raises ActRefused, PageProblem."""
    try:
        document = orjson.loads(answer.content) if 0 < len(answer.content) <= LARGEST else None
    except ValueError:
        document = None
    if answer.status_code == _OK and isinstance(document, dict):
        return document
    if answer.status_code == _UNAUTHORISED:
        raise ActRefused("sign_in_again")
    if answer.status_code == _FORBIDDEN:
        raise ActRefused("not_an_officer")
    if answer.status_code in {_BAD, _CONFLICT} and isinstance(document, dict):
        raise ActRefused(str(document.get("error", "refused")))
    raise PageProblem(503, "unavailable", cause=f"status {answer.status_code}", headers={"Retry-After": "5"})


async def access_token(work: Work) -> str:
    """A living access token of this sign-in; refreshed under the session's own row, so never twice at once.

    Raises:
        ActRefused: `sign_in_again`. PageProblem: 503, the provider does not answer.
    """
    tokens = tokens_of(work.console, work.session)
    if is_fresh(tokens):
        return tokens.access
    async with work.console.database.pool() as pool, transaction(pool) as connection:
        session = await console_sessions.hold(connection, work.session)
        if session is None:
            raise ActRefused("sign_in_again")
        tokens = tokens_of(work.console, session)
        if not is_fresh(tokens):
            tokens = await _renewed(work, tokens)
            sealed = sealed_tokens(work.console, session.digest, tokens)
            await console_sessions.reseal(connection, session, sealed)
    return tokens.access


def is_fresh(tokens: Tokens) -> bool:
    """Whether the access token lives long enough to be sent."""
    return bool(tokens.access) and time.time() < tokens.until - MARGIN


async def _renewed(work: Work, tokens: Tokens) -> Tokens:
    try:
        return await work.console.party.renewed(tokens)
    except SignInRefused as refused:
        if refused.code == "provider_unreachable":
            raise PageProblem(503, "unavailable", cause=refused, headers={"Retry-After": "5"}) from refused
        raise ActRefused("sign_in_again") from refused
