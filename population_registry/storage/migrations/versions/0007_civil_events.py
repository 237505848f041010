"""Guardians, custody, deaths, absences, stays, the rest of the record, and the places of before July 2025."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("absence_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("returned", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("absence_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "absence_no", name=op.f("absence_pkey")),
        comment="Declared absences (Law on Residence Art. 31)",
    )
    op.create_table(
        "custody",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("custody_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_name", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["person.person_id"], name=op.f("custody_parent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("custody_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "custody_no", name=op.f("custody_pkey")),
        comment="Which parent brings up a child after a divorce (Law 52/2014 Art. 81)",
    )
    op.create_index(op.f("custody_parent_id_idx"), "custody", ["parent_id"], unique=False)
    op.create_table(
        "guardianship",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guardianship_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("guardian_name", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("appointed_by", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["person.person_id"], name=op.f("guardianship_guardian_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("guardianship_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "guardianship_no", name=op.f("guardianship_pkey")),
        comment="Guardians of minors without parents and of adults without capacity (Civil Code Art. 46-63)",
    )
    op.create_index(op.f("guardianship_guardian_id_idx"), "guardianship", ["guardian_id"], unique=False)
    op.create_table(
        "person_particulars",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_name", sa.Text(), nullable=True),
        sa.Column("birth_place", sa.Text(), nullable=True),
        sa.Column("birth_registry", sa.Text(), nullable=True),
        sa.Column("hometown", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Text(), server_default="full", nullable=False),
        sa.Column("phone", sa.String(length=15), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("ethnic_group", sa.String(length=2), nullable=True),
        sa.Column("religion", sa.String(length=2), nullable=True),
        sa.Column("blood_group", sa.String(length=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("person_particulars_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_particulars_pkey")),
        comment="The rest of the national record (Law on Identity Art. 9); the last three stay empty",
    )
    op.create_table(
        "death",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("death_commune_code_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("death_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("death_pkey")),
        comment="Deaths and court declarations: the day it happened, and when the registry knew",
    )
    op.create_table(
        "former_district",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["prefix"], ["number_prefix.prefix"], name=op.f("former_district_prefix_fkey")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("former_district_pkey")),
        comment="Districts of before 1 July 2025; `prefix` is their province in personal numbers",
    )
    op.create_index(op.f("former_district_prefix_idx"), "former_district", ["prefix"], unique=False)
    op.create_table(
        "former_ward",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["former_district.code"], name=op.f("former_ward_district_code_fkey")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("former_ward_pkey")),
        comment="Wards and communes of before 1 July 2025",
    )
    op.create_index(op.f("former_ward_district_code_idx"), "former_ward", ["district_code"], unique=False)
    op.create_table(
        "commune_predecessor",
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("ward_code", sa.String(length=5), nullable=False),
        sa.Column("extent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["commune.code"], name=op.f("commune_predecessor_commune_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ward_code"], ["former_ward.code"], name=op.f("commune_predecessor_ward_code_fkey")
        ),
        sa.PrimaryKeyConstraint("commune_code", "ward_code", name=op.f("commune_predecessor_pkey")),
        comment="Which older wards a commune was made of: whole, partial, unchanged",
    )
    op.create_index(
        op.f("commune_predecessor_ward_code_idx"), "commune_predecessor", ["ward_code"], unique=False
    )
    op.create_table(
        "stay",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stay_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_as_issued", sa.Text(), nullable=True),
        sa.Column("ward_as_issued", sa.String(length=5), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("stay_commune_code_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("stay_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ward_as_issued"], ["former_ward.code"], name=op.f("stay_ward_as_issued_fkey")
        ),
        sa.PrimaryKeyConstraint("person_id", "stay_no", name=op.f("stay_pkey")),
        comment="Notices of stays under 30 days (Law on Residence Art. 30)",
    )
    op.add_column("dwelling", sa.Column("ward_as_issued", sa.String(length=5), nullable=True))
    op.create_foreign_key(
        op.f("dwelling_ward_as_issued_fkey"), "dwelling", "former_ward", ["ward_as_issued"], ["code"]
    )
    op.add_column("identity_document", sa.Column("issued_by", sa.Text(), nullable=True))
    op.add_column("identity_document", sa.Column("state_since", sa.Date(), nullable=True))
    op.add_column("kinship", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("personal_number_alias", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("residence", sa.Column("ward_as_issued", sa.String(length=5), nullable=True))
    op.add_column("residence", sa.Column("end_reason", sa.Text(), nullable=True))
    op.add_column(
        "residence",
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("residence", sa.Column("end_recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("residence_ward_as_issued_fkey"), "residence", "former_ward", ["ward_as_issued"], ["code"]
    )
    op.create_table_comment(
        "residence",
        "Registrations of residence; ended ones are kept with ground and time (Law 68/2020 Art. 24, 29)",
        existing_comment="Registrations of residence; ended ones are kept",
        schema=None,
    )


def downgrade() -> None:
    op.create_table_comment("residence", "Registrations of residence; ended ones are kept")
    op.drop_constraint(op.f("residence_ward_as_issued_fkey"), "residence", type_="foreignkey")
    op.drop_column("residence", "end_recorded_at")
    op.drop_column("residence", "recorded_at")
    op.drop_column("residence", "end_reason")
    op.drop_column("residence", "ward_as_issued")
    op.drop_column("personal_number_alias", "reason")
    op.drop_column("kinship", "since")
    op.drop_column("identity_document", "state_since")
    op.drop_column("identity_document", "issued_by")
    op.drop_constraint(op.f("dwelling_ward_as_issued_fkey"), "dwelling", type_="foreignkey")
    op.drop_column("dwelling", "ward_as_issued")
    op.drop_table("stay")
    op.drop_index(op.f("commune_predecessor_ward_code_idx"), table_name="commune_predecessor")
    op.drop_table("commune_predecessor")
    op.drop_index(op.f("former_ward_district_code_idx"), table_name="former_ward")
    op.drop_table("former_ward")
    op.drop_index(op.f("former_district_prefix_idx"), table_name="former_district")
    op.drop_table("former_district")
    op.drop_table("death")
    op.drop_table("person_particulars")
    op.drop_index(op.f("guardianship_guardian_id_idx"), table_name="guardianship")
    op.drop_table("guardianship")
    op.drop_index(op.f("custody_parent_id_idx"), table_name="custody")
    op.drop_table("custody")
    op.drop_table("absence")
