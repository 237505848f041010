"""Names of Redis keys. What must change together shares a hash tag, so it lives in one slot of a cluster.

Secrets are named by their SHA-256; throttle buckets may hold a personal number and are named by a keyed hash.
"""

from hashlib import blake2b, sha256
from typing import Final

from idp.domain.needs import ReplayKey

CLIENTS_VERSION: Final = b"idp:{state}:clients"
BORN: Final = b"idp:{state}:born"
LIVING: Final = b"idp:{state}:living"
FAREWELL: Final = b"idp:{state}:farewell"


def grant(grant_id: str) -> str:
    """Hash: the grant, its code and its refresh family. Without it every token of the grant is dead."""
    return f"g:{{{grant_id}}}"


def access_token(grant_id: str, token_hash: bytes) -> str:
    """One opaque access token, in the slot of its grant."""
    return f"t:{{{grant_id}}}:{token_hash.hex()}"


def parent(name: str) -> tuple[str, ...]:
    """The keys that must exist for a parent of a grant to be alive: its grant, and the token that is named."""
    grant_id, colon, token_hash = name.partition(":")
    return (grant(grant_id), f"t:{{{grant_id}}}:{token_hash}") if colon else (grant(grant_id),)


def session(digest: bytes) -> str:
    """A browser session, named by the hash of its cookie."""
    return f"s:{{{digest.hex()}}}"


def participants(session_id: str) -> str:
    """Hash: grants born in a session; the empty field says that the session is alive."""
    return f"p:{{{session_id}}}"


def interaction(interaction_id: str) -> str:
    """Hash: a sealed interaction and the step that may be answered next."""
    return f"i:{{{interaction_id}}}"


def screen(interaction_id: str) -> str:
    """Hash: a sealed screen that waits for the e-ID app, and its version."""
    return f"v:{{{interaction_id}}}"


def screen_code(code_hash: bytes) -> str:
    """The interaction whose screen shows a code; named by a keyed hash of it."""
    return f"vc:{{{code_hash.hex()}}}"


def pushed(pushed_id: str) -> str:
    """A sealed pushed request, or the mark that it is spent; named by the hash of what the browser carries."""
    return f"q:{{{sha256(pushed_id.encode()).hexdigest()}}}"


def account(account_id: str) -> str:
    """Hash: the epoch of an account and its sealed snapshot."""
    return f"a:{{{account_id}}}"


def account_grants(account_id: str) -> str:
    """Sorted set of ``<grant id>:<client id>`` by end of life."""
    return f"ag:{{{account_id}}}"


def account_sessions(account_id: str) -> str:
    """Sorted set of ``<session id>:<cookie hash>`` by end of life."""
    return f"as:{{{account_id}}}"


def replay(key: ReplayKey) -> str:
    """A spent single-use item; namespaces cannot reach into each other."""
    space = key.namespace.encode()
    digest = blake2b(len(space).to_bytes(4, "big") + space + key.value, digest_size=24).hexdigest()
    return f"r:{{{digest}}}"


def throttle(bucket_hash: bytes) -> str:
    """A counter of attempts."""
    return f"n:{{{bucket_hash.hex()}}}"


def decoupled(request_id: str) -> str:
    """Hash: a decoupled request and its state, in the slot of the grant that it may become."""
    return f"d:{{{request_id}}}"


def user_code(code_hash: bytes) -> str:
    """Which request a user code leads to; the code's name is a keyed hash."""
    return f"dc:{{{code_hash.hex()}}}"


def waiting(account_id: str) -> str:
    """Sorted set of ``<request id>:<client id>`` by end of life: what waits for the person."""
    return f"dw:{{{account_id}}}"


def blocked(account_id: str, client_id: str) -> str:
    """Set while the person does not want to hear of this client."""
    return f"db:{{{account_id}}}:{client_id}"


def subject(name: str) -> str:
    """The account behind a pseudonym, for clients that may hint at people."""
    return f"u:{{{name}}}"
