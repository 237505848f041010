"""Settings: what must not meet real people refuses to start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from idp.authentication.password import Profile
from idp.settings import Settings
from web import Mode, Secret, UnsafeSetting

SAFE = Settings(
    mode=Mode.PRODUCTION,
    public_url="https://dinhdanh.example",
    session_secret=Secret("s" * 40),
    pairwise_salt=Secret("p" * 40),
    database_url="postgresql+asyncpg://idp:secret@db/idp",
    redis_url="rediss://:secret@cache/0",
    keys_dir=Path("/var/lib/keys"),
    registry_url="https://registry.example",
    smtp_url="smtps://user:secret@mail.example",
)


def test_good_settings_start() -> None:
    """Nothing to refuse; and nothing secret is printed."""
    SAFE.refuse_unsafe()
    assert "secret" not in repr(SAFE).replace("session_secret", "")
    assert "pppp" not in repr(SAFE)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"public_url": "http://dinhdanh.example"}, "PUBLIC_URL"),
        ({"registry_url": "http://registry.example"}, "REGISTRY_URL"),
        ({"pairwise_salt": None}, "PAIRWISE_SALT_FILE"),
        ({"pairwise_salt": Secret("short")}, "PAIRWISE_SALT_FILE"),
        ({"session_secret": None}, "SESSION_SECRET_FILE"),
        ({"smtp_url": "smtp://mail.example"}, "SMTP_URL"),
        ({"egress_allow": "https://a.example:8443 http://b.example"}, "EGRESS_ALLOW"),
        ({"client_cert_proxies": "10.0.0.0/8 0.0.0.0/0"}, "CLIENT_CERT_PROXIES"),
        ({"mtls_url": "http://mtls.dinhdanh.example"}, "MTLS_URL"),
        ({"demo_personas": Path("personas.toml")}, "DEMO_PERSONAS"),
        ({"password_profile": Profile.CHEAPEST}, "PASSWORD_PROFILE"),
    ],
)
def test_unsafe_settings_are_named_with_their_remedy(changes: dict[str, object], name: str) -> None:
    """Demo switches, plain http, missing secrets and cheap hashing refuse to start in production."""
    with pytest.raises(UnsafeSetting) as refused:
        replace(SAFE, **changes).refuse_unsafe()
    assert refused.value.name == name
    assert refused.value.remedy
    replace(SAFE, mode=Mode.DEMO, **changes).refuse_unsafe()


def test_cookies_are_bound_to_the_host_over_https() -> None:
    """RFC 6265bis 4.1.3.2."""
    assert SAFE.session_cookie == "__Host-dinhdanh_idp_session"
    assert replace(SAFE, public_url="http://localhost:8000").session_cookie == "dinhdanh_idp_session"


def test_private_origins_are_named_by_the_deployment(tmp_path: Path) -> None:
    """Decision 0007: nothing private by default, this machine in the demo, more authorities from a file."""
    assert SAFE.egress().allowed == ()
    assert replace(SAFE, mode=Mode.DEMO).egress().allows_private("localhost", 8201)
    (tmp_path / "anchors.pem").write_text("an anchor")
    named = replace(
        SAFE, egress_allow="https://a.inside:8443 https://b.inside", egress_anchors=tmp_path / "anchors.pem"
    )
    assert named.egress().allows("https", "a.inside", 8443)
    assert named.egress().allows_private("b.inside", 443)
    assert not named.egress().allows_private("localhost", 443)
    assert named.egress().anchors == "an anchor"
