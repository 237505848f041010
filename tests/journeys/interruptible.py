"""``python -m tests.journeys.interruptible FILE MODULE ARGUMENTS``: a service that can be away for a while.

The demo stops when one of its services ends. This parent stays, so that only the service goes: SIGUSR1 ends it,
SIGUSR2 starts it again, SIGTERM ends both. Its own process number stands in FILE.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
from pathlib import Path

SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
AWAY, BACK, END = signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM


def main(arguments: list[str]) -> int:
    """Start the service and follow the signals; returns in the parent at the end, in a fork when its service ends."""
    file, module, *rest = arguments
    signal.pthread_sigmask(signal.SIG_BLOCK, {AWAY, BACK, END})
    Path(file).write_text(str(os.getpid()))
    running = 0
    wanted = BACK
    while True:
        if running and wanted in {AWAY, END}:
            os.kill(running, signal.SIGTERM)
            os.waitpid(running, 0)
            running = 0
        if wanted is END:
            return 0
        if wanted is BACK and not running and (running := os.fork()) == 0:
            ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {AWAY, BACK, END})
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            return 0
        wanted = signal.Signals(signal.sigwait({AWAY, BACK, END}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
