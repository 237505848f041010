"""The real supervisor over a small table: a step, tiny services, a worker; a step and the mail catcher are forked."""

import os
import sys
from pathlib import Path

from demo.__main__ import main
from demo.place import Place
from demo.rows import Row, Service, Step

SERVICE = str(Path(__file__).with_name("tiny_service.py"))
STEP = "import sys; open(sys.argv[1], 'a').write('done once\\n'); sys.exit(int(sys.argv[2]))"


def tiny_table(place: Place) -> tuple[Row, ...]:
    """A step that leaves a line in ``ledger``, two services that need it, a worker, a mail catcher, a calendar."""
    ledger = place.var / "ledger"
    step = (sys.executable, "-c", STEP, str(ledger), os.environ.get("STEP_CODE", "0"))
    services = tuple(
        Service(
            name=name,
            label=f"tiny {name}",
            command=(sys.executable, SERVICE, str(place.port(name))),
            port=place.port(name),
            url=place.url(name),
            health="/health/ready",
            needs=("ledger",),
        )
        for name in ("idp", "registry")
    )
    mail_command = ("-m", "demo.mail", "--port", str(place.port("mail")), "--folder", str(place.outbox))
    mail = Service(
        name="mail", label="tiny mail", command=(sys.executable, *mail_command), port=place.port("mail")
    )
    worker = Service(
        name="worker", label="tiny worker", command=(sys.executable, "-c", "import signal; signal.pause()")
    )
    forked = Step(
        name="calendar",
        label="the calendar",
        command=(sys.executable, "-m", "calendar", os.environ.get("YEAR", "2026")),
        writes=place.var / "calendar",
    )
    first = Step(name="ledger", label="the ledger", command=step, makes=(ledger,))
    return (first, forked, *services, worker, mail)


if __name__ == "__main__":
    sys.exit(main(tiny_table, preloaded=("aiosmtpd.smtp", "no_such_module")))
