"""Builds the console out of what the registry's API already holds."""

import httpx2

from keys import KeyPurpose
from population_registry.api.issuer_keys import IssuerKeys
from population_registry.api.service import Service
from population_registry.console.desk import Console
from population_registry.console.eid_office import EidOffice
from population_registry.console.party import ConsoleParty
from population_registry.settings import RegistrySettings
from web import Pages


def build_console(
    settings: RegistrySettings,
    service: Service,
    pages: Pages,
    keys: IssuerKeys,
    transport: httpx2.AsyncBaseTransport | None,
) -> Console:
    """The console of one process."""
    answering = service.answering
    ring = answering.ring
    return Console(
        pages=pages,
        database=answering.database,
        ring=ring,
        party=ConsoleParty(
            issuer=settings.issuer,
            public_url=settings.public_url,
            sign=lambda claims: ring.signer(KeyPurpose.CLIENT_ASSERTION).sign(claims),
            keys=keys,
            transport=transport,
            anchors=settings.trust_anchors,
        ),
        keys=keys,
        answering=answering,
        references=service.references,
        cards=service.cards,
        desk=service.desk,
        press=service.paper_press,
        searching=service.searching,
        statistics=service.statistics,
        eid=EidOffice(settings.issuer, transport, settings.trust_anchors),
        clock=answering.clock,
        https=settings.https,
    )
