"""The environment of a service of the demo, for commands beside it (the demo's databases, keys and addresses).

    eval "$(python -m demo.environment registry)"
    python -m population_registry cards issue 099194000101

Whoever may read the demo's folder may do so; nothing is printed that is not in a file there.
"""

import argparse
import shlex
import sys

from demo.place import Place, TroubleError
from demo.rows import Service
from demo.services import table


def exports(place: Place, name: str) -> str:
    """Lines for a shell. Raises TroubleError, naming the services that there are."""
    services = {row.name: row for row in table(place) if isinstance(row, Service) and row.environment}
    if name not in services:
        raise TroubleError(f"{name}: no such service; there are {', '.join(sorted(services))}.")
    values = sorted(services[name].environment.items())
    return "".join(f"export {variable}={shlex.quote(value)}\n" for variable, value in values)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: written to standard output; 1: there is no such service."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.environment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "service", help="a row of demo.services: idp, registry, registry-worker, residence_portal …"
    )
    try:
        sys.stdout.write(exports(Place.from_environment(), parser.parse_args(arguments).service))
    except TroubleError as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
