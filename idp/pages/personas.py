"""The people of the demo, read once from the file that ``DEMO_PERSONAS`` names."""

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Persona:
    """An invented person with an account. ``special`` are tags, ``story`` a sentence by language."""

    key: str
    number: str
    name: str
    password: str
    special: tuple[str, ...]
    story: Mapping[str, str]
    email: str
    level: int
    state: str
    officer: bool
    second_factor: str
    totp_secret: str = field(default="", repr=False)

    @property
    def secret(self) -> bytes | None:
        """The raw secret of the authenticator app, None when this person has none."""
        text = self.totp_secret
        return base64.b32decode(text + "=" * (-len(text) % 8)) if text else None


def read_personas(path: Path | None) -> tuple[Persona, ...]:
    """Every persona with an account, in the order of the file; none without a file."""
    if path is None:
        return ()
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("persona", [])
    return tuple(_persona(entry, entry["account"]) for entry in entries if "account" in entry)


def _persona(entry: Mapping[str, object], account: Mapping[str, object]) -> Persona:
    story, special = entry.get("story"), entry.get("special")
    return Persona(
        key=str(entry["key"]),
        number=str(entry["number"]),
        name=str(entry["full_name"]),
        password=str(account["password"]),
        special=tuple(str(tag) for tag in special) if isinstance(special, list) else (),
        story={str(key): str(text) for key, text in story.items()} if isinstance(story, dict) else {},
        email=str(entry.get("email", "")),
        level=int(str(account["level"])),
        state=str(account["state"]),
        officer=account.get("type") == "officer",
        second_factor=str(account.get("second_factor", "none")),
        totp_secret=str(account.get("totp_secret", "")),
    )
