"""Settings are read once, printed without secrets, and refused when they must not meet real people."""

from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path

import pytest

from web import BaseSettings, Mode, Secret, SettingsError, UnsafeSetting, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Example(BaseSettings):
    """Settings of every kind."""

    database_url: str = setting("postgresql+asyncpg://u:hidden@db/x")
    keys_dir: Path | None = setting(None)
    workers: int = setting(2)
    fixed_clock: bool = setting(False, demo_only=True)
    portals: tuple[str, ...] = setting(())
    client_secret: Secret | None = setting(None)


GOOD = {"PUBLIC_URL": "https://id.example.vn/", "DINHDANH_MODE": "production", "SESSION_SECRET": "s" * 40}


def test_every_kind_is_read() -> None:
    """Texts, numbers, yes and no, paths, lists and modes; the public URL loses its last slash."""
    read = Example.from_environment(
        GOOD | {"WORKERS": "4", "FIXED_CLOCK": "no", "KEYS_DIR": "/k", "PORTALS": "a, b,"}
    )
    assert (read.mode, read.public_url, read.workers) == (Mode.PRODUCTION, "https://id.example.vn", 4)
    assert (read.fixed_clock, read.keys_dir, read.portals) == (False, Path("/k"), ("a", "b"))
    read.refuse_unsafe()


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    """``<NAME>_FILE`` wins over the variable and loses its line end."""
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    read = Example.from_environment(GOOD | {"CLIENT_SECRET": "x", "CLIENT_SECRET_FILE": str(file)})
    assert read.client_secret == "from the file"


def test_settings_are_frozen() -> None:
    """Nobody changes a setting later."""
    with pytest.raises(FrozenInstanceError):
        Example.from_environment(GOOD).workers = 3  # type: ignore[misc]  # that is the point


def test_nothing_secret_is_printed() -> None:
    """Neither secrets nor the password inside an address."""
    shown = repr(Example.from_environment(GOOD | {"CLIENT_SECRET": "topsecret"}))
    assert "topsecret" not in shown
    assert "hidden" not in shown
    assert "ssss" not in shown
    assert "workers=2" in shown


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """What is missing and what cannot be read, without the values."""
    wrong = {"WORKERS": "many", "FIXED_CLOCK": "perhaps", "CLIENT_SECRET_FILE": str(tmp_path / "none")}
    with pytest.raises(SettingsError) as caught:
        Example.from_environment(wrong)
    for name in ("PUBLIC_URL is missing", "WORKERS cannot", "FIXED_CLOCK cannot", "CLIENT_SECRET cannot"):
        assert name in str(caught.value)
    assert "many" not in str(caught.value)


def unsafe(tmp_path: Path) -> list[tuple[dict[str, str], str]]:
    """Unsafe settings and the variable to be named."""
    (tmp_path / "DEVELOPMENT").touch()
    return [
        ({"PUBLIC_URL": "http://id.example.vn"}, "PUBLIC_URL"),
        ({"FIXED_CLOCK": "yes"}, "FIXED_CLOCK"),
        ({"KEYS_DIR": str(tmp_path)}, "KEYS_DIR"),
        ({"CLIENT_SECRET": "short"}, "CLIENT_SECRET"),
        ({"SESSION_SECRET": ""}, "SESSION_SECRET_FILE"),
    ]


def test_unsafe_settings_stop_production_only(tmp_path: Path) -> None:
    """Plain http addresses, demo switches, development keys, short or missing secrets: named, with the remedy."""
    for change, name in unsafe(tmp_path):
        with pytest.raises(UnsafeSetting) as caught:
            Example.from_environment(GOOD | change).refuse_unsafe()
        assert caught.value.name == name
        assert caught.value.remedy in str(caught.value)
        Example.from_environment(GOOD | change | {"DINHDANH_MODE": "demo"}).refuse_unsafe()
