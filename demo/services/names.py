"""What the demo runs, by name: portals, systems, their secrets and databases."""

from __future__ import annotations

from demo.place import ROOT

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
