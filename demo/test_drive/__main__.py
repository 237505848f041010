"""``python -m demo.test_drive serve`` runs the demo's provider; ``… check`` examines a portal and grades it."""

import argparse
import asyncio
import sys

from demo.test_drive.examining import CannotExamine, Examiner, Portal, lines
from demo.test_drive.faults import LESSONS, Fault
from demo.test_drive.grading import LOGIN_CSRF, Grade, grade
from web.serving import add_serving_options, serve

PASSED = {Grade.A, Grade.B}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: grade A or B; 1: C or F; 2: the portal could not be examined."""
    parser = argparse.ArgumentParser(prog="python -m demo.test_drive", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    add_serving_options(acts.add_parser("serve", help="the demo's provider with the test drive around it"))
    check = acts.add_parser("check", help="examine the relying party of a portal")
    check.add_argument("sign_in", help="address where signing in begins")
    check.add_argument("page", help="address of a page that only the signed-in may see (200 for them alone)")
    check.add_argument("--client-id", required=True)
    check.add_argument("--issuer", default="http://localhost:8000", help="the demo's provider")
    check.add_argument("--persona", default="lan")
    check.add_argument(
        "--fault", type=Fault, choices=list(Fault), action="append", help="this one only (may be repeated)"
    )
    chosen = parser.parse_args(arguments)
    if chosen.act == "serve":
        return serve("demo.test_drive.app:create_app", chosen)
    portal = Portal(chosen.sign_in, chosen.page, chosen.client_id)
    faults = chosen.fault or tuple(Fault)
    try:
        examiner = Examiner(portal, chosen.issuer, persona=chosen.persona, faults=faults)
        found = asyncio.run(examiner.findings())
    except CannotExamine as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write("\n".join(lines(found)) + "\n")
    for each in found:
        if not each.good and each.trial != LOGIN_CSRF:
            lesson = LESSONS[Fault(each.trial)]
            sys.stdout.write(f"\n{each.trial}: {lesson.what_vi} · {lesson.what_en}\n  {lesson.source}\n")
    reached = grade({each.trial: each for each in found})
    sys.stdout.write(f"\n{reached.value}\n")
    return 0 if reached in PASSED else 1


if __name__ == "__main__":
    sys.exit(main())
