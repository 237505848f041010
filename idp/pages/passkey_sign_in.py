"""``/sign-in/passkey``: a passkey on the page of number and password, or on the page of the second factor.

The script of the page asks here for a challenge and posts what the browser signed as an ordinary form; without a
script the pages show no such form and lack nothing else.
"""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from idp.authentication import passkey_sign_in
from idp.authentication.passkey_sign_in import AskChallenge, PasskeyAnswer, PasskeyRefused
from idp.domain import paths
from idp.domain.errors import PageProblem
from idp.domain.session import Step
from idp.pages.pace import Pace
from idp.pages.sign_in import at, code_page, sign_in_page
from idp.pages.visit import advanced, browser_of, own_form, pool_of, services_of

OPTIONS = paths.PASSKEY + "/options"


async def post_options(request: Request) -> Response:
    """A challenge for the present step, as JSON for the script."""
    _, found = await own_form(request)
    asked = AskChallenge(found.interaction.interaction_id, browser_of(request).interaction)
    options = await services_of(request).loop.run(asked, asked.needs, passkey_sign_in.ask)
    return Response(orjson.dumps({"options": options}), media_type="application/json")


async def answer_passkey(request: Request) -> Response:
    """Judge what the passkey signed; every refusal is the same page."""
    form, found = await own_form(request)
    services, here = services_of(request), await at(request, found)
    pace = Pace(pool_of(services))
    answer = PasskeyAnswer(
        here.interaction_id,
        here.browser.interaction,
        form.text("credential"),
        here.browser.address,
        here.browser.session,
        here.browser.device,
        here.service,
        here.farewell,
        here.browser.agent,
    )
    outcome = await services.loop.run(answer, answer.needs(services.policy), passkey_sign_in.judge)
    if isinstance(outcome, PageProblem):
        raise outcome
    if not isinstance(outcome, PasskeyRefused):
        return advanced(request, outcome)
    await pace.keep()
    if found.interaction.step == Step.SECOND_FACTOR:
        return code_page(request, found, problem="passkey.refused")
    return sign_in_page(request, found, problem="passkey.refused", status=422)
