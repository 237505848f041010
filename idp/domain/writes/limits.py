"""What may happen once, or only so often: claims that stop a second use, and counts of attempts."""

from dataclasses import field

from idp.domain.authorization import PushedRequest
from idp.domain.needs import ReplayKey
from idp.domain.values import frozen


@frozen
class SpendOnce:
    """Claim a single-use item until ``expires_at``; a conflict when somebody was first.

    ``issued_at`` (epoch seconds) says when the item came into being, where that is known. A store that was emptied
    or restarted cannot know whether an older item was spent: it refuses such items until new ones come.
    """

    key: ReplayKey
    expires_at: int
    issued_at: int | None = None


@frozen
class SavePushed:
    """Keep a pushed authorization request until ``expires_at`` (RFC 9126); its id is new, so nothing is raced."""

    pushed_id: str = field(repr=False)
    pushed: PushedRequest
    expires_at: int


@frozen
class SpendPushed:
    """Claim the completion of a pushed request, which may have expired since its visit; a conflict when it is spent.

    That it was spent is remembered until ``expires_at``, when nothing that began with it can live any more.
    ``issued_at`` is as in :class:`SpendOnce`.
    """

    pushed_id: str = field(repr=False)
    expires_at: int
    issued_at: int


@frozen
class CountAttempt:
    """Add one to a throttle bucket that empties ``window`` seconds after its first count.

    With ``limit``: a conflict, and no count, when the bucket holds that many already; so parallel guesses
    cannot outrun the limit.
    """

    bucket: str
    window: int
    limit: int | None = None


@frozen
class ClearAttempts:
    """Empty a throttle bucket."""

    bucket: str


LimitWrite = SpendOnce | SavePushed | SpendPushed | CountAttempt | ClearAttempts
