"""The rows of the population registry: its people, papers and officers, its service and its worker."""

from __future__ import annotations

from collections.abc import Mapping

from demo.place import Place
from demo.rows import Row, Service, Step
from demo.services.making import common, files, keys_of, python, serve
from demo.services.names import DATABASES_READY, REDIS_READY, SEED
from demo.services.samples import past_dossiers


def registry_rows(place: Place) -> tuple[Row, ...]:
    """Keys, authorities, people, officers; then the registry, and the worker behind it."""
    environment = {**common(place, "registry"), "ISSUER": place.url("idp")}
    return (
        keys_of(place, "registry", "registry", "khóa của cơ sở dữ liệu dân cư · keys of the registry"),
        Step(
            name="cards-registry",
            label="khóa ký thẻ căn cước mẫu · authority of the demo cards",
            command=python("-m", "population_registry", "cards", "init"),
            environment=environment,
            needs=("keys-registry",),
            makes=(place.keys("registry") / "cards",),
        ),
        Step(
            name="seals-registry",
            label="khóa ký giấy xác nhận mẫu · authority of signed papers",
            command=python("-m", "population_registry", "seals", "init"),
            environment=environment,
            needs=("keys-registry",),
            makes=(place.keys("registry") / "seals",),
        ),
        Step(
            name="migrate-registry",
            label="cơ sở dữ liệu dân cư · registry's database",
            command=python("-m", "population_registry", "migrate"),
            environment=environment,
            needs=(DATABASES_READY,),
            inputs=files("population_registry/storage/migrations"),
        ),
        Step(
            name="populate-registry",
            label=f"{place.population} công dân hư cấu · synthetic citizens",
            command=python(
                *("-m", "population_registry", "populate", "--size", str(place.population)),
                *("--seed", str(SEED), "--personas", str(place.personas)),
            ),
            environment=environment,
            needs=("keys-registry", "migrate-registry"),
            inputs=(place.personas, *files("population_registry/synthesis")),
            remedy="If the people of the demo were changed, `make clean` and start again: a population is made once.",
        ),
        past_dossiers(environment, SEED),
        Step(
            name="officers-registry",
            label="cán bộ nghiệp vụ · officers of the console",
            command=python("-m", "population_registry", "officers", "cast", str(place.personas)),
            environment=environment,
            needs=("populate-registry",),
            inputs=(place.personas,),
        ),
        Service(
            name="registry",
            label="Cơ sở dữ liệu dân cư · population registry",
            command=serve("population_registry", place.port("registry")),
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
            command=python(
                *("-m", "population_registry", "events", "subscribe", client, url + path),
                *("--audience", url, "--kinds", *kinds.split()),
            ),
            environment=environment,
            needs=("migrate-registry",),
            inputs=files("population_registry/storage/migrations"),
        )
        for client, url, path, kinds in receivers
    )
    return (
        *steps,
        Service(
            name="registry-worker",
            label="lô xác minh và sự kiện · batches and events of the registry",
            command=python("-m", "population_registry", "work"),
            environment=environment,
            needs=("populate-registry", *(step.name for step in steps)),
        ),
    )
