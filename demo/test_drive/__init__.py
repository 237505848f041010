"""The test drive: what a portal's team does to its own relying party before somebody else does.

The demo's provider answers a client as it always does until a team *orders* otherwise for that client: sign a persona
in without a page, and bring one named fault. Nothing of it exists in `idp`: this package wraps the finished provider
from outside and runs in the demo alone, so a production provider cannot be talked into any of it.

- `faults`: the named faults, each with what a portal must do about it and where that is written
- `tampering`: pure: one honest answer in, the same answer with the fault out
- `orders`: who drives which client, with which fault
- `walking`: signs a persona in by the provider's own pages, in this process
- `drive`: the wrapper; `app`: the demo's provider with the wrapper around it
- `examining`, `grading`, `__main__`: the checker, ``python -m demo.test_drive http://localhost:8300/sign-in …``
"""
