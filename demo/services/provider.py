"""The rows of the identity provider, and of the mail catcher that receives what it sends."""

from __future__ import annotations

from demo.place import Place
from demo.rows import Row, Service, Step
from demo.services.making import common, files, keys_of, python, registry_and_portals, serve
from demo.services.names import DATABASES_READY, MANIFESTS, PORTALS, REDIS_READY, SYSTEMS


def provider_rows(place: Place) -> tuple[Row, ...]:
    """From the keys to the pages: the start page of the demo is served here."""
    environment = {
        **common(place, "idp"),
        "SMTP_URL": f"smtp://localhost:{place.port('mail')}",
        "DEMO_PERSONAS": str(place.personas),
        "DEMO_OUTBOX": str(place.outbox),
        "DEMO_START_PAGE": "1",
        "REGISTRATION": "open",
        "REGISTRATIONS_AN_HOUR": "1000",
        "PAIRWISE_SALT_FILE": str(place.secret("pairwise-salt")),
        **registry_and_portals(place),
    }
    client_keys = tuple(f"public-keys-{name}" for name in (*PORTALS, *SYSTEMS))
    return (
        keys_of(place, "idp", "idp", "khóa của nhà cung cấp định danh · keys of the provider"),
        Step(
            name="migrate-idp",
            label="cơ sở dữ liệu định danh · provider's database",
            command=python("-m", "idp", "migrate"),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=files("idp/storage/postgres/migrations"),
        ),
        Step(
            name="provision-idp",
            label="tài khoản và ứng dụng · accounts and clients",
            command=python(
                *("-m", "idp", "provision", "--personas", str(place.personas)),
                *("--clients", *map(str, MANIFESTS)),
            ),
            environment={**environment, "CLIENT_KEYS": str(place.var / "demo" / "keys")},
            needs=(REDIS_READY, "keys-idp", "migrate-idp", *client_keys),
            inputs=(
                place.personas,
                *(file for folder in MANIFESTS for file in sorted(folder.glob("*.toml"))),
                *(place.keys(name) / "jwks.json" for name in (*PORTALS, *SYSTEMS)),
            ),
        ),
        Service(
            name="mail",
            label="hộp thư mẫu · mail catcher",
            command=python(
                "-m", "demo.mail", "--port", str(place.port("mail")), "--folder", str(place.outbox)
            ),
            port=place.port("mail"),
        ),
        Service(
            name="idp",
            label="Định danh điện tử: bắt đầu từ đây · identity provider: start here",
            command=serve("demo.test_drive", place.port("idp")),
            environment=environment,
            port=place.port("idp"),
            url=place.url("idp"),
            health="/health/ready",
            pages={"/demo/outbox": "thư đã gửi · outbox", "/demo/personas": "personas, JSON"},
            needs=("provision-idp", REDIS_READY),
        ),
    )
