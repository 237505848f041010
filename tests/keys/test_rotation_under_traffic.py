"""Rotation while another process signs breaks nobody."""

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keys import KeyPurpose, KeyRing, KeyState, PublicKeySet, base64url
from keys.rotation import POLICIES
from keys.strict_json import parse_object

HERE = Path(__file__).parent
PURPOSE = KeyPurpose.CLIENT_ASSERTION


@contextmanager
def service(folder):
    """A second process that signs without pause; leaving asserts that it never failed."""
    command = [sys.executable, str(HERE / "signing_process.py"), str(folder)]
    root = str(HERE.parents[1])
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={"PYTHONPATH": root},
    ) as process:
        yield process
        process.stdin.close()
        for _ in process.stdout:
            pass
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_three_rotations_while_two_processes_sign(folder):
    """Every token of two busy processes verifies, even by a key set cached since before the switch.

    The verifier fetches the set once per publication and keeps it for the whole cache lifetime, as RFC 7517
    readers do; both processes take up each new key without a restart.
    """
    ring = KeyRing.open(folder, mode="demo")
    policy, now, checked = POLICIES[PURPOSE], datetime.now(UTC), 0
    with service(folder) as first, service(folder) as second:
        for _ in range(3):
            ring.rotate(PURPOSE, now=now)
            cached = PublicKeySet.from_jwks(ring.jwks())
            now += policy.publish_ahead
            ring.rotate_due(now=now)
            current = ring.signer(PURPOSE).kid
            for process in (first, second):
                for line in process.stdout:
                    token = line.strip()
                    assert cached.verify(token, algorithms=["ES256"], typ="JWT")["sub"] == "portal"
                    checked += 1
                    if parse_object(base64url.decode(token.split(".")[0].encode()))["kid"] == current:
                        break
            now += policy.outlives + timedelta(seconds=1)
            ring.rotate_due(now=now)
    assert checked >= 6
    states = [record.state for record in ring.records if record.purpose is PURPOSE]
    assert sorted(states) == [KeyState.ACTIVE] + [KeyState.RETIRED] * 3


def test_emergency_roll_while_a_process_signs(folder):
    """After a revocation the other process signs with the new key, and the stolen key verifies nothing."""
    ring = KeyRing.open(folder, mode="demo")
    stolen = ring.signer(PURPOSE).kid
    with service(folder) as process:
        assert process.stdout.readline()
        ring.revoke(stolen, "copied from a backup")
        public = PublicKeySet.from_jwks(ring.jwks())
        assert stolen not in repr(public)
        for line in process.stdout:
            header = parse_object(base64url.decode(line.split(".")[0].encode()))
            if header["kid"] != stolen:
                assert public.verify(line.strip(), algorithms=["ES256"], typ="JWT")
                break
