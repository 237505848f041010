"""What officers search by: folded names, birth dates and places of everybody, kept in step by triggers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STROKES = {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ɖ": "d", "Ɖ": "d", "ƀ": "b", "Ƀ": "b"}
BREAKS = "\u2018\u2019\u02bc\u02bb\u2032`\u00b4\uff07.-\t\n\r\u00a0"
VIETNAMESE_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"

# Nearly every name needs the first branch only (a third of the price): small letters, Vietnamese marks taken off.
FOLDED = f"""
CREATE FUNCTION folded(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN quick ~ '^[a-z]+( [a-z]+)*$' THEN quick ELSE
    btrim(regexp_replace(translate(lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]+', '', 'g')),
      '{"".join(STROKES)}''{BREAKS}', '{"".join(STROKES.values())}{" " * (len(BREAKS) + 1)}'), ' {{2,}}', ' ', 'g'))
    END
  FROM (SELECT translate(lower(normalize(name, NFD)), '{"".join(STROKES)}{VIETNAMESE_MARKS}',
                         '{"".join(STROKES.values())}') AS quick OFFSET 0) AS tried
$$
"""  # noqa: S608 -- constants
# One entry: the words of the name; birth year and day; commune and province of each address in force.
ENTRIES = """
CREATE VIEW search_source AS
SELECT p.person_id, n.name, p.birth_date,
       string_to_array(n.name, ' ') || ('=' || left(p.birth_date, 4))
         || CASE WHEN length(p.birth_date) = 10 THEN ARRAY['=' || p.birth_date] END
         || home.places AS tokens
  FROM person p
 CROSS JOIN LATERAL (
   SELECT folded(concat_ws(' ', p.family_name, p.middle_name, p.given_name)) AS name OFFSET 0) AS n
  LEFT JOIN (
    SELECT r.person_id, array_agg(place) AS places
      FROM residence r JOIN commune c ON c.code = r.commune_code
     CROSS JOIN LATERAL (VALUES ('@' || r.commune_code), ('@' || c.province_code)) AS named (place)
     WHERE r.ended IS NULL GROUP BY r.person_id) AS home ON home.person_id = p.person_id
"""
REFRESH = """
CREATE FUNCTION refresh_search_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.person_id ELSE NEW.person_id END;
  said text[];
BEGIN
  INSERT INTO search_entry AS kept SELECT * FROM search_source WHERE person_id = whose
  ON CONFLICT (person_id) DO UPDATE
    SET name = excluded.name, birth_date = excluded.birth_date, tokens = excluded.tokens
    WHERE (kept.name, kept.birth_date, kept.tokens) IS DISTINCT FROM
          (excluded.name, excluded.birth_date, excluded.tokens)
  RETURNING tokens INTO said;
  INSERT INTO search_token (token, people)
  SELECT token, 1 FROM unnest(said) AS token WHERE token NOT LIKE '=____-%' ORDER BY token
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("tokens", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name=op.f("search_entry_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("search_entry_pkey")),
        comment="What officers search by: words of the name, birth year and day, commune and province",
    )
    op.create_table(
        "search_token",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("search_token_pkey")),
        comment="Every word, year and place that somebody has, and of how many people about",
    )
    op.execute(FOLDED)
    op.execute(ENTRIES)
    op.execute("INSERT INTO search_entry SELECT * FROM search_source")
    op.execute(
        "INSERT INTO search_token SELECT token, count(*) FROM search_entry, unnest(tokens) AS token "
        "WHERE token NOT LIKE '=____-%' GROUP BY token"
    )
    op.create_index("search_entry_tokens_idx", "search_entry", ["tokens"], postgresql_using="gin")
    op.execute(REFRESH)
    op.execute(
        "CREATE TRIGGER person_search AFTER INSERT OR UPDATE OF family_name, middle_name, given_name, birth_date "
        "ON person FOR EACH ROW EXECUTE FUNCTION refresh_search_entry()"
    )
    op.execute(
        "CREATE TRIGGER residence_search AFTER INSERT OR UPDATE OR DELETE ON residence "
        "FOR EACH ROW EXECUTE FUNCTION refresh_search_entry()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER residence_search ON residence")
    op.execute("DROP TRIGGER person_search ON person")
    op.execute("DROP FUNCTION refresh_search_entry()")
    op.execute("DROP VIEW search_source")
    op.execute("DROP FUNCTION folded(text)")
    op.drop_table("search_token")
    op.drop_table("search_entry")
