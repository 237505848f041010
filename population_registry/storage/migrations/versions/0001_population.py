"""The population and its access log."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


REFUSE_CHANGES = """
CREATE FUNCTION refuse_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
PROTECT_ROWS = """
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
FOR EACH ROW EXECUTE FUNCTION refuse_changes()
"""
PROTECT_TABLE = """
CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()
"""


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("dossier_code", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("access_log_pkey")),
        comment="Who looked at whom and why; a trigger refuses every change; it outlives the person",
    )
    op.create_index("access_log_subject_id_at_idx", "access_log", ["subject_id", "at"], unique=False)
    op.create_table(
        "guessing_budget",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "scope", "window_start", name=op.f("guessing_budget_pkey")),
        comment="Guesses spent, per keyed hash of whom they concern and per window",
    )
    op.create_index(
        op.f("guessing_budget_window_start_idx"), "guessing_budget", ["window_start"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("personal_number", sa.String(length=12), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("middle_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("nationality", sa.String(length=2), nullable=False),
        sa.Column("marital_status", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=True),
        sa.Column("replaced_by", sa.String(length=12), nullable=True),
        sa.Column("social_insurance", sa.String(length=10), nullable=True),
        sa.Column("birth_registered_at", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "(status = 'active') = (status_since IS NULL)", name=op.f("person_status_since_check")
        ),
        sa.CheckConstraint(
            "birth_date ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'", name=op.f("person_birth_date_check")
        ),
        sa.CheckConstraint("given_name <> ''", name=op.f("person_given_name_check")),
        sa.CheckConstraint("personal_number ~ '^[0-9]{12}$'", name=op.f("person_personal_number_check")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_pkey")),
        sa.UniqueConstraint("personal_number", name=op.f("person_personal_number_key")),
        sa.UniqueConstraint("social_insurance", name=op.f("person_social_insurance_key")),
        comment="One record of the population; birth dates may lack day and month",
    )
    op.create_table(
        "population_manifest",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("population_manifest_pkey")),
        comment="What the population was made from: seed, size, day, rows and SHA-256 of each part",
    )
    op.create_table(
        "province",
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("province_pkey")),
        comment="Provinces and cities since 1 July 2025",
    )
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("receipt_pkey")),
        comment="Signed receipts given out: the key, the end, and the SHA-256 of the bytes",
    )
    op.create_index(op.f("receipt_subject_id_idx"), "receipt", ["subject_id"], unique=False)
    op.create_table(
        "commune",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("commune_province_code_fkey")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("commune_pkey")),
        comment="Wards, communes and special zones, state of 30 April 2026",
    )
    op.create_index(op.f("commune_province_code_idx"), "commune", ["province_code"], unique=False)
    op.create_table(
        "health_insurance",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("insurance_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("card_code", sa.String(length=15), nullable=False),
        sa.Column("group_code", sa.String(length=2), nullable=False),
        sa.Column("benefit", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("five_year_from", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("benefit BETWEEN 1 AND 5", name=op.f("health_insurance_benefit_check")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("health_insurance_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "insurance_no", name=op.f("health_insurance_pkey")),
    )
    op.create_index(op.f("health_insurance_card_code_idx"), "health_insurance", ["card_code"], unique=False)
    op.create_table(
        "identity_document",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("identity_document_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "document_no", name=op.f("identity_document_pkey")),
    )
    op.create_table(
        "kinship",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kin_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kin_person_id", sa.BigInteger(), nullable=True),
        sa.Column("kin_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kin_person_id"], ["person.person_id"], name=op.f("kinship_kin_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("kinship_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kin_no", name=op.f("kinship_pkey")),
    )
    op.create_index(op.f("kinship_kin_person_id_idx"), "kinship", ["kin_person_id"], unique=False)
    op.create_table(
        "number_prefix",
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("number_prefix_province_code_fkey")
        ),
        sa.PrimaryKeyConstraint("prefix", name=op.f("number_prefix_pkey")),
        comment="First three digits of a personal number: places of before July 2025, and prefixes of nobody",
    )
    op.create_table(
        "personal_number_alias",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("personal_number_alias_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("personal_number_alias_pkey")),
        comment="Nine-digit numbers and cancelled personal numbers, each still leading to its person",
    )
    op.create_index(
        op.f("personal_number_alias_person_id_idx"), "personal_number_alias", ["person_id"], unique=False
    )
    op.create_table(
        "dwelling",
        sa.Column("dwelling_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_as_issued", sa.Text(), nullable=True),
        sa.Column("floor_area_m2", sa.Numeric(precision=7, scale=1), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("dwelling_commune_code_fkey")),
        sa.PrimaryKeyConstraint("dwelling_id", name=op.f("dwelling_pkey")),
    )
    op.create_table(
        "dwelling_owner",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dwelling_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["dwelling_id"],
            ["dwelling.dwelling_id"],
            name=op.f("dwelling_owner_dwelling_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("dwelling_owner_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "dwelling_id", name=op.f("dwelling_owner_pkey")),
    )
    op.create_index(op.f("dwelling_owner_dwelling_id_idx"), "dwelling_owner", ["dwelling_id"], unique=False)
    op.create_table(
        "household",
        sa.Column("household_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_number", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dwelling_id"], ["dwelling.dwelling_id"], name=op.f("household_dwelling_id_fkey")
        ),
        sa.PrimaryKeyConstraint("household_id", name=op.f("household_pkey")),
        sa.UniqueConstraint("file_number", name=op.f("household_file_number_key")),
    )
    op.create_index(op.f("household_dwelling_id_idx"), "household", ["dwelling_id"], unique=False)
    op.create_table(
        "residence",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("residence_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_as_issued", sa.Text(), nullable=True),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=True),
        sa.Column("tenure", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("residence_commune_code_fkey")),
        sa.ForeignKeyConstraint(
            ["dwelling_id"], ["dwelling.dwelling_id"], name=op.f("residence_dwelling_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("residence_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "residence_no", name=op.f("residence_pkey")),
        comment="Registrations of residence; ended ones are kept",
    )
    op.create_index(op.f("residence_dwelling_id_idx"), "residence", ["dwelling_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("household_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.household_id"],
            name=op.f("membership_household_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("membership_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "household_id", "since", name=op.f("membership_pkey")),
    )
    op.create_index(op.f("membership_household_id_idx"), "membership", ["household_id"], unique=False)
    op.execute(REFUSE_CHANGES)
    op.execute(PROTECT_ROWS)
    op.execute(PROTECT_TABLE)
    op.execute("ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_append_only")
    op.execute("ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_no_truncate")


def downgrade() -> None:
    op.drop_index(op.f("membership_household_id_idx"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("residence_dwelling_id_idx"), table_name="residence")
    op.drop_table("residence")
    op.drop_index(op.f("household_dwelling_id_idx"), table_name="household")
    op.drop_table("household")
    op.drop_index(op.f("dwelling_owner_dwelling_id_idx"), table_name="dwelling_owner")
    op.drop_table("dwelling_owner")
    op.drop_table("dwelling")
    op.drop_index(op.f("personal_number_alias_person_id_idx"), table_name="personal_number_alias")
    op.drop_table("personal_number_alias")
    op.drop_table("number_prefix")
    op.drop_index(op.f("kinship_kin_person_id_idx"), table_name="kinship")
    op.drop_table("kinship")
    op.drop_table("identity_document")
    op.drop_index(op.f("health_insurance_card_code_idx"), table_name="health_insurance")
    op.drop_table("health_insurance")
    op.drop_index(op.f("commune_province_code_idx"), table_name="commune")
    op.drop_table("commune")
    op.drop_index(op.f("receipt_subject_id_idx"), table_name="receipt")
    op.drop_table("receipt")
    op.drop_table("province")
    op.drop_table("population_manifest")
    op.drop_table("person")
    op.drop_index(op.f("guessing_budget_window_start_idx"), table_name="guessing_budget")
    op.drop_table("guessing_budget")
    op.drop_index("access_log_subject_id_at_idx", table_name="access_log")
    op.drop_table("access_log")
    op.execute("DROP FUNCTION refuse_changes()")
