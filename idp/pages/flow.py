"""The steps as acts: every page that answers one, the demo's one-click sign-in included, goes through here."""

from dataclasses import dataclass, replace

from idp.authentication import second_factor, sign_in
from idp.authentication.begin import Begun, Visit, begin
from idp.authentication.progress import Advanced
from idp.authentication.second_factor import CodeAnswer, CodeSent, WrongCode
from idp.authentication.sign_in import Admitted, CheckedPassword, PasswordAttempt, Refused, TooMany
from idp.domain.errors import PageProblem
from idp.domain.needs import Needs
from idp.domain.writes import NotifyLogout
from idp.pages.pace import Pace
from idp.pages.visit import Browser, pool_of
from idp.shell import Services


@dataclass(frozen=True, slots=True)
class At:
    """Which interaction is answered from which browser; ``service`` names the relying party in mails."""

    interaction_id: str
    browser: Browser
    service: str = ""
    farewell: tuple[NotifyLogout, ...] = ()


async def start(services: Services, visit: Visit) -> Begun:
    """A fresh interaction of a person who came by themselves."""
    return await services.loop.run(visit, Needs(), begin)


async def answer_password(
    services: Services, at: At, number: str, password: str
) -> Advanced | Refused | TooMany:
    """Count the attempt, hash in the bounded pool, judge. Raises PageProblem, Busy, Unavailable.

    Without a session at the end the answer waits for the profile's floor: how long the look-ups took, which differs
    for numbers that exist, cannot be measured (logto#8780).
    """
    pool = pool_of(services)
    pace = Pace(pool)
    attempt = PasswordAttempt(
        at.interaction_id,
        at.browser.interaction,
        number,
        at.browser.address,
        at.browser.session,
        at.browser.device,
        at.service,
        at.farewell,
        at.browser.agent,
    )
    admitted = await services.loop.run(attempt, attempt.needs(services.policy), sign_in.admit)
    if not isinstance(admitted, Admitted):
        return admitted
    verdict = await pool.verify(admitted.password_hash, password)
    checked = CheckedPassword(attempt, admitted.password_hash, verdict, admitted.account_id)
    outcome = await services.loop.run(checked, checked.needs(services.policy), sign_in.judge)
    if isinstance(outcome, Refused) or outcome.cookie is None:
        await pace.keep()
    return outcome


async def answer_code(services: Services, at: At, account_id: str | None, code: str) -> Advanced | WrongCode:
    """Judge a code. Raises PageProblem when too many were tried."""
    answer = replace(_code_answer(at, account_id), code=code)
    outcome = await services.loop.run(answer, answer.needs, second_factor.judge)
    if isinstance(outcome, PageProblem):
        raise outcome
    return outcome


async def mail_code(services: Services, at: At, account_id: str | None) -> CodeSent:
    """Send a code by e-mail."""
    answer = _code_answer(at, account_id)
    return await services.loop.run(answer, answer.needs, second_factor.send_code)


def _code_answer(at: At, account_id: str | None) -> CodeAnswer:
    return CodeAnswer(
        at.interaction_id,
        at.browser.interaction,
        account_id,
        old_digest=at.browser.session,
        device=at.browser.device,
        service=at.service,
        farewell=at.farewell,
        agent=at.browser.agent,
    )
