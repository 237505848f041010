"""Provinces, communes, and the prefixes of personal numbers."""

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Text

from population_registry.storage.tables.schema import metadata

province = Table(
    "province",
    metadata,
    Column("code", String(2), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    comment="Provinces and cities since 1 July 2025",
)

number_prefix = Table(
    "number_prefix",
    metadata,
    Column("prefix", String(3), primary_key=True),
    Column("province_code", String(2), ForeignKey("province.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("reserved", Boolean, nullable=False),
    comment="First three digits of a personal number: places of before July 2025, and prefixes of nobody",
)

commune = Table(
    "commune",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("province_code", String(2), ForeignKey("province.code"), nullable=False, index=True),
    comment="Wards, communes and special zones, state of 30 April 2026",
)

former_district = Table(
    "former_district",
    metadata,
    Column("code", String(3), primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", String(3), ForeignKey("number_prefix.prefix"), nullable=False, index=True),
    comment="Districts of before 1 July 2025; `prefix` is their province in personal numbers",
)

former_ward = Table(
    "former_ward",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("name", Text, nullable=False),
    Column("district_code", String(3), ForeignKey("former_district.code"), nullable=False, index=True),
    comment="Wards and communes of before 1 July 2025",
)

commune_predecessor = Table(
    "commune_predecessor",
    metadata,
    Column("commune_code", String(5), ForeignKey("commune.code"), primary_key=True),
    Column("ward_code", String(5), ForeignKey("former_ward.code"), primary_key=True, index=True),
    Column("extent", Text, nullable=False),
    comment="Which older wards a commune was made of: whole, partial, unchanged",
)
