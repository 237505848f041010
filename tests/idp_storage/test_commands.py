"""``python -m idp``: what an operator types, and what they hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.__main__ import AWAY, REFUSED, main
from keys import KeyRing
from tests.engines import MakeDatabase

PERSONAS = """
[[persona]]
number = "099194000101"
email = "lan@example.vn.test"
[persona.account]
type = "citizen"
level = 2
password = "Demo"
second_factor = "none"
state = "active"
[[persona]]
number = "099000000000"
"""


@pytest.fixture
async def address(make_database: MakeDatabase) -> str:
    """An empty database."""
    return await make_database("commands")


@pytest.fixture
def system(
    address: str, redis_clean: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """The environment of a provider that is about to be set up."""
    KeyRing.create(tmp_path / "keys", profile="idp", mode="demo")
    (tmp_path / "personas.toml").write_text(PERSONAS, "utf-8")
    values = {
        "DATABASE_URL": address,
        "REDIS_URL": redis_clean,
        "KEYS_DIR": str(tmp_path / "keys"),
        "PUBLIC_URL": "https://idp.example",
        "DINHDANH_MODE": "demo",
        "PASSWORD_PROFILE": "cheapest",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REGISTRY_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_an_operator_sets_up_locks_unlocks_and_checks(
    system: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command can be repeated; each says what it did, in Vietnamese and English."""
    for _ in range(2):
        assert main(["migrate"]) == 0
        assert main(["provision", "--personas", "personas.toml"]) == 0
    assert main(["lock", "099194000101", "--reason", "own_request"]) == 0
    assert main(["unlock", "099194000101", "--reason", "own_request"]) == 0
    assert main(["lock", "099999999999", "--reason", "own_request"]) == REFUSED
    assert main(["audit-verify"]) == 0
    assert main(["dead-letters"]) == 0
    assert main(["dead-letters", "--resend", "all"]) == 0
    assert main(["dead-letters", "--outbox", "mail", "--resend", "7"]) == REFUSED
    said = capsys.readouterr().out
    assert "1 tài khoản · accounts" in said
    assert "khóa · locked" in said
    assert "mở khóa · unlocked" in said
    assert "không có tài khoản · no such account" in said
    assert "2 dòng · rows" in said
    assert "0 thư không gửi được · dead letters" in said


@pytest.mark.usefixtures("system")
def test_an_operator_lets_a_known_party_register(capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 7591 section 3: an initial access token is shown once, and counts and days are numbers of at least one."""
    assert main(["migrate"]) == 0
    capsys.readouterr()
    assert main(["initial-access-token", "a partner", "--uses", "2"]) == 0
    assert len(capsys.readouterr().out.strip()) == 43
    for wrong in ("0", "-1", "x"):
        with pytest.raises(SystemExit):
            main(["initial-access-token", "a partner", "--days", wrong])


@pytest.mark.attack
def test_personas_stay_out_of_production(
    system: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Attack 55: demo data never meets real people."""
    system.setenv("DINHDANH_MODE", "production")
    assert main(["provision", "--personas", "personas.toml"]) == REFUSED
    assert "DINHDANH_MODE=demo only" in capsys.readouterr().out


def test_a_store_that_is_away_is_named(
    system: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code says: repeat the command."""
    assert main(["migrate"]) == 0
    assert main(["provision", "--personas", "personas.toml"]) == 0
    system.setenv("REDIS_URL", f"unix://{tmp_path}/nowhere.sock")
    assert main(["lock", "099194000101", "--reason", "own_request"]) == AWAY
    assert "redis" in capsys.readouterr().err


def test_a_missing_setting_is_named(system: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No guessing."""
    system.delenv("DATABASE_URL")
    assert main(["migrate"]) == REFUSED
    assert "DATABASE_URL" in capsys.readouterr().err


def test_unknown_reasons_are_refused(system: pytest.MonkeyPatch) -> None:
    """Law on Identity Art. 34 names the reasons; free text does not become one."""
    with pytest.raises(SystemExit):
        main(["lock", "099194000101", "--reason", "because"])
