"""Who must hear that sessions ended: every client that took part, by the ``sid`` it knows (Back-Channel Logout)."""

from collections.abc import Sequence

from starlette.requests import Request

from idp.authentication.begin import recognise
from idp.domain.needs import Needs
from idp.domain.session import Session
from idp.domain.writes import NotifyLogout
from idp.pages.visit import browser_of, services_of
from idp.protocol.oidc_pairwise import session_identifier
from idp.shell import Services


async def farewell(services: Services, sessions: Sequence[Session]) -> tuple[NotifyLogout, ...]:
    """One notice per session and client that registered for it."""
    if not sessions:
        return ()
    taking_part = await services.records.participants([each.session_id for each in sessions])
    clients = await services.records.clients()
    notices = {}
    for session_id, participants in taking_part.items():
        for each in participants:
            client = clients.get(each.client_id)
            if client is None or client.disabled or client.backchannel_logout_uri is None:
                continue
            sid = session_identifier(each.client_id, session_id, services.policy)
            notices[session_id, each.client_id] = NotifyLogout(
                each.client_id, client.backchannel_logout_uri, each.subject, sid
            )
    return tuple(notices.values())


async def farewell_of(request: Request) -> tuple[NotifyLogout, ...]:
    """The notices that the session of this browser will need, should somebody else sign in here."""
    services, digest = services_of(request), browser_of(request).session
    if digest is None:
        return ()
    needs = Needs(session_digest=digest, account_of_session=True)
    person = await services.loop.run(digest, needs, recognise)
    return await farewell(services, [person.session]) if person else ()
