"""``/register`` and ``/register/{client_id}``: clients speak JSON about themselves (RFC 7591, RFC 7592)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from idp.domain import paths
from idp.domain.errors import ProtocolError
from idp.domain.policy import Registration
from idp.endpoints import answers
from idp.endpoints.answers import Answer
from idp.endpoints.documents import offer
from idp.endpoints.exchange import Exchange, TooLarge
from idp.protocol import rfc7592_management
from idp.protocol.rfc7591_registration import deciding
from idp.protocol.rfc7591_registration.deciding import RegistrationRequest
from idp.protocol.rfc7591_registration.documents import ClientInformation
from idp.protocol.rfc7591_registration.sectors import AskSector, SectorDocument
from idp.protocol.rfc7591_registration.terms import Terms, of_strangers
from idp.protocol.rfc7592_management import Deleted, ManagementRequest
from idp.shell import Services
from keys import KeyPurpose, strict_json
from web.egress import EgressFailed, EgressPolicy, EgressRefused, read_target

PREFIX: Final = paths.REGISTER + "/"
MAX_TOKEN: Final = 512
MAX_DOCUMENT: Final = 16_384


async def register(exchange: Exchange) -> Answer | None:
    """RFC 7591 3: the registration endpoint. None, and so "not found", where registration is closed."""
    services = exchange.services
    if services.policy.registration is Registration.CLOSED:
        return None
    request = RegistrationRequest(
        await document_of(exchange), terms(services), bearer(exchange), exchange.address
    )
    outcome = await services.loop.run(request, request.needs, deciding.decide)
    if isinstance(outcome, AskSector):
        request = replace(request, sector=await fetched(services, outcome.uri))
        outcome = await services.loop.run(request, request.needs, deciding.decide)
    return answered(outcome)


async def manage(exchange: Exchange) -> Answer | None:
    """RFC 7592 2: the client configuration endpoint."""
    services = exchange.services
    request = ManagementRequest(
        await document_of(exchange) if exchange.method == "PUT" else None,
        terms(services),
        bearer(exchange),
        exchange.address,
        client_id=exchange.scope["path"].removeprefix(PREFIX),
        method="GET" if exchange.method == "HEAD" else exchange.method,
    )
    outcome = await services.loop.run(request, request.needs, rfc7592_management.decide)
    if isinstance(outcome, AskSector):
        request = replace(request, sector=await fetched(services, outcome.uri))
        outcome = await services.loop.run(request, request.needs, rfc7592_management.decide)
    return answered(outcome)


def answered(outcome: rfc7592_management.Outcome) -> Answer:
    """The outcome as bytes; whatever was to be fetched was fetched before."""
    match outcome:
        case ProtocolError():
            return answers.refused(outcome)
        case Deleted():
            return Answer(204, b"", answers.NO_STORE)
        case ClientInformation():
            return answers.json(201 if outcome.created else 200, outcome.document)
        case AskSector():
            raise RuntimeError("a fetched document was asked for again")


async def document_of(exchange: Exchange) -> dict[str, object] | None:
    """The body's JSON object; None for anything else. Raises TooLarge."""
    body = await exchange.body()
    # Each process holds every client, so one may be no larger than an honest one with several keys.
    if len(body) > MAX_DOCUMENT:
        raise TooLarge
    kind = (exchange.header(b"content-type") or "").partition(";")[0].strip().lower()
    # 3.1: "with a content type of "application/json"".
    if kind != "application/json":
        return None
    try:
        return strict_json.parse_object(body)
    except ValueError:
        return None


def bearer(exchange: Exchange) -> str | None:
    """RFC 6750 2.1: the token of the Authorization header."""
    scheme, _, token = (exchange.header(b"authorization") or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= MAX_TOKEN else None


def terms(services: Services) -> Terms:
    """What may be registered here, now, with these keys."""
    signing = offer(services.policy, services.ring).of(KeyPurpose.ID_TOKEN)
    return of_strangers(services.policy, tuple(signing), may_fetch(services.settings.egress()))


def may_fetch(policy: EgressPolicy) -> Callable[[str], bool]:
    """Whether this deployment would ever fetch from an address; asks nobody."""

    def judge(address: str) -> bool:
        try:
            read_target(address, policy)
        except EgressRefused:
            return False
        return True

    return judge


async def fetched(services: Services, uri: str) -> SectorDocument:
    """OIDC Registration 5: what ``sector_identifier_uri`` says."""
    if services.egress is None:
        return SectorDocument(uri)
    try:
        return SectorDocument(uri, await services.egress.get_json(uri))
    except (EgressRefused, EgressFailed):
        return SectorDocument(uri)
