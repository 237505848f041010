"""The Lua scripts: one per write kind, called by their SHA-1, loaded again when Redis forgot them."""

from hashlib import sha1
from importlib.resources import files
from typing import Final

import hiredis

from idp.ports import Unavailable
from idp.storage.redis.pipelining import Command, PipeliningConnection, Reply


def _sources() -> dict[str, str]:
    folder = files(__package__) / "scripts"
    return {
        entry.name.removesuffix(".lua"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".lua")
    }


SOURCES: Final = _sources()
_NAMES: Final = {
    name: sha1(source.encode(), usedforsecurity=False).hexdigest() for name, source in SOURCES.items()
}
LOAD: Final[tuple[Command, ...]] = tuple(("SCRIPT", "LOAD", source) for source in SOURCES.values())


def script(name: str, names_of_keys: tuple[str | bytes, ...], *arguments: str | bytes | int) -> Command:
    """The command that runs ``scripts/<name>.lua``."""
    return ("EVALSHA", _NAMES[name], len(names_of_keys), *names_of_keys, *arguments)


async def run(redis: PipeliningConnection, *commands: Command) -> list[Reply]:
    """The replies of the commands; raises :class:`Unavailable` when any of them is an error.

    Scripts that Redis forgot are loaded and run again, in their order; what ran is not repeated.
    """
    replies = await redis.execute(*commands)
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            break
    else:
        return replies
    forgotten = [place for place, reply in enumerate(replies) if _is_forgotten(reply)]
    if forgotten:
        again = await redis.execute(*LOAD, *(commands[place] for place in forgotten))
        for place, reply in zip(forgotten, again[len(LOAD) :], strict=True):
            replies[place] = reply
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise Unavailable("redis") from reply
    return replies


def _is_forgotten(reply: Reply) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith("NOSCRIPT")
