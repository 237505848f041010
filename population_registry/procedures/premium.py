"""The premium of household health insurance: 4.5 % of the base salary, declining by member.

Sources: Law 25/2008 Art. 13 as amended, Decree 188/2025 Art. 6(5); base salary by Decree 73/2024 (2,340,000
₫ from 1 July 2024) and Decree 161/2026 (2,530,000 ₫ from 1 July 2026).
"""

from datetime import date

BASE_SALARIES = ((date(2026, 7, 1), 2_530_000), (date(2024, 7, 1), 2_340_000))
"""First day and đồng a month, the newest first."""
SHARES = (100, 70, 60, 50, 40)
"""Percent of the first member's premium by order of payment; the last holds for everyone after the fourth."""
PER_MILLE = 45


class NoBaseSalaryError(ValueError):
    """The day lies before the oldest base salary that is kept here."""


def base_salary(day: date) -> int:
    """Đồng a month in force on that day.

    Raises:
        NoBaseSalaryError: before 1 July 2024.
    """
    for since, amount in BASE_SALARIES:
        if day >= since:
            return amount
    raise NoBaseSalaryError(day.isoformat())


def share(order: int) -> int:
    """Percent for the `order`-th member who pays (1 is the first)."""
    return SHARES[min(order, len(SHARES)) - 1]


def monthly_premium(order: int, day: date) -> int:
    """Đồng a month for the `order`-th member, rounded to the đồng."""
    return (base_salary(day) * PER_MILLE * share(order) + 50_000) // 100_000
