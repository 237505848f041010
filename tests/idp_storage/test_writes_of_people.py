"""Sessions, interactions, throttles, consents and single-use items on the real engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs, ReplayKey
from idp.domain.session import Step
from idp.domain.writes import (
    ClearAttempts,
    CountAttempt,
    CreateGrant,
    EndSessionsOf,
    FinishInteraction,
    RememberConsent,
    SaveInteraction,
    SaveSession,
    SpendOnce,
    UpgradePassword,
    WithdrawConsent,
)
from idp.storage import Storage
from tests.idp_storage.samples import (
    ACCOUNT,
    CLIENT,
    EMAIL,
    NUMBER,
    TOTP,
    code,
    commit,
    digest,
    grant,
    interaction,
    name,
    now,
    session,
)


@pytest.mark.attack
async def test_an_item_is_spent_once_in_its_own_namespace(storage: Storage) -> None:
    """Attack 37: RFC 7523 section 3 (jti); Keycloak CVE-2026-4325: the same value elsewhere is another item."""
    mine, elsewhere = ReplayKey("client-a", b"jti"), ReplayKey("client-b", b"jti")
    assert await commit(storage, SpendOnce(mine, now() + 60)) == Committed()
    assert await commit(storage, SpendOnce(mine, now() + 60)) == Conflict("SpendOnce")
    facts = await storage.loading.load(Needs(replay=(mine, elsewhere)))
    assert facts.spent == {mine}
    assert await commit(storage, SpendOnce(elsewhere, now() + 60)) == Committed()


async def test_namespaces_cannot_be_shifted_into_values(storage: Storage) -> None:
    """("ab", "c") and ("a", "bc") are different items."""
    await commit(storage, SpendOnce(ReplayKey("ab", b"c"), now() + 60))
    assert await commit(storage, SpendOnce(ReplayKey("a", b"bc"), now() + 60)) == Committed()


async def test_nothing_later_happens_when_a_single_use_item_was_spent(storage: Storage) -> None:
    """logto#9109: a replayed one-time code neither advances the interaction nor opens a session."""
    item = ReplayKey("totp", name().encode())
    await commit(storage, SpendOnce(item, now() + 60))
    waiting = interaction(step="second_factor")
    await commit(storage, SaveInteraction(waiting))
    cookie = digest()
    lost = await commit(
        storage,
        SaveSession(cookie, session()),
        SaveInteraction(replace(waiting, step="continue"), expected_step="second_factor"),
        SpendOnce(item, now() + 60),
    )
    assert lost == Conflict("SpendOnce")
    facts = await storage.loading.load(Needs(session_digest=cookie, interaction_id=waiting.interaction_id))
    assert facts.session is None
    assert facts.interaction == waiting


async def test_a_session_is_found_by_its_cookie(storage: Storage) -> None:
    """What was saved is what is loaded, with the account behind it."""
    cookie, browser = digest(), session()
    assert await commit(storage, SaveSession(cookie, browser)) == Committed()
    facts = await storage.loading.load(Needs(session_digest=cookie, account_of_session=True))
    assert facts.session == browser
    assert facts.account is not None
    assert facts.account.account_id == ACCOUNT


async def test_the_replaced_session_dies_with_what_hangs_on_it(storage: Storage) -> None:
    """Session fixation (Hydra #753): after sign-in the old cookie is worth nothing, nor are its grants."""
    old, former = digest(), session()
    await commit(storage, SaveSession(old, former))
    bound = grant(session_id=former.session_id)
    await commit(storage, CreateGrant(bound, code()))
    await commit(storage, SaveSession(digest(), session(), replaces=old))
    facts = await storage.loading.load(Needs(session_digest=old, grant_id=bound.grant_id))
    assert facts.session is None
    assert facts.grant is None


async def test_a_session_that_goes_on_under_a_new_cookie_keeps_its_grants(storage: Storage) -> None:
    """A step-up changes the cookie, not the session."""
    old, browser = digest(), session()
    await commit(storage, SaveSession(old, browser))
    bound = grant(session_id=browser.session_id)
    await commit(storage, CreateGrant(bound, code()))
    new = digest()
    await commit(storage, SaveSession(new, browser, replaces=old))
    facts = await storage.loading.load(Needs(session_digest=new, grant_id=bound.grant_id, participants=True))
    assert facts.session == browser
    assert facts.grant is not None
    assert [each.grant_id for each in facts.participants] == [bound.grant_id]


async def test_no_session_opens_under_an_old_epoch(storage: Storage) -> None:
    """A password that was checked before the lock opens nothing after it."""
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    await storage.accounts.move_epoch(ACCOUNT)
    cookie = digest()
    late = SaveSession(cookie, session(), account_epoch=facts.account.epoch)
    assert await commit(storage, late) == Conflict("SaveSession")
    assert (await storage.loading.load(Needs(session_digest=cookie))).session is None


async def test_signing_out_everywhere_ends_every_session(storage: Storage) -> None:
    """The account centre lists what is left: nothing."""
    cookies = [digest() for _ in range(3)]
    for cookie in cookies:
        await commit(storage, SaveSession(cookie, session()))
    assert len(await storage.records.sessions(ACCOUNT)) == 3
    await commit(storage, EndSessionsOf(ACCOUNT))
    for cookie in cookies:
        assert (await storage.loading.load(Needs(session_digest=cookie))).session is None
    assert await storage.records.sessions(ACCOUNT) == ()


async def test_one_step_is_answered_once(storage: Storage) -> None:
    """Keycloak CVE-2026-18963: the stored step decides, two answers to it do not both count."""
    waiting = interaction()
    await commit(storage, SaveInteraction(waiting))
    onward = SaveInteraction(replace(waiting, step="second_factor"), expected_step="password")
    assert await commit(storage, onward) == Committed()
    assert await commit(storage, onward) == Conflict("SaveInteraction")


async def test_an_interaction_ends_once(storage: Storage) -> None:
    """Only one of two continuations may issue a code."""
    waiting = interaction()
    await commit(storage, SaveInteraction(waiting))
    finish = FinishInteraction(waiting.interaction_id)
    assert await commit(storage, finish) == Committed()
    fresh = grant()
    assert await commit(storage, CreateGrant(fresh, code()), finish) == Conflict("FinishInteraction")
    assert (await storage.loading.load(Needs(grant_id=fresh.grant_id))).grant is None


async def test_attempts_are_counted_up_to_the_limit(storage: Storage) -> None:
    """keycloak#26177: a count beyond the limit is a conflict and is not counted."""
    bucket = f"password:{name()}"
    for _ in range(3):
        assert await commit(storage, CountAttempt(bucket, 60, limit=3)) == Committed()
    assert await commit(storage, CountAttempt(bucket, 60, limit=3)) == Conflict("CountAttempt")
    assert (await storage.loading.load(Needs(throttles=(bucket,)))).throttles == {bucket: 3}
    await commit(storage, ClearAttempts(bucket))
    assert (await storage.loading.load(Needs(throttles=(bucket,)))).throttles == {bucket: 0}


async def test_consent_is_remembered_and_withdrawn_with_the_grants(storage: Storage) -> None:
    """Decree 69/2024, Art. 19: consent withdrawn ends what was granted on it."""
    await commit(storage, RememberConsent(ACCOUNT, CLIENT, frozenset({"profile", "pid"})))
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    assert facts.account.consents == {CLIENT: {"profile", "pid"}}
    fresh = grant()
    await commit(storage, CreateGrant(fresh, code()))
    await commit(storage, WithdrawConsent(ACCOUNT, CLIENT))
    facts = await storage.loading.load(Needs(account_id=ACCOUNT, grant_id=fresh.grant_id))
    assert facts.account is not None
    assert facts.account.consents == {}
    assert facts.grant is None


async def test_an_account_is_found_by_its_number_with_credentials(storage: Storage) -> None:
    """Sign-in: number to account through a keyed hash; the secrets are opened for this request only."""
    await commit(storage, UpgradePassword(ACCOUNT, "$argon2id$stronger"))
    facts = await storage.loading.load(Needs(personal_number=NUMBER, credentials=True))
    assert facts.account is not None
    assert facts.account.personal_number == NUMBER
    assert facts.account.profile["email"] == EMAIL
    assert facts.credentials is not None
    assert (facts.credentials.totp_secret, facts.credentials.email) == (TOTP, EMAIL)
    assert facts.credentials.password_hash == "$argon2id$stronger"
    nobody = await storage.loading.load(Needs(personal_number="099999999999", credentials=True))
    assert (nobody.account, nobody.credentials) == (None, None)


async def test_clients_are_seen_by_every_process_at_once(storage: Storage) -> None:
    """Keycloak CVE-2026-9705: a client disabled in one process is disabled in all with the next request."""
    facts = await storage.loading.load(Needs(client_id=CLIENT))
    assert facts.client is not None
    assert not facts.client.disabled
    await storage.clients.save(replace(facts.client, disabled=True))
    facts = await storage.loading.load(Needs(client_id=CLIENT))
    assert facts.client is not None
    assert facts.client.disabled
    assert (await storage.loading.load(Needs(client_id="nobody"))).client is None


async def test_the_client_and_account_behind_an_interaction_are_loaded(storage: Storage) -> None:
    """Pages name only the interaction; the facts follow it."""
    waiting = interaction(account_id=ACCOUNT)
    await commit(storage, SaveInteraction(waiting))
    facts = await storage.loading.load(
        Needs(interaction_id=waiting.interaction_id, account_of_interaction=True, client_of_interaction=True)
    )
    assert facts.account is not None
    assert facts.client is not None
    assert facts.client.client_id == CLIENT


async def test_a_lost_session_gives_the_step_back(storage: Storage) -> None:
    """A session that lost its race leaves the interaction as it was: the same answer is judged again, not lost."""
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    waiting = interaction()
    await commit(storage, SaveInteraction(waiting))
    moved_on = replace(waiting, step=Step.CONTINUE, account_id=ACCOUNT)
    await storage.accounts.move_epoch(ACCOUNT)
    born_late = SaveSession(digest(), session(), account_epoch=facts.account.epoch)
    taken = SaveInteraction(moved_on, expected_step=waiting.step)
    assert await commit(storage, taken, born_late) == Conflict("SaveSession")
    known = (await storage.loading.load(Needs(interaction_id=waiting.interaction_id))).interaction
    assert known == waiting
    assert await commit(storage, taken) == Committed()


async def test_a_lost_grant_gives_the_interaction_back(storage: Storage) -> None:
    """A grant that lost its race leaves its interaction waiting, with the time it had."""
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    waiting = interaction(account_id=ACCOUNT)
    await commit(storage, SaveInteraction(waiting))
    await storage.accounts.move_epoch(ACCOUNT)
    finish = FinishInteraction(waiting.interaction_id)
    born_late = CreateGrant(grant(), code(), account_epoch=facts.account.epoch)
    assert await commit(storage, finish, born_late) == Conflict("CreateGrant")
    known = (await storage.loading.load(Needs(interaction_id=waiting.interaction_id))).interaction
    assert known == waiting
    assert await commit(storage, finish) == Committed()
