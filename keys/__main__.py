"""`python -m keys`: the operator's commands."""

import sys

from keys.command_line import main

sys.exit(main(sys.argv[1:]))
