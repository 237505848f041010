"""The registry's tables. Keys lead with `person_id`, the distribution key, where a row is one person's."""

from population_registry.storage.tables.batches import (
    batch_chunk,
    batch_job,
    batch_part,
    batch_result,
    batch_row,
)
from population_registry.storage.tables.civil import custody, death, guardianship
from population_registry.storage.tables.confirmations import confirmation, confirmation_file, paper_superseded
from population_registry.storage.tables.console import (
    break_glass,
    console_session,
    eid_act,
    four_eyes_request,
    look_review,
    misuse_report,
    officer,
)
from population_registry.storage.tables.dossiers import (
    dossier,
    dossier_consent,
    dossier_event,
    dossier_number,
    dossier_outbox,
    person_hold,
    registry_change,
)
from population_registry.storage.tables.events import event_delivery, event_subscription
from population_registry.storage.tables.facilities import facility_officer
from population_registry.storage.tables.homes import (
    dwelling,
    dwelling_owner,
    household,
    membership,
    residence,
)
from population_registry.storage.tables.insurance import health_insurance, insurance_list, insurance_payment
from population_registry.storage.tables.ledger import (
    access_log,
    dpop_proof,
    guessing_budget,
    idempotent_answer,
    population_manifest,
    receipt,
    receipt_withdrawal,
    tried_values,
)
from population_registry.storage.tables.log_tree import access_head, access_node, access_segment
from population_registry.storage.tables.people import (
    identity_document,
    kinship,
    person,
    person_particulars,
    personal_number_alias,
)
from population_registry.storage.tables.places import (
    commune,
    commune_predecessor,
    former_district,
    former_ward,
    number_prefix,
    province,
)
from population_registry.storage.tables.presence import absence, stay
from population_registry.storage.tables.schema import metadata
from population_registry.storage.tables.search import search_entry, search_token

__all__ = [
    "absence",
    "access_head",
    "access_log",
    "access_node",
    "access_segment",
    "batch_chunk",
    "batch_job",
    "batch_part",
    "batch_result",
    "batch_row",
    "break_glass",
    "commune",
    "commune_predecessor",
    "confirmation",
    "confirmation_file",
    "console_session",
    "custody",
    "death",
    "dossier",
    "dossier_consent",
    "dossier_event",
    "dossier_number",
    "dossier_outbox",
    "dpop_proof",
    "dwelling",
    "dwelling_owner",
    "eid_act",
    "event_delivery",
    "event_subscription",
    "facility_officer",
    "former_district",
    "former_ward",
    "four_eyes_request",
    "guardianship",
    "guessing_budget",
    "health_insurance",
    "household",
    "idempotent_answer",
    "identity_document",
    "insurance_list",
    "insurance_payment",
    "kinship",
    "look_review",
    "membership",
    "metadata",
    "misuse_report",
    "number_prefix",
    "officer",
    "paper_superseded",
    "person",
    "person_hold",
    "person_particulars",
    "personal_number_alias",
    "population_manifest",
    "province",
    "receipt",
    "receipt_withdrawal",
    "registry_change",
    "residence",
    "search_entry",
    "search_token",
    "stay",
    "tried_values",
]
