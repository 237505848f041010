"""The card authority's folder and the commands: made once, sealed, turned, revoked."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key

from keys import KeyPurpose, KeyRing
from population_registry.__main__ import main
from population_registry.papers.chip.certificates import CARDS, signs_until
from population_registry.papers.keeping import CardKeys, CardKeysError, load_trust
from tests.registry_api.conftest import LAN
from tests.registry_papers.cards import NOW


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """A registry's ring in a folder of its own."""
    return KeyRing.create(tmp_path / "registry", profile="registry", mode="demo")


@pytest.fixture
def made(tmp_path: Path, ring: KeyRing) -> CardKeys:
    """A complete folder."""
    keys = CardKeys.beside(tmp_path / "registry", ring)
    assert [name.split("-")[0] for name in keys.complete(NOW)] == ["authority", "signer"]
    return keys


def test_made_once(made):
    """Completing again makes nothing and changes no byte."""
    before = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    assert made.complete(NOW) == []
    assert {path.name: path.read_bytes() for path in made.folder.iterdir()} == before


@pytest.mark.attack
def test_private_keys_are_sealed(made):
    """No file of the folder is a private key; a sealed key opens only under its own name and its own ring."""
    files = list(made.folder.glob("*.key"))
    assert len(files) == 2
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(ValueError, match="deserialize"):
            load_der_private_key(path.read_bytes(), None)
    (authority,), (signer,) = made.folder.glob("authority-*.key"), made.folder.glob("signer-*.key")
    signer.write_bytes(authority.read_bytes())
    with pytest.raises(CardKeysError, match="cannot be opened"):
        made.signer(NOW)


def test_a_new_signer_after_ninety_days(made):
    """A document signer signs for ninety days; its cards stay genuine, and the next one takes over."""
    old = made.signer(NOW).certificate
    later = NOW + timedelta(days=91)
    with pytest.raises(CardKeysError, match="init"):
        made.signer(later)
    assert len(made.complete(later)) == 1
    assert made.signer(later).certificate.serial_number != old.serial_number
    assert load_trust(made.folder).faults(old, later) == ()


def test_a_new_authority_after_five_years(made):
    """The old authority stays believed for the cards it answers for."""
    old = made.signer(NOW).certificate
    later = NOW + timedelta(days=5 * 365 + 1)
    assert len(made.complete(later)) == 2
    trust = load_trust(made.folder)
    assert len(trust.authorities) == len(trust.revocations) == 2
    assert trust.faults(old, later) == trust.faults(made.signer(later).certificate, later) == ()


def test_keys_follow_the_ring(made):
    """After the ring's sealing key has turned, `init` seals the card keys anew, and they still sign."""
    before = {path.name: path.read_bytes() for path in made.folder.glob("*.key")}
    made.ring.rotate(KeyPurpose.SEALING, now=NOW)
    made.ring.rotate_due(now=NOW + timedelta(days=30))
    assert made.complete(NOW) == []
    after = {path.name: path.read_bytes() for path in made.folder.glob("*.key")}
    assert all(after[name] != content for name, content in before.items())
    assert made.signer(NOW)


def test_profile_of_part_12(made):
    """CSCA: critical CA with path length 0, signs certificates only; document signer: signs documents only."""
    found = dict(made.certificates())
    root, signer = found["authority"].extensions, found["signer"].extensions
    constraints = root.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    usage = signer.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert signs_until(found["signer"]) == found["signer"].not_valid_before_utc + timedelta(days=90)


@pytest.mark.attack
def test_a_list_that_the_authority_did_not_sign(made, tmp_path):
    """A revocation list put there by somebody else stops the start instead of un-revoking a signer."""
    other = CardKeys.beside(tmp_path / "other", made.ring)
    other.complete(NOW)
    (ours,), (theirs,) = made.folder.glob("*.crl"), other.folder.glob("*.crl")
    ours.write_bytes(theirs.read_bytes())
    with pytest.raises(CardKeysError, match="not signed"):
        load_trust(made.folder)
    ours.unlink()
    with pytest.raises(CardKeysError, match="cannot be read"):
        load_trust(made.folder)


def test_no_folder_means_nobody_is_believed(tmp_path):
    """A registry without a card authority runs and believes no chip."""
    assert load_trust(tmp_path / "cards").authorities == ()


def test_commands(tmp_path, ring, capsys, monkeypatch):
    """The commands `cards init`, list and revoke on a key folder; mistakes are sentences and exit code 2."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DINHDANH_MODE", "demo")
    folder = str(tmp_path / "registry")
    assert main(["cards", "--keys", folder, "init"]) == 0
    assert main(["cards", "--keys", folder, "init"]) == 0
    assert capsys.readouterr().out.count("made ") == 2
    assert main(["cards", "--keys", folder, "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["authority", "signer"]
    assert main(["cards", "--keys", folder, "revoke", lines[1].split()[1]]) == 0
    assert main(["cards", "--keys", folder, "revoke", "abc"]) == 2
    assert main(["cards", "--keys", folder, "issue", LAN["number"]]) == 2
    assert "--database" in capsys.readouterr().err
    monkeypatch.delenv("KEYS_DIR", raising=False)
    assert main(["cards", "init"]) == 2


@pytest.mark.engine
async def test_a_demo_card_is_printed(persona_database, key_rings, card_keys, capsys, monkeypatch):
    """The command `cards issue` prints QR line, zone and chip of a persona, ready to be sent to the API."""
    import argparse

    from population_registry import cards
    from population_registry.cards import CardCommandError

    monkeypatch.setenv("DINHDANH_MODE", "demo")
    options = argparse.Namespace(
        line=CARDS, keys=key_rings[0], card_command="issue", number=LAN["number"], database=persona_database
    )
    monkeypatch.setattr(cards, "utc_now", lambda: NOW)
    await cards.run(options)
    printed = json.loads(capsys.readouterr().out)
    assert printed["qr"].startswith(f"{LAN['number']}||Nguyễn Thị Lan|17051994|Nữ|")
    assert printed["mrz"][0].startswith("IDVNM")
    assert printed["chip"].keys() == {"sod", "dg1", "dg13"}
    options.number = "099199999999"
    with pytest.raises(CardCommandError, match="nobody"):
        await cards.run(options)
