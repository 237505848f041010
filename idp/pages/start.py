"""The start page ``/``: sober in production, the guide through the demo otherwise."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from idp.pages.visit import client_name, services_of, signed_in


async def show_start(request: Request) -> Response:
    """What this place is; in the demo also its people and the services to try."""
    services = services_of(request)
    person = await signed_in(request)
    language = services.pages.language_for(request)
    portals = [
        (client_name(client, language), client.home_uri)
        for client in (await services.records.clients()).values()
        if client.home_uri and not client.disabled
    ]
    demo = services.settings.demo
    return services.pages.render(
        request,
        "demo_start.html" if demo else "start.html",
        account_name=person.account.profile.get("name") if person else None,
        signed_in=person is not None,
        portals=sorted(portals, key=_whole_sites_first),
        personas=request.app.state.personas,
    )


def _whole_sites_first(portal: tuple[str, str]) -> tuple[bool, str]:
    """Portals by their addresses; a room inside another service, such as the officers' console, comes after them."""
    _, address = portal
    return urlsplit(address).path.strip("/") != "", address
