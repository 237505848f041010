"""One warm Python that has imported what every service imports, and becomes a service or a step by forking.

Fifty commands that each import the same libraries need a minute of processor time; a fork needs milliseconds. This
process is for the demo only: in production every service is started by itself. It has one thread, reads orders as
lines of JSON on standard input (``name``, ``module``, ``arguments``, ``environment``, ``log``, ``output``) and
answers on standard output: ``started NAME PID`` and ``ended PID CODE``.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import runpy
import select
import signal
import sys
import traceback
from typing import Any

SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(preloaded: list[str]) -> int:
    """Import ``preloaded``, then fork on order until standard input ends. A fork returns as what it became."""
    for module in preloaded:
        with contextlib.suppress(Exception):  # the service that needs it will say better what is wrong
            importlib.import_module(module)
    waking, woken = os.pipe()
    for end in (waking, woken):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    unread = b""
    while True:
        readable, _, _ = select.select([0, waking], [], [])
        if waking in readable:
            os.read(waking, 512)
            _report_ended()
        if 0 in readable:
            piece = os.read(0, 65536)
            if not piece:
                return 0
            *orders, unread = (unread + piece).split(b"\n")
            for line in orders:
                order = json.loads(line)
                parent = os.getpid()
                if (pid := os.fork()) == 0:
                    signal.set_wakeup_fd(-1)
                    return _become(order, parent)
                _answer(f"started {order['name']} {pid}")


def _become(order: dict[str, Any], parent: int) -> int:
    """Be the service or step: its own session, environment, output and death signal."""
    ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we could ask to be told
        return 1
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)
    output = os.open(order["output"], os.O_WRONLY) if order["output"] else log
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = [order["module"], *order["arguments"]]
    try:
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
    except Exception:  # noqa: BLE001 - this is where a process of its own would end with a traceback in its log
        traceback.print_exc()
        return 1
    return 0


def _report_ended() -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _answer(f"ended {ended[0]} {os.waitstatus_to_exitcode(ended[1])}")


def _answer(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
