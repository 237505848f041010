"""The desk: who is in front of us, with which errand. Every page of an officer stands behind :func:`at_desk`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keys import KeyRing, Sealer
from population_registry.api.answering import Answering
from population_registry.api.card_trust import CardTrust
from population_registry.api.counting import Statistics
from population_registry.api.database import Database
from population_registry.api.dossiers.desk import Desk as DossierDesk
from population_registry.api.issuer_keys import IssuerKeys
from population_registry.api.pressing import PaperPress
from population_registry.api.references import References
from population_registry.api.searching import Searching
from population_registry.console.party import CLIENT_ID, ConsoleParty, Tokens
from population_registry.console.wording import day, declared, named, procedure_name
from population_registry.domain import PersonFacts, RegistryFacts
from population_registry.operators.errands import Errand, Purpose
from population_registry.operators.officers import Officer, Place, Power
from population_registry.operators.policy import Denied, must_have_errand, must_hold
from population_registry.storage import console_sessions
from population_registry.storage.console_sessions import ConsoleSession
from population_registry.storage.officers import officer_of_id
from population_registry.verification.asking import Caller, Context
from population_registry.verification.authorising import SCOPE_RELEASE, SCOPE_VERIFY
from web import PageProblem, Pages, allow_form_action, csrf, read_form
from web.formatting import VIETNAM, format_datetime

HOME = "/console"


class EidDoor(Protocol):
    """The provider's door for officers; see `console.eid_office`."""

    async def done(self, work: "Work", act: str, **members: str) -> Mapping[str, Any]:
        """One act with the officer's own token. Raises `eid_office.ActRefused`, PageProblem 503."""
        ...


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages of officers need, built once; found as ``request.app.state.console``."""

    pages: Pages
    database: Database
    ring: KeyRing
    party: ConsoleParty
    keys: IssuerKeys
    answering: Answering
    references: References
    cards: CardTrust
    desk: DossierDesk
    press: PaperPress
    searching: Searching
    eid: EidDoor
    statistics: Statistics
    clock: Callable[[], datetime]
    https: bool

    @property
    def cookie(self) -> str:
        """The session cookie; over https no other host can plant it (RFC 6265bis 4.1.3.2)."""
        return "__Host-registry_console" if self.https else "registry_console"

    def sealer(self, purpose: str) -> Sealer:
        """Seals what the browser carries but may not read."""
        return self.ring.sealer(f"registry.console.{purpose}")

    def places_of(self, person: PersonFacts) -> tuple[Place, ...]:
        """Where somebody is registered or lives today, and so whose officers work on their record."""
        today, units = self.clock().date(), self.references.places.communes
        communes = dict.fromkeys(
            each.address.commune_code for each in person.residences if each.in_force(today)
        )
        return tuple(Place(code, units[code].above) for code in communes if code in units)


@dataclass(frozen=True, slots=True)
class Work:
    """One request of an officer."""

    console: Console
    officer: Officer
    person_id: int
    session: ConsoleSession

    @property
    def errand(self) -> Errand | None:
        """What the officer works on."""
        return self.session.errand

    @property
    def caller(self) -> Caller:
        """The officer, as the verification rules judge who asks."""
        scopes = frozenset({SCOPE_VERIFY, SCOPE_RELEASE})
        return Caller(CLIENT_ID, scopes, party_kind="state", agency_code=self.officer.agency)

    def context(self, errand: Errand, procedure: str | None = None) -> Context:
        """Why, for the access log: the purpose's own name, the case, the officer."""
        entry = self.console.answering.catalogue.get(procedure or procedure_of(errand.purpose))
        return Context(entry.name_vi, entry.code, errand.case, self.officer.officer_id)

    def handle(self, number: str) -> str:
        """A person's number, readable by nobody outside, good for this sign-in alone."""
        sealed = self.console.sealer("person").seal(number.encode(), self.session.digest.hex())
        return sealed.hex()

    def number_of(self, handle: str) -> str:
        """The number of a handle. Raises PageProblem 400 for one that is not ours."""
        try:
            return (
                self.console.sealer("person").open(bytes.fromhex(handle), self.session.digest.hex()).decode()
            )
        except ValueError:  # SealBroken is one
            raise PageProblem(400, "bad-request") from None

    def is_own(self, facts: RegistryFacts) -> bool:
        """Whether the record is the officer's own."""
        return facts.subject is not None and facts.subject.person.person_id == self.person_id


def procedure_of(purpose: Purpose) -> str:
    """The catalogue's entry of a purpose."""
    return f"console.{purpose.value}"


def console_of(request: Request) -> Console:
    """The console of the application that a request came to."""
    found: Console = request.app.state.console
    return found


async def work_of(request: Request) -> Work | None:
    """Who is signed in at this browser, as long as they hold their office; forms are bound to that sign-in."""
    console = console_of(request)
    cookie = request.cookies.get(console.cookie)
    if not cookie:
        return None
    async with console.database.pool() as pool:
        session = await console_sessions.find(pool, cookie, console.clock())
        known = None if session is None else await officer_of_id(pool, session.officer_id)
    if session is None or known is None:
        return None
    csrf.bind(request, session.digest.hex())
    return Work(console, known.officer, known.person_id, session)


Handler = Callable[[Request, Work], Awaitable[Response]]


def at_desk(power: Power | None = None, *, errand: bool = False) -> Callable[[Handler], Any]:
    """A page for officers: whoever is not signed in goes to the door, whoever may not reads why.

    ``power``: what the role must allow. ``errand``: purpose and case must be stated before.
    """

    def decorate(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        @wraps(handler)
        async def answered(request: Request) -> Response:
            work = await work_of(request)
            if work is None:
                return RedirectResponse(HOME, 303)
            if request.method == "POST":
                await csrf.check(request, await read_form(request))
            try:
                if power is not None:
                    must_hold(work.officer, power)
                    if errand:
                        must_have_errand(work.officer, power, work.errand)
                return await handler(request, work)
            except Denied as denied:
                return render(request, work, "denied.html", 403, denial=denied.denial.value)

        return answered

    return decorate


def render(
    request: Request,
    work: Work | None,
    template: str,
    status: int = 200,
    *,
    errors: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """A page of the console; ``errors`` are text keys by the name of the field that is wrong."""
    console = console_of(request)
    pages = console.pages
    allow_form_action(request, console.party.issuer)  # signing in and out lead there
    texts = pages.texts_for(request)
    mistakes = {name: texts.t(key) for name, key in (errors or {}).items()}
    officer = None if work is None else work.officer
    return pages.render(
        request,
        f"console/{template}",
        status,
        work=work,
        officer=officer,
        errand=None if work is None else work.errand,
        account_name=None if officer is None else officer.name,
        purposes=list(Purpose),
        errors=mistakes,
        named=partial(named, texts),
        declared=partial(declared, texts, console.references.places),
        procedure_name=partial(procedure_name, texts),
        day=day,
        moment=lambda text: format_datetime(datetime.fromisoformat(text), texts.language),
        clock_of=lambda seconds: datetime.fromtimestamp(seconds, VIETNAM).strftime("%H:%M:%S"),
        powers=frozenset() if officer is None else officer.powers,
        **context,
    )


def sealed_tokens(console: Console, digest: bytes, tokens: Tokens) -> bytes:
    """The provider's tokens as they are kept with the session."""
    return console.sealer("session").seal(orjson.dumps(tokens.document()), digest.hex())


def tokens_of(console: Console, session: ConsoleSession) -> Tokens:
    """The provider's tokens of a session; a session of before tokens were kept has the ID token alone."""
    opened = orjson.loads(console.sealer("session").open(session.sealed, session.digest.hex()))
    return Tokens(**opened) if isinstance(opened, dict) else Tokens(str(opened))


def desk_page(request: Request, work: Work, status: int = 200, **more: Any) -> Response:
    """The desk with what was typed."""
    more = {"errors": {}, "number": "", "purpose": "", "case": "", **more}
    return render(request, work, "desk.html", status, **more)
