"""Dossiers, their history, consents and outbox; what decisions changed in the registry.

Every key leads with `dossier_code`, or with `person_id` where a row is one person's, so that each table can be
partitioned by hash of its leading column without a change to any statement. No foreign keys: rows outlive people.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from population_registry.storage.tables.schema import metadata

dossier = Table(
    "dossier",
    metadata,
    Column("dossier_code", String(40), primary_key=True),
    Column("procedure_code", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("commune_code", String(5)),
    Column("applicant_id", BigInteger, nullable=False),
    Column("subject_ids", ARRAY(BigInteger), nullable=False),
    Column("assisted_by", Text),
    Column("filing", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("half_days", SmallInteger, nullable=False),
    Column("due_on", Date),
    Column("fee", JSONB, nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("decision", JSONB),
    Column("result", JSONB, nullable=False),
    Column("linked_to", String(40)),
    Index("dossier_applicant_id_filed_at_idx", "applicant_id", "filed_at"),
    Index("dossier_filed_at_idx", "filed_at", "dossier_code"),
    Index("dossier_commune_code_state_due_on_idx", "commune_code", "state", "due_on"),
    Index("dossier_linked_to_idx", "linked_to", postgresql_where=text("linked_to IS NOT NULL")),
    comment="Applications; state and version are compared in every update, so two acts never both win",
)

dossier_event = Table(
    "dossier_event",
    metadata,
    Column("dossier_code", String(40), primary_key=True),
    Column("event_no", Integer, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("done_by", Text, nullable=False),
    Column("form", Text),
    Column("detail", JSONB, nullable=False),
    Index("dossier_event_entered_at_idx", "entered_at"),
    comment="History of dossiers: when it happened, when it was entered; a trigger refuses every change",
)

dossier_consent = Table(
    "dossier_consent",
    metadata,
    Column("dossier_code", String(40), primary_key=True),
    Column("consent_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("any_of", Text),
    Column("state", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("channel", Text),
    Column("recorded_by", Text),
    Column("evidence", Text),
    Index("dossier_consent_person_id_asked_at_idx", "person_id", "asked_at"),
    comment="Who must agree to what a dossier asks for",
)

dossier_outbox = Table(
    "dossier_outbox",
    metadata,
    Column("dossier_code", String(40), primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("recipients", ARRAY(Text), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("delivered_at", DateTime(timezone=True)),
    Index("dossier_outbox_created_at_idx", "created_at", postgresql_where=text("delivered_at IS NULL")),
    comment="What others are told, written with the act itself; whoever delivers sets delivered_at",
)

dossier_number = Table(
    "dossier_number",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
    comment="The last running number of an agency's day (Circular 04/2025 Art. 23)",
)

registry_change = Table(
    "registry_change",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("change_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("dossier_code", String(40), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    comment="What decisions changed, with the row before and after; a trigger refuses every change",
)

person_hold = Table(
    "person_hold",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("source", Text, nullable=False),
    comment="Persons whose e-identity is locked: nothing filed with it is decided meanwhile",
)

residence_clearing = Table(
    "residence_clearing",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("dossier_code", String(40), nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Index("residence_clearing_reported_at_idx", "reported_at"),
    comment="Whose registrations are to be deleted ex officio, and the dossier that reported it",
)
