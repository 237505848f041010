"""Codes by mail have one limit, whichever way they are asked for (decision 0005)."""

from dataclasses import replace

import pytest

from idp.authentication import sign_in
from idp.authentication.progress import Advanced, mail_bucket
from idp.authentication.throttling import MAILS_AT_ACCOUNT
from idp.domain.writes import SaveInteraction, SendMail
from tests.idp_authentication.conftest import (
    ACCOUNT,
    CREDENTIALS,
    INTERACTION,
    POLICY,
    attempt,
    checked,
    facts,
    writes_of,
)

BY_MAIL = replace(CREDENTIALS, totp_secret=None)
TWO_FACTORS = replace(INTERACTION, required_level=2, request=None)
BUCKET = mail_bucket(ACCOUNT.account_id)


@pytest.mark.attack
@pytest.mark.parametrize(("sent", "mails"), [(MAILS_AT_ACCOUNT.tries - 1, 1), (MAILS_AT_ACCOUNT.tries, 0)])
def test_a_known_password_is_no_mail_bomb(sent: int, mails: int) -> None:
    """Attack 45: each right password mailed one more code and emptied its own bucket; after ten it mails none."""
    known = facts(interaction=TWO_FACTORS, credentials=BY_MAIL, throttles={BUCKET: sent})
    decision = sign_in.judge(checked(), known, POLICY)
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.path.startswith("/sign-in/second-factor")
    assert len(writes_of(decision, SendMail)) == mails
    (saved,) = writes_of(decision, SaveInteraction)
    assert isinstance(saved, SaveInteraction)
    assert (saved.interaction.otp_hash is not None) == bool(mails)


@pytest.mark.attack
def test_the_mails_are_loaded_with_the_verdict() -> None:
    """The count is asked for as soon as the account is known; an unknown number has none."""
    admitted = sign_in.admit(attempt(), facts(), POLICY).outcome
    assert isinstance(admitted, sign_in.Admitted)
    judged = replace(checked(), account_id=admitted.account_id)
    assert BUCKET in judged.needs(POLICY).throttles
    assert checked().needs(POLICY) == attempt().needs(POLICY)
