"""Ends what hangs on a session or an account: sessions, and the grants born in them or by it."""

from idp.storage import codecs
from idp.storage.redis import keys
from idp.storage.redis.claims import kill
from idp.storage.redis.pipelining import Command, PipeliningConnection
from idp.storage.redis.scripts import run, script


async def end_sessions(redis: PipeliningConnection, *sessions: tuple[str, bytes]) -> None:
    """End sessions (id, cookie hash): nobody joins any more; then their grants die, except the offline ones."""
    if not sessions:
        return
    commands: list[Command] = []
    for session_id, digest in sessions:
        commands += [("DEL", keys.session(digest)), script("end_session", (keys.participants(session_id),))]
    replies = await run(redis, *commands)
    kills = [
        kill(participant.grant_id)
        for reply in replies[1::2]
        for participant, offline in codecs.read_participants(reply)
        if not offline
    ]
    await run(redis, *kills)


async def end_sessions_of(
    redis: PipeliningConnection, account_id: str, *, only: str | None = None, besides: str | None = None
) -> None:
    """Sign the account out everywhere, of one session, or of every other one (session ids).

    Move its epoch before, so that no new session slips in.
    """
    index = keys.account_sessions(account_id)
    (found,) = await run(redis, ("ZRANGE", index, 0, -1))
    members = [
        member
        for member in found
        if (name := member.decode().partition(":")[0]) != besides and only in {None, name}
    ]
    sessions = [tuple(member.decode().split(":")) for member in members]
    await end_sessions(redis, *((session_id, bytes.fromhex(digest)) for session_id, digest in sessions))
    if members:
        await run(redis, ("ZREM", index, *members))


async def kill_grants_of(redis: PipeliningConnection, account_id: str, client_id: str | None = None) -> int:
    """Kill the account's grants, or those of one client; how many. Move the epoch before."""
    index = keys.account_grants(account_id)
    (members,) = await run(redis, ("ZRANGE", index, 0, -1))
    swept = []
    for member in members:
        grant_id, _, of_client = member.decode().partition(":")
        if client_id is None or of_client == client_id:
            swept.append((grant_id, member))
    if swept:
        # An approved request of a device dies as the grant that it would become.
        both = (("DEL", keys.grant(grant_id), keys.decoupled(grant_id)) for grant_id, _ in swept)
        await run(redis, *both)
        await run(redis, ("ZREM", index, *(member for _, member in swept)))
    return len(swept)
