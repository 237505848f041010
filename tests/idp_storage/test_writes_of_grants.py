"""Every write of a grant on the real engines: what it makes true, when it loses, and what a dead grant does."""

from __future__ import annotations

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client, PartyKind
from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs
from idp.domain.writes import (
    CreateGrant,
    EndSession,
    KillGrant,
    KillGrantsOf,
    RedeemCode,
    RevokeAccess,
    SaveSession,
    UseRefresh,
)
from idp.storage import Storage
from tests.idp_storage.samples import (
    ACCOUNT,
    CLIENT,
    access,
    code,
    commit,
    digest,
    grant,
    name,
    refresh,
    session,
)


async def born(storage: Storage, **changes: object) -> tuple[str, bytes]:
    """A grant with an unspent code: its id and the code's hash."""
    fresh, unspent = grant(**changes), code()
    assert await commit(storage, CreateGrant(fresh, unspent)) == Committed()
    return fresh.grant_id, unspent.code_hash


async def test_a_grant_is_born_with_its_code(storage: Storage) -> None:
    """RFC 6749 section 4.1.2: the code and what it stands for are there together."""
    fresh, unspent = grant(nonce="n", code_challenge="c", resources=("https://r",)), code()
    await commit(storage, CreateGrant(fresh, unspent))
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id))
    assert facts.grant is not None
    assert facts.grant.grant == fresh
    assert facts.grant.code == unspent
    assert facts.grant.refresh is None


async def test_a_grant_is_born_once(storage: Storage) -> None:
    """A second birth under the same name is a conflict and changes nothing."""
    fresh, unspent = grant(), code()
    await commit(storage, CreateGrant(fresh, unspent))
    assert await commit(storage, CreateGrant(fresh, code())) == Conflict("CreateGrant")
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id))
    assert facts.grant is not None
    assert facts.grant.code == unspent


async def test_client_credentials_are_born_with_an_access_token(storage: Storage) -> None:
    """RFC 6749 section 4.4: a grant without account, session and code."""
    fresh, token = grant(account_id="", subject=CLIENT), access()
    assert await commit(storage, CreateGrant(fresh, access=token)) == Committed()
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.access == token


async def test_redeeming_spends_the_code_and_issues(storage: Storage) -> None:
    """RFC 6749 section 4.1.3: one step spends the code and issues both tokens."""
    grant_id, code_hash = await born(storage)
    token, family = access(), refresh()
    assert await commit(storage, RedeemCode(grant_id, code_hash, token, family)) == Committed()
    facts = await storage.loading.load(Needs(grant_id=grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.code is not None
    assert facts.grant.code.spent
    assert facts.grant.access == token
    assert facts.grant.refresh == family


async def test_a_spent_code_and_a_wrong_code_are_conflicts(storage: Storage) -> None:
    """RFC 6749 section 4.1.2: a code is used at most once; a wrong one does not spend the right one."""
    grant_id, code_hash = await born(storage)
    assert await commit(storage, RedeemCode(grant_id, digest(), access(), None)) == Conflict("RedeemCode")
    assert await commit(storage, RedeemCode(grant_id, code_hash, access(), None)) == Committed()
    late = access()
    assert await commit(storage, RedeemCode(grant_id, code_hash, late, None)) == Conflict("RedeemCode")
    facts = await storage.loading.load(Needs(grant_id=grant_id, access_digest=late.token_hash))
    assert facts.grant is not None
    assert facts.grant.access is None


async def test_a_dead_grant_issues_nothing(storage: Storage) -> None:
    """Rule 4 of the design: issuing is conditional on the grant being alive, in the same atomic step."""
    grant_id, code_hash = await born(storage)
    token, family = access(), refresh()
    await commit(storage, RedeemCode(grant_id, code_hash, token, family))
    await commit(storage, KillGrant(grant_id, "replay"))
    facts = await storage.loading.load(Needs(grant_id=grant_id, access_digest=token.token_hash))
    assert facts.grant is None
    use = UseRefresh(grant_id, family.current_hash, family.current_hash, access(), refresh())
    assert await commit(storage, use) == Conflict("UseRefresh")
    assert await commit(storage, RedeemCode(grant_id, code_hash, access(), None)) == Conflict("RedeemCode")


async def test_refreshing_rotates(storage: Storage) -> None:
    """RFC 9700 section 4.14.2: the next token takes over; the one before it is remembered for the grace."""
    grant_id, code_hash = await born(storage)
    first = refresh()
    await commit(storage, RedeemCode(grant_id, code_hash, None, first))
    second = refresh(previous=first.current_hash)
    token = access()
    rotate = UseRefresh(grant_id, first.current_hash, first.current_hash, token, second)
    assert await commit(storage, rotate) == Committed()
    facts = await storage.loading.load(Needs(grant_id=grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.refresh == second
    assert facts.grant.access == token
    again = UseRefresh(grant_id, first.current_hash, first.current_hash, access(), refresh())
    assert await commit(storage, again) == Conflict("UseRefresh")


async def test_the_previous_token_may_be_used_in_its_grace_and_no_older_one(storage: Storage) -> None:
    """The family never forks: only current or previous may be presented, and the current must be as loaded."""
    grant_id, code_hash = await born(storage)
    first = refresh()
    await commit(storage, RedeemCode(grant_id, code_hash, None, first))
    second = refresh(previous=first.current_hash)
    await commit(storage, UseRefresh(grant_id, first.current_hash, first.current_hash, None, second))
    graceful = UseRefresh(grant_id, first.current_hash, second.current_hash, access(), second)
    assert await commit(storage, graceful) == Committed()
    stranger = UseRefresh(grant_id, digest(), second.current_hash, access(), refresh())
    assert await commit(storage, stranger) == Conflict("UseRefresh")


async def test_revoking_forgets_one_token(storage: Storage) -> None:
    """RFC 7009 section 2.1: the token is gone, the grant lives."""
    grant_id, code_hash = await born(storage)
    token = access()
    await commit(storage, RedeemCode(grant_id, code_hash, token, None))
    assert await commit(storage, RevokeAccess(grant_id, token.token_hash)) == Committed()
    facts = await storage.loading.load(Needs(grant_id=grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.access is None


async def test_grants_of_an_account_die_by_client_or_all(storage: Storage) -> None:
    """Withdrawing from one client leaves the others; leaving altogether leaves none."""
    uris = ("https://other.example/callback",)
    await storage.clients.save(Client("other-portal", "C", "O", PartyKind.PRIVATE, uris))
    mine, _ = await born(storage)
    other, _ = await born(storage, client_id="other-portal")
    await commit(storage, KillGrantsOf(ACCOUNT, "withdrawn", client_id=CLIENT))
    assert (await storage.loading.load(Needs(grant_id=mine))).grant is None
    assert (await storage.loading.load(Needs(grant_id=other))).grant is not None
    await commit(storage, KillGrantsOf(ACCOUNT, "left"))
    assert (await storage.loading.load(Needs(grant_id=other))).grant is None


async def test_a_session_takes_its_grants_along_but_not_the_offline_ones(storage: Storage) -> None:
    """OIDC Back-Channel Logout section 2.7: tokens without offline_access end with the session."""
    cookie, browser = digest(), session()
    await commit(storage, SaveSession(cookie, browser))
    bound, _ = await born(storage, session_id=browser.session_id)
    offline, _ = await born(storage, session_id=browser.session_id, offline=True)
    facts = await storage.loading.load(Needs(session_digest=cookie, participants=True))
    assert {each.grant_id for each in facts.participants} == {bound, offline}
    await commit(storage, EndSession(cookie, browser.session_id))
    assert (await storage.loading.load(Needs(session_digest=cookie))).session is None
    assert (await storage.loading.load(Needs(grant_id=bound))).grant is None
    assert (await storage.loading.load(Needs(grant_id=offline))).grant is not None


async def test_no_grant_is_born_in_a_session_that_ended(storage: Storage) -> None:
    """Keycloak CVE-2025-12390: what was decided on a session does not outlive its logout."""
    fresh = grant(session_id=name())
    assert await commit(storage, CreateGrant(fresh, code())) == Conflict("CreateGrant")
    assert (await storage.loading.load(Needs(grant_id=fresh.grant_id))).grant is None


async def test_no_grant_is_born_under_an_old_epoch(storage: Storage) -> None:
    """An account that changed since it was loaded (locked, consent withdrawn) is judged again."""
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    await storage.accounts.move_epoch(ACCOUNT)
    fresh = grant()
    late = CreateGrant(fresh, code(), account_epoch=facts.account.epoch)
    assert await commit(storage, late) == Conflict("CreateGrant")
    assert (await storage.loading.load(Needs(grant_id=fresh.grant_id))).grant is None


async def test_a_conflict_writes_no_audit_row(storage: Storage) -> None:
    """What was not granted is not said to have been."""
    grant_id, _ = await born(storage)
    event = AuditEvent(AuditKind.TOKENS_ISSUED, ACCOUNT, CLIENT, grant_id, reason=name())
    lost = await commit(storage, RedeemCode(grant_id, digest(), access(), None), audit=(event,))
    assert lost == Conflict("RedeemCode")
    reasons = {entry.reason for entry in await storage.records.history(ACCOUNT)}
    assert event.reason not in reasons
