"""``python -m clients migrate PORTAL``: bring the database of a portal (``DATABASE_URL``) to the newest schema."""

import argparse
import asyncio
import os
import sys
from typing import Final

from clients.portal_kit.storage.migrating import migrate

PORTALS: Final = ("national_portal", "residence_portal", "insurance_portal")


def main() -> int:
    """Exit status 0 when done, 2 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m clients", description=__doc__)
    commands = parser.add_subparsers(required=True)
    migrating = commands.add_parser("migrate", help="bring the database to the newest schema")
    migrating.add_argument("portal", choices=PORTALS)
    parser.parse_args()
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.stderr.write("DATABASE_URL is not set: name the portal's PostgreSQL database\n")
        return 2
    asyncio.run(migrate(url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
