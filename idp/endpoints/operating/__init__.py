"""``/eid/v1/acts``: what an officer's console asks for, with the officer's own token of scope ``eid:operate``.

- `door`: who asks, read and judged; the answer
- `work`: one officer at work on one order, and what all acts share
- `in_person`: what the person stands there for: level 2, activation, recovery, contacts, their own lock
- `on_cases`: what only the centre decides: asked for, forwarded, decided; what waits
"""

from idp.endpoints.operating.door import SCOPE, act

__all__ = ["SCOPE", "act"]
