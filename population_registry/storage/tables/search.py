"""What officers search by. Triggers keep it in step with names, birth dates and residence."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from population_registry.storage.tables.schema import metadata, person_id

search_entry = Table(
    "search_entry",
    metadata,
    person_id(),
    Column("name", Text, nullable=False),
    Column("birth_date", String(10), nullable=False),
    Column("tokens", ARRAY(Text), nullable=False),
    Index("search_entry_tokens_idx", "tokens", postgresql_using="gin"),
    comment="What officers search by: words of the name, birth year and day, commune and province",
)

search_token = Table(
    "search_token",
    metadata,
    Column("token", Text, primary_key=True),
    Column("people", BigInteger, nullable=False),
    comment="Every word, year and place that somebody has, and of how many people about",
)
