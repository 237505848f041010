"""Screens that wait for the e-ID app: kept in Redis, sealed, each change guarded by its version."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import orjson

from idp.domain.screen import CODE_LIVES, TYPED_LIVES, Screen, ScreenState
from idp.domain.writes import SaveScreen
from idp.storage.redis import keys
from idp.storage.redis.claim_parts import Claim, Moment, all_granted, milliseconds
from idp.storage.redis.pipelining import Command, Reply
from idp.storage.redis.scripts import script
from idp.storage.vault import Vault


class ScreenReading:
    """The part of loading that knows screens; ``read`` runs commands and answers their replies."""

    def __init__(self, read: Callable[..., Awaitable[list[Reply]]], vault: Vault) -> None:
        self._run = read
        self._vault = vault

    async def find(self, interaction_id: str | None, code: str | None, now: int) -> Screen | None:
        """The screen of an interaction, or the one that shows a code; one past its end is absent."""
        if code is not None:
            (named,) = await self._run(("GET", name_of(code, self._vault)))
            interaction_id = named.decode() if named is not None else None
        if interaction_id is None:
            return None
        (sealed,) = await self._run(("HGET", keys.screen(interaction_id), "b"))
        plain = self._vault.read_screen(sealed, interaction_id) if sealed is not None else None
        screen = read_screen(plain) if plain is not None else None
        return screen if screen is not None and screen.expires_at > now else None


def save_screen(write: SaveScreen, moment: Moment) -> Claim:
    """Compare the version, then keep; the code's name first, so that no code leads to two screens."""
    value = write.screen
    key, kept = keys.screen(value.interaction_id), milliseconds(value.expires_at, moment.now)
    commands: list[Command] = []
    name = name_of(value.code, moment.vault)
    if write.fresh_code:
        lives = TYPED_LIVES if value.typed else CODE_LIVES
        commands.append(("SET", name, value.interaction_id, "NX", "PX", lives * 1000))
    expected = "" if write.replaces is None else str(write.replaces)
    sealed = moment.vault.screen(screen(value), value.interaction_id)
    commands.append(script("save_interaction", (key,), expected, str(value.version), sealed, kept))

    def undo(replies: list[Reply]) -> Iterable[Command]:
        if write.fresh_code and replies[0]:
            yield script("delete_if", (name,), value.interaction_id)
        if replies[-1]:
            yield script("restore_interaction", (key,), str(value.version), *replies[-1], kept)

    return Claim(write, tuple(commands), all_granted, undo)


def name_of(code: str, vault: Vault) -> str:
    """Where a code leads to its screen from."""
    return keys.screen_code(vault.bucket(f"screen-code:{code}"))


def screen(value: Screen) -> bytes:
    """A screen, to be sealed."""
    return orjson.dumps({each.name: getattr(value, each.name) for each in fields(value)})


def read_screen(data: bytes) -> Screen | None:
    """The opposite of :func:`screen`; one that an older version wrote is absent."""
    found = orjson.loads(data)
    if set(found) != {each.name for each in fields(Screen)}:
        return None
    return Screen(**{**found, "state": ScreenState(found["state"])})


SCREEN_CLAIMS: Final[Mapping[type, tuple[int, Callable[[Any, Moment], Claim]]]] = {
    SaveScreen: (2, save_screen)
}
"""The stage and the commands; beside interactions, after counted attempts."""
