"""Which pages are measured, by family, and who looks at them."""

from dataclasses import dataclass
from typing import Final

from benchmarks.people.country import Visitor
from demo.place import Place


@dataclass(frozen=True, slots=True)
class Family:
    """Pages of one service for one person; ``entry`` is where they sign in, ``press`` the form to press there."""

    name: str
    service: str
    who: str
    paths: tuple[str, ...]
    entry: str = ""
    press: str = ""


FAMILIES: Final = (
    Family("issuer, a stranger", "idp", "", ("/", "/sign-in", "/open-account", "/recover", "/device")),
    Family(
        "account centre",
        "idp",
        "hung",
        (
            *("/account", "/account/security", "/account/services", "/account/history"),
            *("/account/dependants", "/account/approvals", "/account/devices", "/account/data"),
        ),
        "/sign-in",
    ),
    Family(
        "national portal",
        "national_portal",
        "hung",
        ("/", "/services", "/dossiers", "/inbox", "/who-looked", "/statistics", "/receipts/check"),
        "/sign-in?next=/",
    ),
    Family(
        "residence portal",
        "residence_portal",
        "hung",
        ("/", "/temporary-residence", "/permanent-residence", "/dossiers", "/consents"),
        "/sign-in?next=/",
    ),
    Family(
        "insurance portal",
        "insurance_portal",
        "hung",
        ("/", "/household-insurance", "/my-card", "/dossiers"),
        "/sign-in?next=/",
    ),
    Family("one-stop counter", "one_stop_portal", "mot-cua", ("/", "/cases/new"), "/sign-in?next=/"),
    Family("e-ID app", "eid_app", "", ("/", "/scan", "/offline")),
    Family("payment gateway", "payment_gateway", "", ("/",)),
    Family("registry, anybody", "registry", "", ("/check", "/docs")),
    Family(
        "console",
        "registry",
        "can-xa",
        ("/console", "/console/dossiers", "/console/requests", "/console/statistics", "/console/eid-cases"),
        "/console",
        "/console/sign-in",
    ),
)


def let_in(place: Place, family: Family) -> Visitor:
    """Whoever looks at these pages, signed in where they have a name."""
    visitor = Visitor(place, family.who)
    if family.who:
        visitor.enter(place.url(family.service) + family.entry, press=family.press)
    return visitor
