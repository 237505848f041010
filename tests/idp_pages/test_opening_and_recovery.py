"""Asking for an account, activating it, recovering a password: through the pages, with the links of real mails."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import select, update

from idp.authentication import totp
from idp.registry import HttpRegistry
from idp.storage import codecs
from idp.storage.postgres.tables import ACCOUNT_LINK, MAIL_OUTBOX
from tests.idp_pages.conftest import ISSUER, REGISTRY, TOTP, Provider, Visitor, fields_of
from tests.idp_pages.test_security import wrong_code
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD
from tests.idp_storage.samples import fresh_number

NewVisitor = Callable[..., Visitor]
NEW = "ba con trâu trên đồng"
CARD = {"kind": "can_cuoc", "issued": "2025-03-11", "expires": "2034-05-17"}


class Population:
    """A registry that knows one person; ``card`` is what she holds."""

    def __init__(self) -> None:
        self.number = fresh_number()
        self.card = dict(CARD)
        self.asked = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        self.asked += 1
        body = json.loads(request.content)
        if body["subject"]["number"] != self.number:
            return httpx2.Response(404)
        if request.url.path == "/v1/verifications":
            right = {"name": "Trần Thị Mới", "birth_date": "1999-01-02", "alive": True}
            flags = {
                name: {"flag": "match" if value == right[name] else "mismatch"}
                for name, value in body["claims"].items()
            }
            return httpx2.Response(200, json={"results": flags})
        name = {"full": "Trần Thị Mới", "family": "Trần", "middle": "Thị", "given": "Mới"}
        values = {"alive": True, "name": name, "birth_date": "1999-01-02", "sex": "female", "card": self.card}
        return httpx2.Response(200, json={"values": values})


@pytest.fixture
def population(provider: Provider) -> Iterator[Population]:
    """The provider, with that registry."""
    services = provider.app.state.services
    people = Population()
    adapter = HttpRegistry(REGISTRY, ISSUER, services.ring, transport=httpx2.MockTransport(people))
    provider.app.state.services = replace(services, registry=adapter)
    yield people
    provider.app.state.services = services


async def mailed(provider: Provider, to: str, template: str) -> dict[str, str] | None:
    """The values of the newest waiting message of a kind to an address."""
    storage = provider.app.state.storage
    async with storage.engine.connect() as connection:
        rows = (
            (await connection.execute(select(MAIL_OUTBOX).order_by(MAIL_OUTBOX.c.id.desc()))).mappings().all()
        )
    for row in rows:
        message = codecs.read_message(storage.vault.mail.open(row["message"], row["record_id"]))
        if (message.to, message.template) == (to, template):
            return dict(message.values)
    return None


def path_of(link: str) -> str:
    """A link of a mail, without the issuer."""
    assert link.startswith(ISSUER)
    return link.removeprefix(ISSUER)


def typed(population: Population, mailbox: str, **changes: str) -> dict[str, str]:
    """The form as the person on record fills it in."""
    return {
        "personal_number": population.number,
        "name": "Trần Thị Mới",
        "born_day": "2",
        "born_month": "1",
        "born_year": "1999",
        "issued_day": "11",
        "issued_month": "3",
        "issued_year": "2025",
        "email": mailbox,
    } | changes


async def confirmed(browser: Visitor, provider: Provider, form: dict[str, str]) -> httpx2.Response:
    """Send the form, open the link of the mail, press the button."""
    answer = await browser.answer("/open-account", "/open-account", **form)
    assert answer.headers["location"] == "/open-account/sent"
    values = await mailed(provider, form["email"], "open_account")
    assert values is not None
    return await browser.answer("/open-account/confirm", path_of(values["link"]))


async def activate(browser: Visitor, page: str, **values: str) -> httpx2.Response:
    """Choose a password."""
    return await browser.answer("/activate", page, new_password=NEW, new_password_again=NEW, **values)


async def test_from_nothing_to_the_first_sign_in(
    visitor: NewVisitor, provider: Provider, population: Population
) -> None:
    """Decree 69/2024, Arts. 10, 14: asked for, matched, issued with a notice, activated, used; level 1."""
    browser, mailbox = visitor(), f"moi-{secrets.token_hex(4)}@example.vn.test"
    answer = await confirmed(browser, provider, typed(population, mailbox))
    assert "Tài khoản đã được cấp" in answer.text
    assert (await visitor("192.0.2.30").sign_in(population.number, NEW)).status_code == 422
    values = await mailed(provider, mailbox, "account_issued")
    assert values is not None
    page = path_of(values["link"])
    wrong = await activate(browser, page, personal_number=LAN)
    assert (wrong.status_code, "không phải của tài khoản" in wrong.text) == (422, True)
    done = await activate(browser, page, personal_number=population.number)
    assert done.headers["location"] == "/activate/done"
    assert (await browser.get(page)).status_code == 410, "the link is spent"
    signed_in = await visitor("192.0.2.31").sign_in(population.number, NEW)
    assert signed_in.status_code == 303
    account_id = await provider.app.state.storage.accounts.find_account_by_number(population.number)
    stored = await provider.app.state.storage.accounts.read(account_id)
    assert (stored.account.level, stored.account.status) == (1, "active")


@pytest.mark.attack
async def test_nothing_is_told_before_the_mailbox_is_confirmed(
    visitor: NewVisitor, provider: Provider, population: Population
) -> None:
    """Attack 40: the form answers the same for anybody's data, and the registry is not asked."""
    browser = visitor()
    for changes in ({}, {"name": "Sai Tên"}, {"personal_number": LAN}):
        answer = await browser.answer(
            "/open-account",
            "/open-account",
            **typed(population, f"{secrets.token_hex(4)}@x.vn.test", **changes),
        )
        assert answer.headers["location"] == "/open-account/sent"
    assert population.asked == 0
    assert await mailed(provider, "nobody@x.vn.test", "open_account") is None


@pytest.mark.attack
@pytest.mark.parametrize("changes", [{"name": "Trần Thị Cũ"}, {"born_year": "1998"}, {"issued_day": "12"}])
async def test_one_wrong_item_is_no_match(
    visitor: NewVisitor, provider: Provider, population: Population, changes: dict[str, str]
) -> None:
    """Which of them was wrong is not said; the link is worth one look at a time, and no account begins."""
    form = typed(population, f"{secrets.token_hex(4)}@x.vn.test", **changes)
    answer = await confirmed(visitor(), provider, form)
    assert (answer.status_code, "không khớp" in answer.text) == (422, True)
    assert await provider.app.state.storage.accounts.find_account_by_number(population.number) is None


async def test_an_expired_card_and_a_second_account(
    visitor: NewVisitor, provider: Provider, population: Population
) -> None:
    """Decree 69/2024, Art. 7: a valid card; and one account for one number."""
    population.card["expires"] = "2020-01-01"
    answer = await confirmed(visitor(), provider, typed(population, f"{secrets.token_hex(4)}@x.vn.test"))
    assert "đã hết hạn" in answer.text
    population.card = dict(CARD)
    for said in ("đã được cấp", "đã có tài khoản"):
        answer = await confirmed(visitor(), provider, typed(population, f"{secrets.token_hex(4)}@x.vn.test"))
        assert said in answer.text


async def test_mistakes_are_said_beside_their_fields(visitor: NewVisitor, population: Population) -> None:
    """Every mistake at once, and nothing that was typed is lost."""
    bad = typed(population, "no mailbox", personal_number="12", born_month="13", issued_day="x", name=" ")
    answer = await visitor().answer("/open-account", "/open-account", **bad)
    assert answer.status_code == 422
    assert len(re.findall(r'class="mistake"', answer.text)) == 5
    assert 'value="no mailbox"' in answer.text


# ---------------------------------------------------------------- recovery


async def recovery(browser: Visitor, provider: Provider) -> dict[str, str]:
    """Ask for Lan's recovery; the values of her mail."""
    answer = await browser.answer("/recover", "/recover", personal_number=LAN)
    assert answer.headers["location"] == "/recover/sent"
    values = await mailed(provider, "lan@example.vn.test", "recovery")
    assert values is not None
    return values


async def set_password(browser: Visitor, page: str, **values: str) -> httpx2.Response:
    """Set a new password behind a link."""
    return await browser.answer("/recover/continue", page, new_password=NEW, new_password_again=NEW, **values)


async def ripen(provider: Provider) -> None:
    """The delay is over: every waiting link may be used."""
    async with provider.app.state.storage.engine.begin() as connection:
        await connection.execute(update(ACCOUNT_LINK).values(usable_from=0))


@pytest.mark.attack
async def test_the_mailbox_alone_waits(visitor: NewVisitor, provider: Provider) -> None:
    """Attack 47, NIST SP 800-63B-4, 4.2: before the delay is over a link without a code sets nothing."""
    browser = visitor()
    page = path_of((await recovery(browser, provider))["link"])
    assert (await set_password(browser, page)).status_code == 422
    assert (await set_password(browser, page, code=wrong_code())).status_code == 422
    assert (await visitor("192.0.2.40").sign_in(LAN, LAN_PASSWORD)).status_code == 303
    await ripen(provider)
    other = visitor("192.0.2.41")
    await other.sign_in(LAN, LAN_PASSWORD)
    assert (await set_password(browser, page)).headers["location"] == "/recover/done"
    assert (await other.get("/account")).headers["location"] == "/sign-in", "every session ended"
    assert (await visitor("192.0.2.42").sign_in(LAN, LAN_PASSWORD)).status_code == 422
    assert (await visitor("192.0.2.43").sign_in(LAN, NEW)).status_code == 303
    assert (await browser.get(page)).status_code == 410


async def test_a_code_of_the_app_saves_the_waiting(visitor: NewVisitor, provider: Provider) -> None:
    """Two proofs of two kinds: the mailbox and the app."""
    browser = visitor()
    page = path_of((await recovery(browser, provider))["link"])
    for drift in (0, 1, -1):
        code = totp.code_at(TOTP, int(time.time()) + drift * totp.STEP)
        answer = await set_password(browser, page, code=code)
        if answer.status_code == 303:
            break
    assert answer.headers["location"] == "/recover/done"


@pytest.mark.attack
async def test_a_stopped_recovery_is_dead(visitor: NewVisitor, provider: Provider) -> None:
    """Attack 47: the owner's one click kills both links, after the delay too."""
    browser, owner = visitor(), visitor("192.0.2.9")
    values = await recovery(browser, provider)
    page, stop = path_of(values["link"]), path_of(values["cancel"])
    assert (await browser.get(page)).status_code == 200
    answer = await owner.answer("/recover/continue/cancel", stop)
    assert "Đã dừng" in answer.text
    await ripen(provider)
    assert (await browser.get(page)).status_code == 410
    form = fields_of((await browser.get("/recover")).text)
    secret = page.partition("t=")[2]
    answer = await browser.post("/recover/continue", data=form | {"t": secret, "new_password": NEW})
    assert answer.status_code == 410


@pytest.mark.attack
async def test_a_locked_account_is_not_recovered(visitor: NewVisitor, provider: Provider) -> None:
    """Attack 53: asked for before the lock, followed after it: nothing opens; and nobody learns of either."""
    browser = visitor()
    page = path_of((await recovery(browser, provider))["link"])
    await provider.app.state.storage.lives.lock("acc-lan", "own_request")
    await ripen(provider)
    assert (await browser.get(page)).status_code == 410
    for number in (LAN, "099199999999"):
        answer = await visitor("192.0.2.44").answer("/recover", "/recover", personal_number=number)
        assert answer.headers["location"] == "/recover/sent"


@pytest.mark.attack
async def test_recovery_is_no_mail_bomb(visitor: NewVisitor, provider: Provider) -> None:
    """Five mails a day for one number, however many ask; the page goes on answering the same."""
    links = set()
    for attempt in range(8):
        values = await recovery(visitor(f"192.0.2.{100 + attempt}"), provider)
        links.add(values["link"])
    assert len(links) == 5


@pytest.mark.attack
async def test_a_link_of_one_kind_opens_no_other(visitor: NewVisitor, provider: Provider) -> None:
    """Attack 35: the link that stops a recovery activates nothing and sets no password."""
    browser = visitor()
    values = await recovery(browser, provider)
    secret = values["cancel"].partition("t=")[2]
    for page in ("/recover/continue", "/activate", "/open-account/confirm"):
        assert (await browser.get(f"{page}?t={secret}")).status_code == 410
    for odd in ("", "x" * 43, "é" * 43, "A" * 400):
        for page in ("/recover/continue", "/recover/continue/cancel", "/activate", "/open-account/confirm"):
            answer = await browser.get(page, params={"t": odd})
            assert answer.status_code in {200, 410}
