"""No personal number in the clear, neither in Redis nor in PostgreSQL, after everything a person can do."""

from __future__ import annotations

import asyncpg

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.needs import Needs
from idp.domain.writes import (
    CountAttempt,
    CreateGrant,
    RememberConsent,
    SaveInteraction,
    SaveSession,
    SendMail,
)
from idp.storage import Storage
from idp.storage.postgres.engine import plain_dsn
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
    session,
)

NAME = "Nguyễn Thị Lan"
DETAIL = {"type": "vn_identity_verification", "purpose": "for a private reason", "dossier": "H29-261122-0975"}
CODE = "483 920 của Lan"
"""No six digits: those stand in every thousandth dump of the tables, as microseconds of some row."""
SECRETS = (
    *(NUMBER.encode(), NAME.encode(), EMAIL.encode(), TOTP, CODE.encode()),
    *(b"private reason", b"H29-261122-0975"),
)


async def live(storage: Storage) -> None:
    """Sign in, consent, be asked for by number, receive a code by mail."""
    await storage.accounts.save_profile(ACCOUNT, {"name": NAME, "birthdate": "1994-05-17"})
    facts = await storage.loading.load(Needs(personal_number=NUMBER, credentials=True))
    assert facts.account is not None
    assert facts.account.profile["name"] == NAME
    claims = ClaimsRequest(id_token={"pid": ClaimRequest(essential=True, value=NUMBER)})
    event = AuditEvent(AuditKind.SIGN_IN, ACCOUNT, CLIENT, claims=("name", "pid"))
    await commit(
        storage,
        CountAttempt(f"password:{NUMBER}", 900),
        SaveInteraction(interaction(account_id=ACCOUNT)),
        SaveSession(digest(), session()),
        CreateGrant(grant(claims=claims), code()),
        CreateGrant(grant(authorization_details=(DETAIL,)), code()),
        RememberConsent(ACCOUNT, CLIENT, frozenset({"pid"})),
        SendMail(EMAIL, "one_time_code", "vi", (("code", CODE), ("name", NAME))),
        audit=(event,),
    )
    await storage.loading.load(Needs(account_id=ACCOUNT))


async def test_redis_holds_no_personal_data_in_the_clear(storage: Storage) -> None:
    """Law 91/2025, Art. 14: every key and value of Redis is read; none holds number, name, address or secret."""
    await live(storage)
    (names,) = await storage.redis.execute(("KEYS", "*"))
    assert len(names) >= 8
    dumped = b"\n".join(names)
    for each in names:
        (kind,) = await storage.redis.execute(("TYPE", each))
        read = {
            b"string": ("GET", each),
            b"hash": ("HGETALL", each),
            b"zset": ("ZRANGE", each, 0, -1),
            b"set": ("SMEMBERS", each),
        }[kind]
        (value,) = await storage.redis.execute(read)
        dumped += b"\n".join(value) if isinstance(value, list) else value
    for secret in SECRETS:
        assert secret not in dumped


async def test_postgresql_holds_no_personal_data_in_the_clear(storage: Storage, idp_database: str) -> None:
    """Every row of every table is read as text; sealed columns as bytes."""
    await live(storage)
    connection = await asyncpg.connect(plain_dsn(idp_database))
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert len(tables) >= 9
        dumped = b""
        for (table,) in tables:
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                dumped += b"\n".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in row.values()
                )
    finally:
        await connection.close()
    for secret in SECRETS:
        assert secret not in dumped


async def test_a_grant_that_asks_by_value_comes_back(storage: Storage) -> None:
    """Sealing such a grant is invisible to the rules."""
    claims = ClaimsRequest(userinfo={"pid": ClaimRequest(value=NUMBER)})
    fresh = grant(claims=claims)
    await commit(storage, CreateGrant(fresh, code()))
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id))
    assert facts.grant is not None
    assert facts.grant.grant == fresh
