"""What people do in their account centre: withdraw a consent, sign out everywhere. Only ever to their own account."""

from dataclasses import dataclass

from idp.authentication.begin import person_of
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.writes import EndSessionsOf, KillGrantsOf, NotifyLogout, WithdrawConsent, Write


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One act of the holder of the session cookie; the account is the session's, never a parameter."""

    digest: bytes | None
    client_id: str = ""
    farewell: tuple[NotifyLogout, ...] = ()
    """What the services of every session must hear; loaded before, because sessions are many."""

    @property
    def needs(self) -> Needs:
        """The session and its account."""
        return Needs(session_digest=self.digest, account_of_session=True)


@dataclass(frozen=True, slots=True)
class EndSome:
    """End one other session of the holder of the cookie, or with an empty ``session_id`` every other one."""

    digest: bytes | None
    session_id: str = ""
    farewell: tuple[NotifyLogout, ...] = ()

    @property
    def needs(self) -> Needs:
        """The session and its account."""
        return Needs(session_digest=self.digest, account_of_session=True)


def withdraw(act: OwnAct, facts: Facts, policy: Policy) -> Decision[None]:
    """The client forgets nothing it has, but gets nothing more: consent and grants die (Law 91/2025 Art. 4).

    Its own sessions were born of that consent: it hears of their end as at signing out; no other client does.
    """
    person = person_of(act.digest, facts, policy)
    account_id = person.account.account_id
    writes: tuple[Write, ...] = (
        WithdrawConsent(account_id, act.client_id),
        KillGrantsOf(account_id, "consent_withdrawn", client_id=act.client_id),
        *(notice for notice in act.farewell if notice.client_id == act.client_id),
    )
    return Decision(None, writes, (AuditEvent(AuditKind.CONSENT_WITHDRAWN, account_id, act.client_id),))


def end_sessions(act: EndSome, facts: Facts, policy: Policy) -> Decision[None]:
    """One other browser of mine is signed out, or all but this one; their services hear of it."""
    person = person_of(act.digest, facts, policy)
    account_id, here = person.account.account_id, person.session.session_id
    if act.session_id == here:
        return Decision(None)
    write = EndSessionsOf(account_id, only=act.session_id or None, besides=here)
    event = AuditEvent(AuditKind.SIGN_OUT, account_id, reason="one" if act.session_id else "others")
    return Decision(None, (write, *act.farewell), (event,))


def sign_out_everywhere(act: OwnAct, facts: Facts, policy: Policy) -> Decision[None]:
    """Every browser session of the account ends, and the grants born in them; every service hears of it."""
    person = person_of(act.digest, facts, policy)
    account_id = person.account.account_id
    event = AuditEvent(AuditKind.SIGN_OUT, account_id, reason="everywhere")
    return Decision(None, (EndSessionsOf(account_id), *act.farewell), (event,))
