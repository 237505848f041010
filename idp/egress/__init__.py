"""What the provider keeps of what it fetches; the way out itself is `web.egress` (decision 0007).

`ClientKeys` keeps the key sets of clients, `RequestObjects` their request objects.
"""

from idp.egress.client_keys import ClientKeys, ClientKeySet, KeepingTimes
from idp.egress.request_objects import RequestObjects, fetching

__all__ = ["ClientKeySet", "ClientKeys", "KeepingTimes", "RequestObjects", "fetching"]
