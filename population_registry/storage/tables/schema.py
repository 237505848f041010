"""The schema: names of constraints, and the columns that many tables share."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, MetaData, String, Text, func

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def person_id(*, key: bool = True) -> Column[int]:
    """The column that says whose row it is: the distribution key, first in the primary key when `key`."""
    return Column(
        "person_id",
        BigInteger,
        ForeignKey("person.person_id", ondelete="CASCADE"),
        primary_key=key,
        autoincrement=False,
        nullable=False,
        index=not key,
    )


def address() -> tuple[Column[str], Column[str], Column[str], Column[str]]:
    """The columns of an address: commune of today, text, text as an older paper wrote it, ward of that paper."""
    return (
        Column("commune_code", String(5), ForeignKey("commune.code"), nullable=False),
        Column("address", Text, nullable=False),
        Column("address_as_issued", Text),
        Column("ward_as_issued", String(5), ForeignKey("former_ward.code")),
    )


def recorded_at() -> Column[datetime]:
    """When the registry learned of it (transaction time), beside the dates on which it was true."""
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())
