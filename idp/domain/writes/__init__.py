"""What a decision wants to become true. Claims are applied first, atomically, and may lose a race.

Every write names one grant, session, interaction or account. :mod:`idp.storage.committing` is the only
place that applies them.

:mod:`.limits` what may happen once, or only so often · :mod:`.grants` grants and their tokens ·
:mod:`.sessions` browsers, interactions, screens · :mod:`.decoupled` what is asked here and answered elsewhere ·
:mod:`.registrations` clients · :mod:`.credentials`, :mod:`.passkeys`, :mod:`.devices` what people prove themselves
with · :mod:`.own_records` consents, cases, dependants, reports · :mod:`.messages` what is queued to be sent.
"""

from idp.domain.writes.credentials import (
    ChangePassword,
    CredentialWrite,
    DropLinks,
    LinkWrite,
    ReplaceRecoveryCodes,
    SaveLink,
    SetTotp,
    UpgradePassword,
    UseLink,
    UseRecoveryCode,
)
from idp.domain.writes.decoupled import (
    BlockClient,
    DecideDecoupled,
    DecoupledWrite,
    KeepApproved,
    NotePoll,
    OpenDecoupled,
    PingClient,
    RedeemDecoupled,
    RememberSubject,
)
from idp.domain.writes.devices import AddDevice, CountPin, DeviceWrite, RemoveDevice, UseDevice
from idp.domain.writes.grants import (
    CreateGrant,
    GrantWrite,
    KillGrant,
    KillGrantsOf,
    RedeemCode,
    RevokeAccess,
    UseRefresh,
)
from idp.domain.writes.limits import (
    ClearAttempts,
    CountAttempt,
    LimitWrite,
    SavePushed,
    SpendOnce,
    SpendPushed,
)
from idp.domain.writes.messages import MessageWrite, NotifyLogout, SendMail
from idp.domain.writes.own_records import (
    ConsentWrite,
    ForgetDependant,
    KeepCase,
    KeepDependant,
    OwnRecordWrite,
    RememberConsent,
    ReportMisuse,
    WithdrawConsent,
)
from idp.domain.writes.passkeys import AddPasskey, PasskeyWrite, RemovePasskey, RenamePasskey, UsePasskey
from idp.domain.writes.registrations import DeleteClient, RegistrationWrite, SaveClient, UseInitialAccess
from idp.domain.writes.sessions import (
    EndSession,
    EndSessionsOf,
    FinishInteraction,
    SaveInteraction,
    SaveScreen,
    SaveSession,
    SessionWrite,
)

__all__ = [
    "AddDevice",
    "AddPasskey",
    "BlockClient",
    "ChangePassword",
    "ClearAttempts",
    "ConsentWrite",
    "CountAttempt",
    "CountPin",
    "CreateGrant",
    "CredentialWrite",
    "DecideDecoupled",
    "DecoupledWrite",
    "DeleteClient",
    "DeviceWrite",
    "DropLinks",
    "EndSession",
    "EndSessionsOf",
    "FinishInteraction",
    "ForgetDependant",
    "GrantWrite",
    "KeepApproved",
    "KeepCase",
    "KeepDependant",
    "KillGrant",
    "KillGrantsOf",
    "LimitWrite",
    "LinkWrite",
    "MessageWrite",
    "NotePoll",
    "NotifyLogout",
    "OpenDecoupled",
    "OwnRecordWrite",
    "PasskeyWrite",
    "PingClient",
    "RedeemCode",
    "RedeemDecoupled",
    "RegistrationWrite",
    "RememberConsent",
    "RememberSubject",
    "RemoveDevice",
    "RemovePasskey",
    "RenamePasskey",
    "ReplaceRecoveryCodes",
    "ReportMisuse",
    "RevokeAccess",
    "SaveClient",
    "SaveInteraction",
    "SaveLink",
    "SavePushed",
    "SaveScreen",
    "SaveSession",
    "SendMail",
    "SessionWrite",
    "SetTotp",
    "SpendOnce",
    "SpendPushed",
    "UpgradePassword",
    "UseDevice",
    "UseInitialAccess",
    "UseLink",
    "UsePasskey",
    "UseRecoveryCode",
    "UseRefresh",
    "WithdrawConsent",
    "Write",
]

Write = (
    LimitWrite
    | GrantWrite
    | SessionWrite
    | DecoupledWrite
    | RegistrationWrite
    | UpgradePassword
    | CredentialWrite
    | LinkWrite
    | PasskeyWrite
    | DeviceWrite
    | ConsentWrite
    | OwnRecordWrite
    | MessageWrite
)
