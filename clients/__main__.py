"""``python -m clients migrate NAME``: bring a database (``DATABASE_URL``) of ours to the newest schema.

``python -m clients sample-marks`` (demo only): made-up marks for the public figures of the national portal.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from clients.national_portal.storage.ratings import Ratings
from clients.payment_gateway import storage as payments
from clients.portal_kit.portal import now
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.migrating import MIGRATIONS, migrate

PORTALS: Final = ("national_portal", "residence_portal", "insurance_portal", "one_stop_portal", "eid_app")
GATEWAY: Final = "payment_gateway"


def database_url(environment: Mapping[str, str]) -> str:
    """The database's address from ``DATABASE_URL``, or from the file that ``DATABASE_URL_FILE`` names."""
    if file := environment.get("DATABASE_URL_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    return environment.get("DATABASE_URL", "")


def main() -> int:
    """Exit status 0 when done, 2 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m clients", description=__doc__)
    commands = parser.add_subparsers(required=True)
    migrating = commands.add_parser("migrate", help="bring the database to the newest schema")
    migrating.add_argument("portal", choices=(*PORTALS, GATEWAY))
    marking = commands.add_parser("sample-marks", help="made-up marks for the national portal of a demo")
    marking.add_argument("--count", type=int, default=400)
    marking.add_argument("--seed", type=int, default=6)
    marking.set_defaults(portal=None)
    options = parser.parse_args()
    url = database_url(os.environ)
    if not url:
        sys.stderr.write("DATABASE_URL is not set: name the portal's PostgreSQL database\n")
        return 2
    if options.portal is None:
        if os.environ.get("DINHDANH_MODE") != "demo":
            sys.stderr.write("made-up marks are for the demo: DINHDANH_MODE is not demo\n")
            return 2
        asyncio.run(sample_marks(url, options.seed, options.count))
        return 0
    folder = MIGRATIONS
    if options.portal == GATEWAY:
        folder = Path(str(payments.__file__)).parent / "migrations"
    asyncio.run(migrate(url, folder))
    return 0


async def sample_marks(url: str, seed: int, count: int) -> None:
    """Marks of a year, so that a demo has something to show; their keys say that they are made up."""
    database = Database(url)
    try:
        new = await Ratings(database).sample(seed=seed, count=count, today=now().date())
    finally:
        await database.close()
    sys.stdout.write(f"{new} made-up marks\n")


if __name__ == "__main__":
    sys.exit(main())
