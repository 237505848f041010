"""What a request says must be known to judge it. Loading answers all of it at once."""

from dataclasses import field

from idp.domain.values import frozen


@frozen
class ReplayKey:
    """A single-use item, in its own namespace: an assertion's ``jti``, an OTP's time step."""

    namespace: str
    value: bytes


@frozen
class Needs:
    """Names of the facts. None or empty: not needed. All Redis facts come in one round trip.

    ``personal_number`` finds the account by its twelve digits (or an old number kept as alias). ``credentials``
    adds the credentials of whichever account was loaded. ``account_of_interaction`` loads the account that the
    interaction names. ``client_of_interaction`` loads the client of the interaction's request, ``client_of_grant``
    that of the grant, where the request itself names none (UserInfo). ``pushed_id`` names a pushed authorization
    request; ``pushed_of_interaction`` asks whether the one that an interaction came from was spent meanwhile.

    ``client_keys_for``: the client's keys are needed, to verify these JOSE texts (their ``kid`` is looked for again
    when it is unknown). Where an answer is encrypted to it, they are known anyway. See :attr:`Facts.client_keys`.

    ``decoupled_id`` or ``user_code`` finds a decoupled request, with its account and client if asked for; ``subject``
    finds the account that a client means by a pseudonym; ``waiting`` adds the back-channel requests that wait for
    the account, and whether it blocked the client.
    ``initial_access``: hash of an initial access token; ``registered_clients``: how many registered themselves.

    ``passkey_id`` finds a passkey by its credential id, and (unless the session's account is asked for) the account
    that it opens; ``passkeys`` adds all passkeys of whichever account was loaded.

    ``device_id`` finds a device key of the e-ID app, and (unless the session's account is asked for) its account;
    ``devices`` adds all device keys of whichever account was loaded.

    ``screen_id`` or ``screen_code`` finds a screen that waits for the app; ``behind_screen`` adds the client that it
    is for and, unless a device is named, the device that answered it with its account.

    ``link`` finds a link by mail by its hash, with its account if asked for.

    ``beside``: the facts of a second party, where two are judged together (token exchange).
    """

    client_id: str | None = None
    grant_id: str | None = None
    access_digest: bytes | None = None
    session_digest: bytes | None = None
    interaction_id: str | None = None
    account_id: str | None = None
    account_of_grant: bool = False
    client_of_grant: bool = False
    account_of_session: bool = False
    participants: bool = False
    replay: tuple[ReplayKey, ...] = ()
    throttles: tuple[str, ...] = ()
    personal_number: str | None = field(default=None, repr=False)
    account_of_interaction: bool = False
    client_of_interaction: bool = False
    credentials: bool = False
    initial_access: bytes | None = field(default=None, repr=False)
    registered_clients: bool = False
    client_keys_for: tuple[str, ...] | None = field(default=None, repr=False)
    pushed_id: str | None = field(default=None, repr=False)
    pushed_of_interaction: bool = False
    decoupled_id: str | None = None
    user_code: str | None = field(default=None, repr=False)
    account_of_decoupled: bool = False
    client_of_decoupled: bool = False
    subject: str | None = None
    link: bytes | None = field(default=None, repr=False)
    account_of_link: bool = False
    waiting: bool = False
    passkey_id: bytes | None = None
    passkeys: bool = False
    device_id: str | None = None
    devices: bool = False
    screen_id: str | None = None
    screen_code: str | None = field(default=None, repr=False)
    behind_screen: bool = False
    beside: "Needs | None" = None
