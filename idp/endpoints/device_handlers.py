"""What each signed act of the e-ID app does: on the phone itself, for a screen, or for a waiting request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from idp.accounts import acts, consenting, pin_checks, presentation
from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.life import Actor, LockReason, NotAllowed
from idp.accounts.pins import blocked_until
from idp.accounts.presentation import ShowAgain, ShowCard, Shown
from idp.authentication import device_keeping, screen_answers
from idp.authentication.pool import PasswordPool
from idp.authentication.screen_answers import BY_SCREEN, Taken
from idp.domain import paths
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.policy import Policy
from idp.endpoints.exchange import Exchange
from idp.protocol import phone_approvals
from idp.shell import Services
from keys import KeyPurpose, VerificationFailed, shown_card
from web.qr_codes import qr_code

LONGEST_PIN: Final = 16
Document = dict[str, object]


async def status(exchange: Exchange, signed: SignedAct, _: dict[str, object]) -> dict[str, object]:
    """How the phone stands: its name, and when a PIN may be tried again."""

    def judged(asked: SignedAct, facts: Facts, policy: Policy) -> Decision[dict[str, object]]:
        device, _ = proven(asked, facts, policy)
        known = {"name": device.name, "blocked_until": blocked_until(device, facts.now), "now": facts.now}
        return Decision(known, (spend(asked, facts),))

    return await exchange.services.loop.run(signed, needs_of(signed), judged)


async def give_up(exchange: Exchange, signed: SignedAct, _: dict[str, object]) -> dict[str, object]:
    """The phone is forgotten."""
    await exchange.services.loop.run(signed, needs_of(signed, credentials=True), device_keeping.give_up)
    return {"done": True}


async def lock(exchange: Exchange, signed: SignedAct, _: dict[str, object]) -> dict[str, object]:
    """Lock my e-ID, everywhere. The phone alone is enough: the low bar is on purpose (domain facts, section 6)."""

    def judged(asked: SignedAct, facts: Facts, policy: Policy) -> Decision[str]:
        _, account = proven(asked, facts, policy)
        return Decision(account.account_id, (spend(asked, facts),))

    services = exchange.services
    account_id = await services.loop.run(signed, needs_of(signed), judged)
    try:
        await services.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    except NotAllowed:
        raise DeviceRefused("unknown_device", 401) from None
    return {"done": True}


# ---------------------------------------------------------------- what waits for an answer


async def take(exchange: Exchange, signed: SignedAct, _: Document) -> Document:
    """The screen that shows a code is this phone's to answer; what must be shown and signed."""
    services = exchange.services
    taken = done(await services.loop.run(signed, screen_answers.take_needs(signed), screen_answers.take))
    assert isinstance(taken, Taken)
    known = screen_answers.context(taken.screen, taken.client, services.policy)
    near = network_of(taken.screen.address) == network_of(exchange.address)
    return {"context": known, "same_network": near}


async def waiting(exchange: Exchange, signed: SignedAct, _: Document) -> Document:
    """The requests of services that wait for this person, the oldest first."""
    services = exchange.services
    found = await services.loop.run(signed, phone_approvals.waiting_needs(signed), phone_approvals.waiting)
    clients = await services.records.clients()
    known = [(each, clients.get(each.request.client_id)) for each in found]
    return {
        "requests": [
            phone_approvals.context(each, client, services.policy)
            for each, client in known
            if client is not None and not client.disabled
        ]
    }


async def approve(exchange: Exchange, signed: SignedAct, body: Document) -> Document:
    """Yes, with the PIN, to exactly what was shown."""
    against = await right_pin(exchange, signed, body)
    services = exchange.services
    if kind_of(signed) == BY_SCREEN:
        screen = screen_answers.Approving(signed, against)
        done(await services.loop.run(screen, screen.needs, screen_answers.approve))
    else:
        request = phone_approvals.Approving(signed, against)
        done(await services.loop.run(request, request.needs, phone_approvals.approve))
    return {"done": True}


async def card(exchange: Exchange, signed: SignedAct, body: Document) -> Document:
    """The holder's own card with its first presentation, with the PIN."""
    asked = ShowCard(signed, await right_pin(exchange, signed, body))
    return presented(exchange, done(await exchange.services.loop.run(asked, asked.needs, presentation.show)))


async def card_again(exchange: Exchange, signed: SignedAct, _: Document) -> Document:
    """The next presentation, for the one before."""
    asked = ShowAgain(signed, shown_before(exchange, signed.text_of("before", shown_card.LONGEST)))
    loop = exchange.services.loop
    return presented(exchange, done(await loop.run(asked, asked.needs, presentation.show_again)))


def shown_before(exchange: Exchange, text: str) -> dict[str, object] | None:
    """The claims of a presentation of ours; None for anything else. Its times are the rule's to judge."""
    try:
        return exchange.services.ring.public_keys(KeyPurpose.EID_APP).verify(
            text, algorithms=shown_card.ALGORITHMS, typ=shown_card.TYP, max_bytes=shown_card.LONGEST
        )
    except VerificationFailed:
        return None


def presented(exchange: Exchange, shown: Any) -> Document:
    """What the phone shows: the card, the signed presentation, and its QR code, which leads to the check page."""
    assert isinstance(shown, Shown)
    services = exchange.services
    text = services.ring.signer(KeyPurpose.EID_APP).sign(shown.claims, typ=shown_card.TYP)
    return {
        "card": shown.card.shown,
        "presentation": text,
        "qr": str(qr_code(f"{services.settings.issuer}{paths.CHECK_CARD}#{text}", error="l")),
        "made_at": shown.claims["iat"],
        "every": presentation.EVERY,
    }


async def consent(exchange: Exchange, signed: SignedAct, body: Document) -> Document:
    """Yes to what a dossier asks, with the PIN: the attestation that the population registry keeps."""
    statement = consenting.statement_in(signed)
    services = exchange.services
    asked = consenting.Agree(signed, statement, await right_pin(exchange, signed, body))
    claims = await services.loop.run(asked, asked.needs, consenting.agree)
    return {"signed": services.ring.signer(KeyPurpose.EID_APP).sign(claims, typ=consenting.TYP)}


async def deny(exchange: Exchange, signed: SignedAct, _: Document) -> Document:
    """No, or "it wasn't me"; no PIN is needed to refuse."""
    loop = exchange.services.loop
    if kind_of(signed) == BY_SCREEN:
        await loop.run(signed, screen_answers.answer_needs(signed), screen_answers.deny)
    else:
        await loop.run(signed, phone_approvals.answer_needs(signed), phone_approvals.deny)
    return {"done": True}


async def right_pin(exchange: Exchange, signed: SignedAct, body: Document) -> str:
    """The hash that the PIN was checked against, when it was right. Raises DeviceRefused."""
    pin = body.get("pin")
    if not isinstance(pin, str) or len(pin) > LONGEST_PIN:
        raise DeviceRefused("malformed", 400)
    services = exchange.services
    to_check = await services.loop.run(signed, needs_of(signed), pin_checks.admit_pin)
    verdict = await pool_of(services).verify(to_check.pin_hash, pin)
    if not verdict.correct:
        wrong = await services.loop.run(signed, needs_of(signed, credentials=True), pin_checks.wrong_pin)
        raise DeviceRefused("device_removed" if wrong.gone else "wrong_pin", 422, left=wrong.left)
    return to_check.pin_hash


def kind_of(signed: SignedAct) -> str:
    """What an answer is about."""
    return signed.text_of("kind", 16)


def done(outcome: Any) -> Any:
    """What a decision says, unless it is a refusal that wrote something."""
    if isinstance(outcome, DeviceRefused):
        raise outcome
    return outcome


Handler = Callable[["Exchange", SignedAct, Document], Awaitable[Document]]
_ACTS: Final[dict[str, Handler]] = {
    "status": status,
    "give_up": give_up,
    "lock": lock,
    "take": take,
    "waiting": waiting,
    "approve": approve,
    "card": card,
    "card_again": card_again,
    "consent": consent,
    "deny": deny,
    "not_me": deny,
}


def handler_of(signed: SignedAct) -> Handler:
    """What answers an act. Raises DeviceRefused."""
    handler = _ACTS.get(signed.act)
    if handler is None:
        raise DeviceRefused("unknown_act", 400)
    return handler


def needs_of(signed: SignedAct, *, credentials: bool = False) -> Needs:
    """The device, its account, and whether the act was seen before."""
    return Needs(device_id=signed.device_id, replay=(signed.replay,), credentials=credentials)


def pool_of(services: Services) -> PasswordPool:
    """The bounded argon2id pool."""
    pool = services.passwords
    if not isinstance(pool, PasswordPool):
        raise TypeError("the services hold no password pool")
    return pool
