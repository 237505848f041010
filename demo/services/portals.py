"""The rows of each portal, and of the gateway that collects their payments."""

from __future__ import annotations

from demo.place import Place
from demo.rows import Row, Service, Step
from demo.services.making import client_keys, common, files, keys_of, portal_urls, python, uvicorn
from demo.services.names import CLIENT_IDS, DATABASES_READY, PORTALS, REDIS_READY, SEED
from demo.services.samples import HISTORY, sample_marks


def portal_rows(place: Place, name: str) -> tuple[Row, ...]:
    """One portal: its keys, its database, its pages."""
    national = name == "national_portal"
    mail = f"smtp://localhost:{place.port('mail')}"
    environment = {
        **common(place, name),
        **({"SMTP_URL": mail, "FIRST_COMPARISON_DAYS": "30"} if national else {}),
        **portal_urls(place),
        "ISSUER": place.url("idp"),
        "REGISTRY_URL": place.url("registry"),
        "PAYMENT_GATEWAY_URL": place.url("payment_gateway"),
        "CLIENT_ID": CLIENT_IDS[name],
    }
    return (
        *client_keys(place, name, PORTALS[name]),
        Step(
            name=f"migrate-{name}",
            label=f"cơ sở dữ liệu · database of the {name.replace('_', ' ')}",
            command=python("-m", "clients", "migrate", name),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=files("clients/portal_kit/storage/migrations"),
        ),
        *((sample_marks(environment, SEED),) if national else ()),
        Service(
            name=name,
            label=PORTALS[name],
            command=uvicorn(f"clients.{name}.app:create_app", place.port(name)),
            environment=environment,
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=(f"public-keys-{name}", f"migrate-{name}", REDIS_READY, *((HISTORY,) if national else ())),
        ),
    )


def payment_rows(place: Place) -> tuple[Row, ...]:
    """The payment gateway, which collects for every portal."""
    name = "payment_gateway"
    environment = {
        **common(place, name),
        "PAYEE_URLS": ",".join(place.url(portal) for portal in PORTALS if portal != "eid_app"),
    }
    return (
        keys_of(place, name, "gateway", "khóa của cổng thanh toán · keys of the payment gateway"),
        Step(
            name=f"migrate-{name}",
            label="cơ sở dữ liệu thanh toán · database of the payment gateway",
            command=python("-m", "clients", "migrate", name),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=files("clients/payment_gateway/storage/migrations"),
        ),
        Service(
            name=name,
            label="Cổng thanh toán mô phỏng · simulated payment gateway",
            command=uvicorn(f"clients.{name}.app:create_app", place.port(name)),
            environment=environment,
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=(f"keys-{name}", f"migrate-{name}"),
        ),
    )
