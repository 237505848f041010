"""The operator's commands: what they do, what they say, and that they never print a secret."""

import json

import pytest

from keys import KeyPurpose, KeyRing
from keys.command_line import main
from keys.purposes import PROFILES


def run(folder, capsys, *arguments):
    """Run one command; its status, standard output and standard error."""
    status = main(["--dir", str(folder), "--mode", "demo", *arguments])
    return status, *capsys.readouterr()


def test_init_list_rotate_revoke(tmp_path, capsys):
    """A key's life from the terminal: made, listed, turned, revoked with a reason that stays readable."""
    status, out, _ = run(tmp_path, capsys, "init", "--profile", "registry")
    assert status == 0
    assert out.count(" active ") == len(PROFILES["registry"])
    assert run(tmp_path, capsys, "rotate", "receipt")[1].startswith("published a new ES256 key for receipt")
    assert run(tmp_path, capsys, "rotate", "receipt")[1] == "nothing to do\n"
    assert run(tmp_path, capsys, "rotate-due")[1] == "nothing to do\n"
    kid = KeyRing.open(tmp_path, mode="demo").signer(KeyPurpose.RECEIPT).kid
    status, out, _ = run(tmp_path, capsys, "revoke", kid, "--reason", "lost laptop")
    assert (status, out.splitlines()[0]) == (0, f"{kid} is retired: lost laptop")
    listing = run(tmp_path, capsys, "list")[1]
    assert [line.split()[2] for line in listing.splitlines() if kid in line] == ["retired"]
    assert "lost laptop" in listing
    (published,) = (k for k in json.loads(run(tmp_path, capsys, "jwks")[1])["keys"] if k["kid"] in out)
    assert "d" not in published


def test_refusals_name_the_remedy(tmp_path, capsys):
    """A refused command ends with status 2 and one line that says what to do."""
    status, out, err = run(tmp_path, capsys, "list")
    assert (status, out) == (2, "")
    assert err == "no_root_key: set KEYS_ROOT_KEY or KEYS_ROOT_KEY_FILE\n"
    run(tmp_path, capsys, "init", "--profile", "client")
    assert run(tmp_path, capsys, "revoke", "nobody", "--reason", "x")[0] == 2


def test_a_kid_may_begin_with_a_hyphen(tmp_path, capsys):
    """One thumbprint in 64 does (RFC 7638, base64url): it is looked for like any other, not read as an option."""
    run(tmp_path, capsys, "init", "--profile", "client")
    status, _, err = run(tmp_path, capsys, "revoke", "-" * 43, "--reason", "lost laptop")
    assert (status, err.partition(":")[0]) == (2, "unknown_key")


def test_data_is_not_thrown_away_by_accident(folder, capsys):
    """A sealing key that data may still need is destroyed only when that is said in so many words."""
    record = next(r for r in KeyRing.open(folder, mode="demo").records if r.purpose is KeyPurpose.SEALING)
    assert run(folder, capsys, "revoke", record.kid, "--reason", "yearly")[0] == 0
    status, _, err = run(folder, capsys, "revoke", record.kid, "--reason", "done")
    assert (status, err.split(":")[0]) == (2, "data_loss")
    assert run(folder, capsys, "revoke", record.kid, "--reason", "done", "--destroy")[0] == 0


@pytest.mark.parametrize("arguments", [[], ["init"], ["rotate", "cheese"], ["revoke", "kid"]])
def test_wrong_usage(folder, capsys, arguments):
    """Wrong usage shows the usage and changes nothing."""
    with pytest.raises(SystemExit, match="2"):
        run(folder, capsys, *arguments)
    assert "usage" in capsys.readouterr().err
