"""The dossier engine (hồ sơ): pure rules that carry an application from filing to its result.

How to add a procedure:

1. Write one module in `procedures/` (`residence_…`, `insurance_…`, `linked_…`) that ends in one value,
   `PROCEDURE = Procedure(code=…, read=…, checks=…, term=…, outcome=…, …)`. Its functions are pure; `Case` holds the
   inputs, the registry's facts, the moment. `read` bounds the JSON and raises `malformed("inputs.…")`; `checks`
   answers every condition as a `Check` with reasons; `consents` says who must agree; `outcome` answers changes.
2. Put it into the tuple of `procedures/catalogue.py`, its code with clients and least acr into `catalogue/*.toml`.
3. What the registry must learn is a change (`changes.py`). A new kind of change is a frozen dataclass with
   `person_id`, a member of the `Change` union, and a writer in `storage/dossiers/` (see `applying.py`); if others
   must hear of it, a line in `notices.CHANGE_RECIPIENTS`.
4. Give it a test file that names the article, and run the tests: the table of `docs/procedures.md` is checked.

Filing, consents, fee, clock, supplements, withdrawal, decision, history, access log and outbox are then there: API
`/v1/dossiers`, officers' acts `/v1/dossiers/{code}/acts`. Nothing here reads a clock, a socket or a database.

`states` and `terms` hold the states and the clock, `consents` and `fees` the sub-tasks, `dossier` the value, `acts`,
`apologising` and `deciding` what may be done with it, `procedure` what a procedure is, `notices` what others hear.
"""

from population_registry.dossiers.changes import Reason
from population_registry.dossiers.checks import Check, CheckFlag, from_rule, open_check, overall
from population_registry.dossiers.consents import Channel, Consent, ConsentNeed, ConsentState, Role
from population_registry.dossiers.dossier import Decision, Dossier, Event, Filing, Form
from population_registry.dossiers.fees import FREE, Fee, FeeState
from population_registry.dossiers.procedure import Case, Outcome, Procedure, StatedDays
from population_registry.dossiers.refusing import DossierRefusal, DossierRefused
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.terms import AT_ONCE, Term

__all__ = [
    "AT_ONCE",
    "FREE",
    "Case",
    "Channel",
    "Check",
    "CheckFlag",
    "Consent",
    "ConsentNeed",
    "ConsentState",
    "Decision",
    "Dossier",
    "DossierRefusal",
    "DossierRefused",
    "DossierState",
    "Event",
    "Fee",
    "FeeState",
    "Filing",
    "Form",
    "Outcome",
    "Procedure",
    "Reason",
    "Role",
    "StatedDays",
    "Term",
    "from_rule",
    "open_check",
    "overall",
]
