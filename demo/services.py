"""The table of the demo: one row for each thing to do and each thing to run. A new service is one row here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from demo.place import ROOT, Place
from demo.rows import Row, Service, Step
from demo.samples import HISTORY, past_dossiers, sample_marks

SEED = 6
PORTALS = {
    "national_portal": "Cổng Dịch vụ công quốc gia · national portal",
    "residence_portal": "Cổng cư trú · residence portal",
    "insurance_portal": "Cổng bảo hiểm xã hội · insurance portal",
    "one_stop_portal": "Bộ phận một cửa · one-stop counter",
    "eid_app": "Ứng dụng định danh · e-ID app",
}
CLIENT_IDS = {name: name.replace("_", "-") for name in PORTALS} | {"one_stop_portal": "one-stop"}
SYSTEMS = {
    "health_facility": "hệ thống của cơ sở khám bệnh · system of a health facility",
    "authorities": "phần mềm của các cơ quan quyết định · systems of the deciding authorities",
}
"""Clients without pages: nothing runs, they only have keys (docs/examples/health_facility.py, demo/tokens.py)."""
MANIFESTS = (ROOT / "clients" / "manifests", ROOT / "demo" / "clients")
"""What the provider is told of its clients; the second folder's exist in the demo alone and share one key."""
SECRETS = ("pairwise-salt", *(f"session-{name}" for name in ("idp", "registry", *PORTALS, "payment_gateway")))
DATABASES = ("idp", "registry", *PORTALS, "payment_gateway")
DATABASES_READY = "databases"  # the supervisor itself provides this one, once PostgreSQL runs
REDIS_READY = "redis"
PRELOADED = (  # what every service imports; the warm process imports it once, before it becomes them
    *(
        "uvicorn",
        "uvloop",
        "httptools",
        "fastapi",
        "starlette.middleware.sessions",
        "pydantic",
        "jinja2",
        "orjson",
    ),
    *(
        "sqlalchemy.ext.asyncio",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "asyncpg",
        "redis.asyncio",
    ),
    *(
        "httpx2",
        "authlib.integrations.starlette_client",
        "authlib.oauth2.rfc6749",
        "authlib.oidc.core",
        "joserfc.jwt",
    ),
    *("cryptography.x509", "babel.messages.pofile", "aiosmtplib", "aiosmtpd.smtp", "web", "keys"),
    "clients.portal_kit.application",
)


def table(place: Place) -> tuple[Row, ...]:
    """Every row of the demo, in the order in which a person would list them."""
    portals = (row for name in PORTALS for row in _portal(place, name))
    systems = (row for name, label in SYSTEMS.items() for row in _client_keys(place, name, label))
    return (*_provider(place), *_registry(place), *portals, *_payments(place), *systems)


def _provider(place: Place) -> tuple[Row, ...]:
    environment = {
        **_common(place, "idp"),
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
        _keys(place, "idp", "idp", "khóa của nhà cung cấp định danh · keys of the provider"),
        Step(
            name="migrate-idp",
            label="cơ sở dữ liệu định danh · provider's database",
            command=_python("-m", "idp", "migrate"),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=_files("idp/storage/postgres/migrations"),
        ),
        Step(
            name="provision-idp",
            label="tài khoản và ứng dụng · accounts and clients",
            command=_python(
                *("-m", "idp", "provision", "--personas", str(place.personas)),
                *("--clients", *map(str, MANIFESTS)),
            ),
            environment={**environment, "CLIENT_KEYS": str(place.var / "demo" / "keys")},
            needs=(
                REDIS_READY,
                "keys-idp",
                "migrate-idp",
                *client_keys,
            ),
            inputs=(
                place.personas,
                *(file for folder in MANIFESTS for file in sorted(folder.glob("*.toml"))),
                *(place.keys(name) / "jwks.json" for name in (*PORTALS, *SYSTEMS)),
            ),
        ),
        Service(
            name="mail",
            label="hộp thư mẫu · mail catcher",
            command=_python(
                "-m", "demo.mail", "--port", str(place.port("mail")), "--folder", str(place.outbox)
            ),
            port=place.port("mail"),
        ),
        Service(
            name="idp",
            label="Định danh điện tử: bắt đầu từ đây · identity provider: start here",
            command=_serve("demo.test_drive", place.port("idp")),
            environment=environment,
            port=place.port("idp"),
            url=place.url("idp"),
            health="/health/ready",
            pages={
                "/demo/outbox": "thư đã gửi · outbox",
                "/demo/personas": "personas, JSON",
            },
            needs=("provision-idp", REDIS_READY),
        ),
    )


def _registry(place: Place) -> tuple[Row, ...]:
    environment = {**_common(place, "registry"), "ISSUER": place.url("idp")}
    return (
        _keys(place, "registry", "registry", "khóa của cơ sở dữ liệu dân cư · keys of the registry"),
        Step(
            name="cards-registry",
            label="khóa ký thẻ căn cước mẫu · authority of the demo cards",
            command=_python("-m", "population_registry", "cards", "init"),
            environment=environment,
            needs=("keys-registry",),
            makes=(place.keys("registry") / "cards",),
        ),
        Step(
            name="seals-registry",
            label="khóa ký giấy xác nhận mẫu · authority of signed papers",
            command=_python("-m", "population_registry", "seals", "init"),
            environment=environment,
            needs=("keys-registry",),
            makes=(place.keys("registry") / "seals",),
        ),
        Step(
            name="migrate-registry",
            label="cơ sở dữ liệu dân cư · registry's database",
            command=_python("-m", "population_registry", "migrate"),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=_files("population_registry/storage/migrations"),
        ),
        Step(
            name="populate-registry",
            label=f"{place.population} công dân hư cấu · synthetic citizens",
            command=_python(
                *(
                    "-m",
                    "population_registry",
                    "populate",
                    "--size",
                    str(place.population),
                    "--seed",
                    str(SEED),
                ),
                *("--personas", str(place.personas)),
            ),
            environment=environment,
            needs=("keys-registry", "migrate-registry"),
            inputs=(place.personas, *_files("population_registry/synthesis")),
            remedy="If the people of the demo were changed, `make clean` and start again: a population is made once.",
        ),
        past_dossiers(environment, SEED),
        Step(
            name="officers-registry",
            label="cán bộ nghiệp vụ · officers of the console",
            command=_python("-m", "population_registry", "officers", "cast", str(place.personas)),
            environment=environment,
            needs=("populate-registry",),
            inputs=(place.personas,),
        ),
        Service(
            name="registry",
            label="Cơ sở dữ liệu dân cư · population registry",
            command=_serve("population_registry", place.port("registry")),
            environment=environment,
            port=place.port("registry"),
            url=place.url("registry"),
            health="/health/ready",
            pages={
                "/docs": "OpenAPI",
                "/check": "kiểm tra giấy · check a paper",
                "/console": "bàn làm việc của cán bộ · operators' console",
            },
            needs=("populate-registry", "officers-registry", "cards-registry", "seals-registry", REDIS_READY),
        ),
        *_registry_events(place, environment),
    )


def _registry_events(place: Place, environment: Mapping[str, str]) -> tuple[Row, ...]:
    """Who is told of what happens in the registry, and the worker that tells them (and works on batches)."""
    receivers = (
        ("idp", place.url("idp"), "/registry-events", "registry.* misuse.*"),
        ("residence-portal", place.url("residence_portal"), "/events", "dossier.*"),
        ("national-portal", place.url("national_portal"), "/events", "dossier.*"),
        ("one-stop", place.url("one_stop_portal"), "/events", "dossier.*"),
        ("insurance-portal", place.url("insurance_portal"), "/events", "dossier.* registry.*"),
    )
    steps = tuple(
        Step(
            name=f"events-registry-{client}",
            label=f"sự kiện báo cho · events to {client}",
            command=_python(
                *("-m", "population_registry", "events", "subscribe", client, url + path),
                *("--audience", url, "--kinds", *kinds.split()),
            ),
            environment=environment,
            needs=("migrate-registry",),
            inputs=_files("population_registry/storage/migrations"),
        )
        for client, url, path, kinds in receivers
    )
    return (
        *steps,
        Service(
            name="registry-worker",
            label="lô xác minh và sự kiện · batches and events of the registry",
            command=_python("-m", "population_registry", "work"),
            environment=environment,
            needs=("populate-registry", *(step.name for step in steps)),
        ),
    )


def _client_keys(place: Place, name: str, label: str) -> tuple[Row, ...]:
    """The keys of a client, and the public ones among them for the provider."""
    folder = place.keys(name)
    return (
        _keys(place, name, "client", f"khóa · keys: {label}"),
        Step(
            name=f"public-keys-{name}",
            label=f"khóa công khai · public keys: {label}",
            command=_python("-m", "keys", "--dir", str(folder), "jwks"),
            environment={"DINHDANH_MODE": "demo"},
            needs=(f"keys-{name}",),
            makes=(folder / "jwks.json",),
            writes=folder / "jwks.json",
        ),
    )


def _portal(place: Place, name: str) -> tuple[Row, ...]:
    national = name == "national_portal"
    mail = f"smtp://localhost:{place.port('mail')}"
    environment = {
        **_common(place, name),
        **({"SMTP_URL": mail, "FIRST_COMPARISON_DAYS": "30"} if national else {}),
        **_portal_urls(place),
        "ISSUER": place.url("idp"),
        "REGISTRY_URL": place.url("registry"),
        "PAYMENT_GATEWAY_URL": place.url("payment_gateway"),
        "CLIENT_ID": CLIENT_IDS[name],
    }
    return (
        *_client_keys(place, name, PORTALS[name]),
        Step(
            name=f"migrate-{name}",
            label=f"cơ sở dữ liệu · database of the {name.replace('_', ' ')}",
            command=_python("-m", "clients", "migrate", name),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=_files("clients/portal_kit/storage/migrations"),
        ),
        *((sample_marks(environment, SEED),) if national else ()),
        Service(
            name=name,
            label=PORTALS[name],
            command=_uvicorn(f"clients.{name}.app:create_app", place.port(name)),
            environment=environment,
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=(f"public-keys-{name}", f"migrate-{name}", REDIS_READY, *((HISTORY,) if national else ())),
        ),
    )


def _payments(place: Place) -> tuple[Row, ...]:
    """The payment gateway, which collects for every portal."""
    name = "payment_gateway"
    environment = {
        **_common(place, name),
        "PAYEE_URLS": ",".join(place.url(portal) for portal in PORTALS if portal != "eid_app"),
    }
    return (
        _keys(place, name, "gateway", "khóa của cổng thanh toán · keys of the payment gateway"),
        Step(
            name=f"migrate-{name}",
            label="cơ sở dữ liệu thanh toán · database of the payment gateway",
            command=_python("-m", "clients", "migrate", name),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=_files("clients/payment_gateway/storage/migrations"),
        ),
        Service(
            name=name,
            label="Cổng thanh toán mô phỏng · simulated payment gateway",
            command=_uvicorn(f"clients.{name}.app:create_app", place.port(name)),
            environment=environment,
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=(f"keys-{name}", f"migrate-{name}"),
        ),
    )


def _keys(place: Place, name: str, profile: str, label: str) -> Step:
    folder = place.keys(name)
    return Step(
        name=f"keys-{name}",
        label=label,
        command=_python("-m", "keys", "--dir", str(folder), "init", "--profile", profile),
        environment={"DINHDANH_MODE": "demo"},
        inputs=(ROOT / "keys" / "purposes.py",),  # a new purpose brings new keys to a folder that is in use
        makes=(folder,),
    )


def _common(place: Place, name: str) -> dict[str, str]:
    return {
        "DINHDANH_MODE": "demo",
        "DATABASE_URL": place.database(name),
        "REDIS_URL": place.cache(name),
        "PUBLIC_URL": place.url(name),
        "KEYS_DIR": str(place.keys(name)),
        "SESSION_SECRET_FILE": str(place.secret(f"session-{name}")),
        "TEMPLATE_CACHE_DIR": str(place.templates),
    }


def registry_and_portals(place: Place) -> dict[str, str]:
    """The addresses that manifests of clients name."""
    return _portal_urls(place) | {"REGISTRY_URL": place.url("registry")}


def _portal_urls(place: Place) -> dict[str, str]:
    return {f"{name.upper()}_URL": place.url(name) for name in PORTALS}


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _serve(package: str, port: int) -> tuple[str, ...]:
    return _python("-m", package, "serve", "--port", str(port))


def _uvicorn(factory: str, port: int) -> tuple[str, ...]:
    return _python(
        *("-m", "uvicorn", factory, "--factory", "--host", "127.0.0.1", "--port", str(port)),
        *(
            "--loop",
            "uvloop",
            "--http",
            "httptools",
            "--no-server-header",
            "--no-access-log",
            "--no-proxy-headers",
        ),
        *("--timeout-graceful-shutdown", "5"),
    )


def _files(folder: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / folder).rglob("*.py")))
