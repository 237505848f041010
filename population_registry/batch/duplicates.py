"""What only the whole file can say: one number on two records. Marked before pieces are cut, so no worker decides it.

Outcomes of insurance.md section 6 of the domain facts: `duplicate_pin` where one personal number stands on records
with two social-insurance numbers, `duplicate_bhxh` where one social-insurance number stands on two personal numbers
(in the file, or here and in the registry), or where two records lead to one person through a nine-digit or cancelled
number. That the registry knows another social-insurance number of the person is seen when the row is judged.
"""

from typing import Any
from uuid import UUID

from population_registry.batch.judging import PIN_TWICE, SOCIAL_TWICE

_MARK = """
WITH whom AS MATERIALIZED (
  SELECT r.row_no, r.number, r.social_insurance, coalesce(p.personal_number, r.number) AS pin,
         owner.personal_number AS recorded
    FROM batch_row r LEFT JOIN personal_number_alias a ON a.number = r.number
    LEFT JOIN person p ON p.person_id = a.person_id
    LEFT JOIN person owner ON owner.social_insurance = r.social_insurance
   WHERE r.batch_id = $1 AND r.error IS NULL
), seen AS (
  SELECT row_no, count(*) OVER (PARTITION BY number) > 1 AS pin_twice,
         min(number) OVER same_person <> max(number) OVER same_person
           OR social_insurance IS NOT NULL AND min(pin) OVER same_record <> max(pin) OVER same_record
           OR recorded <> pin AS social_twice
    FROM whom
  WINDOW same_person AS (PARTITION BY pin), same_record AS (PARTITION BY social_insurance)
)
UPDATE batch_row r SET duplicate = CASE WHEN seen.pin_twice THEN $2 ELSE $3 END
  FROM seen WHERE r.batch_id = $1 AND r.row_no = seen.row_no AND (seen.pin_twice OR seen.social_twice)
"""
"""A number that is written twice stands with different social-insurance numbers: equal lines were refused before."""


async def mark_duplicates(connection: Any, batch_id: UUID) -> None:
    """Mark the rows that share a number with another row; those already refused do not count."""
    await connection.execute(_MARK, batch_id, PIN_TWICE, SOCIAL_TWICE)
