"""A dossier for the tests of the engine: about nobody, with whatever consents and fee a test wants."""

from __future__ import annotations

from datetime import datetime, timedelta

from population_registry.dossiers import ConsentNeed, Dossier, Fee, Filing, Role, Term
from population_registry.dossiers.acts import (
    CITIZEN,
    Moment,
    answer_supplement,
    ask_supplement,
    file,
    pay,
    receive,
)
from population_registry.dossiers.working_days import VIET_NAM

START = datetime(2026, 11, 16, 9, 0, tzinfo=VIET_NAM)
OWNER = ConsentNeed(Role.OWNER, 2, "registers_at_dwelling")
HEAD = ConsentNeed(Role.HEAD, 3, "enters_household")
EITHER = tuple(ConsentNeed(Role.OWNER, each, "registers_at_dwelling", "owner") for each in (4, 5))


def moment(minutes=0, by="CA-17", *, entered=None):
    """So many minutes after the start."""
    occurred = START + timedelta(minutes=minutes)
    return Moment(occurred, START + timedelta(minutes=entered) if entered is not None else occurred, by)


def filed(*needs, amount=0, code="G01.899.06-261116-010001"):
    """A dossier in state 1."""
    blank = Dossier(
        code=code,
        procedure_code="1.004194",
        client_id="residence-portal",
        agency="G01",
        commune_code="00166",
        applicant_id=1,
        subject_ids=(1,),
        assisted_by=None,
        filing=Filing.ONLINE,
        purpose="Nộp hồ sơ",
        inputs={},
        term=Term.days(3),
        fee=Fee(amount, "Thông tư 75/2022/TT-BTC"),
        filed_at=START,
    )
    return file(blank, list(needs), moment(by=CITIZEN), {})


def supplement_wanted(**changed):
    """Received, paid, then something is missing: state 5."""
    dossier = receive(filed(amount=7000, **changed), moment(60))
    dossier = pay(dossier, moment(70, by="portal"), amount=7000, reference="R1")
    return ask_supplement(dossier, moment(120), "Thiếu hợp đồng thuê nhà")


def supplemented(**changed):
    """The same, answered by the citizen: with the specialist again."""
    dossier = supplement_wanted(**changed)
    return answer_supplement(
        dossier,
        moment(180, by=CITIZEN),
        inputs=dossier.inputs,
        needs=[],
        fee=dossier.fee,
        term=dossier.term,
        subject_ids=dossier.subject_ids,
        commune_code=dossier.commune_code,
        note=None,
    )
