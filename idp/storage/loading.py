"""Fetches every fact at once: one round trip to Redis, a second one for the account behind a grant or session.

PostgreSQL is asked only where Redis has no good snapshot, at sign-in, and when the clients changed.
"""

import time
from collections.abc import Callable, Iterator

from idp.domain.account import Account
from idp.domain.authorization import PushedRequest
from idp.domain.decoupled import LoadedDecoupled
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts, Fresh
from idp.domain.grant import LoadedGrant
from idp.domain.needs import Needs
from idp.domain.passkey import Passkey
from idp.domain.screen import Screen
from idp.domain.session import Interaction, Participant, Session
from idp.ports import Unavailable
from idp.storage import codecs
from idp.storage.accounts import Accounts
from idp.storage.clients import Clients
from idp.storage.decoupled_loading import DecoupledReading
from idp.storage.devices import Devices
from idp.storage.links import Links
from idp.storage.owners import Owners
from idp.storage.passkeys import Passkeys
from idp.storage.randomness import RandomBlocks
from idp.storage.redis import keys, reading
from idp.storage.redis.birth import Birth
from idp.storage.redis.pipelining import Command, PipeliningConnection, Reply
from idp.storage.redis.scripts import run
from idp.storage.registrations import InitialAccessTokens
from idp.storage.screens import ScreenReading
from idp.storage.vault import Vault


class RedisLoading:
    """The adapter of :class:`idp.ports.Loading`."""

    def __init__(
        self,
        redis: PipeliningConnection,
        accounts: Accounts,
        clients: Clients,
        birth: Birth,
        vault: Vault,
        owners: Owners,
        initial_access: InitialAccessTokens,
        passkeys: Passkeys,
        devices: Devices,
        links: Links,
        *,
        now: Callable[[], float] = time.time,
        signing_in: Callable[[str], None] | None = None,
    ) -> None:
        self._redis = redis
        self._accounts = accounts
        self._clients = clients
        self._birth = birth
        self._vault = vault
        self._now = now
        self._signing_in = signing_in
        self._random = RandomBlocks()
        self._owners = owners
        self._decoupled = DecoupledReading(self._read, vault)
        self._initial_access = initial_access
        self._passkeys = passkeys
        self._devices = devices
        self._screens = ScreenReading(self._read, vault)
        self._links = links

    async def load(self, needs: Needs) -> Facts:
        """The facts, with the time and fresh random bytes inside. Raises :class:`idp.ports.Unavailable`."""
        passkey = await self._passkeys.find(needs.passkey_id) if needs.passkey_id is not None else None
        screen = await self._screens.find(needs.screen_id, needs.screen_code, int(self._now()))
        answered = screen if needs.behind_screen and needs.device_id is None else None
        device = await self._devices.find(answered.device_id if answered is not None else needs.device_id)
        link = await self._links.find(needs.link)
        behind = link.account_id if link is not None and needs.account_of_link else None
        named = needs.account_id or behind or await self._found(needs, passkey, device)
        decoupled_id = needs.decoupled_id
        if needs.user_code is not None:
            decoupled_id = await self._decoupled.named_by(needs.user_code)
        asked = named or self._likely_owner(needs)
        commands = self._first(needs, asked)
        if decoupled_id is not None:
            commands.append(DecoupledReading.ask(decoupled_id))
        replies = iter(await self._read(*commands))
        await self._watch(next(replies))
        now = int(self._now())
        grant = self._grant(needs, replies, now) if needs.grant_id is not None else None
        grant = await self._with_parents(grant) if grant is not None and grant.grant.parents else grant
        session = _session(next(replies), now) if needs.session_digest is not None else None
        interaction = (
            self._interaction(needs.interaction_id, next(replies), now)
            if needs.interaction_id is not None
            else None
        )
        pushed = next(replies) if needs.pushed_id is not None else None
        answer = next(replies) if asked is not None else None
        spent = frozenset(key for key in needs.replay if next(replies))
        throttles = {name: int(next(replies) or 0) for name in needs.throttles}
        decoupled = self._decoupled.read(next(replies), decoupled_id) if decoupled_id is not None else None
        account: Account | None = None
        owner = named or _account_behind(needs, grant, session, interaction, decoupled)
        if owner is not None:
            if owner != asked:
                (answer,) = await self._read(Accounts.ask(owner))
                self._remember_owner(needs, owner)
            account = await self._accounts.from_reply(owner, answer)
        participants: tuple[Participant, ...] = ()
        if needs.participants and session is not None:
            participants = await self._participants(session)
        if needs.pushed_of_interaction and interaction is not None:
            pushed = await self._pushed_behind(interaction)
        credentials = None
        if needs.credentials and account is not None:
            credentials = await self._accounts.credentials(account.account_id)
            if needs.personal_number is not None and self._signing_in is not None:
                self._signing_in(account.account_id)
        client_id = needs.client_id or _client_behind(needs, grant, interaction, decoupled, screen)
        waiting: tuple[LoadedDecoupled, ...] = ()
        blocked = False
        if needs.waiting and account is not None:
            waiting, blocked = await self._decoupled.waiting_for(account.account_id, client_id, now)
        return Facts(
            now=now,
            fresh=Fresh(self._random.take()),
            client=self._clients[client_id] if client_id is not None else None,
            grant=grant,
            session=session,
            interaction=interaction,
            account=account,
            credentials=credentials,
            participants=participants,
            spent=spent,
            throttles=throttles,
            pushed=self._pushed(needs, pushed),
            pushed_spent=pushed == codecs.SPENT,
            owner=self._clients[grant.grant.client_id] if grant is not None else None,
            decoupled=decoupled,
            waiting=waiting,
            blocked=blocked,
            initial_access=await self._initial_access.find(needs.initial_access)
            if needs.initial_access is not None
            else None,
            registered_clients=self._clients.registered() if needs.registered_clients else 0,
            passkey=passkey,
            passkeys=await self._passkeys.of(needs, account),
            device=device,
            screen=screen,
            devices=await self._devices.of(needs, account),
            link=link,
            beside=await self.load(needs.beside) if needs.beside is not None else None,
        )

    async def _found(self, needs: Needs, passkey: Passkey | None, device: DeviceKey | None) -> str | None:
        """The account behind a personal number, a pseudonym, a passkey or a phone."""
        held = passkey or device
        if held is not None and not needs.account_of_session:
            return held.account_id
        if needs.personal_number is not None:
            return await self._accounts.find_account_by_number(needs.personal_number)
        return await self._decoupled.account_of(needs.subject) if needs.subject is not None else None

    async def _with_parents(self, delegated: LoadedGrant) -> LoadedGrant | None:
        """The same grant while everything that it was made of still lives."""
        parents = delegated.grant.parents
        return delegated if reading.alive(parents, await self._read(*map(reading.parent, parents))) else None

    async def _read(self, *commands: Command) -> list[Reply]:
        """The replies. Reading twice does no harm, so a line that broke unnoticed costs nobody their request."""
        try:
            return await run(self._redis, *commands)
        except Unavailable:
            return await run(self._redis, *commands)

    def _first(self, needs: Needs, account_id: str | None) -> list[Command]:
        commands: list[Command] = [reading.WATCH]
        if needs.grant_id is not None:
            if needs.access_digest is not None:  # before the grant: a grant that dies between kills the token
                commands.append(reading.access_token(needs.grant_id, needs.access_digest))
            commands.append(reading.grant(needs.grant_id))
        if needs.session_digest is not None:
            commands.append(reading.session(needs.session_digest))
        if needs.interaction_id is not None:
            commands.append(("HGET", keys.interaction(needs.interaction_id), "b"))
        if needs.pushed_id is not None:
            commands.append(("GET", keys.pushed(needs.pushed_id)))
        if account_id is not None:
            commands.append(Accounts.ask(account_id))
        commands += [("EXISTS", keys.replay(key)) for key in needs.replay]
        commands += [("GET", keys.throttle(self._vault.bucket(name))) for name in needs.throttles]
        return commands

    async def _watch(self, reply: Reply) -> None:
        version, born = reply
        if not self._birth.agrees(born):
            await self._birth.learn()
        if not self._clients.agrees(version):
            await self._clients.read(version)

    def _grant(self, needs: Needs, replies: Iterator[Reply], now: int) -> LoadedGrant | None:
        digest = needs.access_digest
        token = next(replies) if digest is not None else None
        body, code, spent, refresh = next(replies)
        grant = self._vault.read_grant(body, needs.grant_id or "") if body is not None else None
        if grant is None or grant.expires_at <= now:
            return None
        # A grant dies with its client (RFC 7592 section 2.3), and rests while it is disabled, at every endpoint.
        client = self._clients[grant.client_id]
        if client is None or client.disabled:
            return None
        return LoadedGrant(
            grant,
            None if code is None else codecs.read_code(code, spent=spent is not None),
            None if refresh is None else codecs.read_refresh(refresh),
            None if token is None or digest is None else codecs.read_access(token, digest),
        )

    def _interaction(self, interaction_id: str, sealed: Reply, now: int) -> Interaction | None:
        if sealed is None:
            return None
        interaction = self._vault.read_interaction(sealed, interaction_id)
        return interaction if interaction is not None and interaction.expires_at > now else None

    def _pushed(self, needs: Needs, sealed: Reply) -> PushedRequest | None:
        """A pushed request that was never completed, as far as this memory of Redis can know (fail closed)."""
        if needs.pushed_id is None or sealed is None or sealed == codecs.SPENT:
            return None
        pushed = self._vault.read_pushed(sealed, needs.pushed_id)
        forgotten = pushed is not None and self._birth.at >= pushed.created_at
        return None if forgotten else pushed

    async def _pushed_behind(self, interaction: Interaction) -> Reply:
        """What is left of the pushed request that an interaction came from."""
        pushed_id = interaction.request.pushed_id if interaction.request is not None else None
        if pushed_id is None:
            return None
        return (await self._read(("GET", keys.pushed(pushed_id))))[0]

    async def _participants(self, session: Session) -> tuple[Participant, ...]:
        (reply,) = await self._read(("HGETALL", keys.participants(session.session_id)))
        return tuple(each for each, _ in codecs.read_participants(reply))

    def _likely_owner(self, needs: Needs) -> str | None:
        if needs.account_of_grant:
            return self._owners.get(needs.grant_id)
        return self._owners.get(needs.session_digest) if needs.account_of_session else None

    def _remember_owner(self, needs: Needs, owner: str) -> None:
        if needs.account_of_grant and needs.grant_id is not None:
            self._owners.remember(needs.grant_id, owner)
        elif needs.account_of_session and needs.session_digest is not None:
            self._owners.remember(needs.session_digest, owner)


def _session(data: Reply, now: int) -> Session | None:
    session = codecs.read_session(data) if data is not None else None
    return session if session is not None and session.expires_at > now else None


def _account_behind(
    needs: Needs,
    grant: LoadedGrant | None,
    session: Session | None,
    interaction: Interaction | None,
    decoupled: LoadedDecoupled | None,
) -> str | None:
    # Whoever was to be found by a number, a pseudonym, a passkey or a phone is that one or nobody.
    by_key = (needs.passkey_id is not None or needs.device_id is not None) and not needs.account_of_session
    if needs.personal_number is not None or needs.subject is not None or by_key:
        return None
    if needs.account_of_decoupled and decoupled is not None:
        return decoupled.approval.account_id if decoupled.approval else decoupled.request.account_id or None
    if needs.account_of_grant and grant is not None and grant.grant.account_id:
        return grant.grant.account_id
    if needs.account_of_interaction and interaction is not None and interaction.account_id is not None:
        return interaction.account_id
    if needs.account_of_session and session is not None:
        return session.account_id
    return None


def _client_behind(
    needs: Needs,
    grant: LoadedGrant | None,
    interaction: Interaction | None,
    decoupled: LoadedDecoupled | None,
    screen: Screen | None,
) -> str | None:
    if needs.behind_screen and screen is not None:
        return screen.client_id
    if needs.client_of_decoupled and decoupled is not None:
        return decoupled.request.client_id
    if needs.client_of_grant and grant is not None:
        return grant.grant.client_id
    if needs.client_of_interaction and interaction is not None and interaction.request is not None:
        return interaction.request.client_id
    return None
