"""The tables. Sealed columns hold ciphertext bound to purpose and record id; no personal number in the clear."""

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_name)s_uq",
        "ix": "%(table_name)s_%(column_0_name)s_ix",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    }
)

CLIENT: Final = Table(
    "client",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("party_kind", Text, nullable=False),
    Column("secret_hash", LargeBinary),
    Column("sealed_secret", LargeBinary, comment="sealed; of clients with client_secret_jwt only"),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("metadata", JSONB, nullable=False),
    comment="Relying parties; metadata holds the remaining fields of the registered client",
)

INITIAL_ACCESS_TOKEN: Final = Table(
    "initial_access_token",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("note", Text, nullable=False, comment="for whom it was made"),
    Column("expires_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("uses_left", BigInteger, nullable=False),
    CheckConstraint("uses_left >= 0", name="uses_left"),
    comment="RFC 7591 section 3: who may register a client where registration is not open",
)

ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("number_index", LargeBinary, nullable=False, unique=True, comment="keyed hash of the number"),
    Column("number", LargeBinary, nullable=False, comment="sealed personal number"),
    Column("profile", LargeBinary, comment="sealed claims as the registry gave them"),
    Column("profile_at", BigInteger, nullable=False, server_default=text("0"), comment="epoch seconds"),
    Column("level", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("lock_reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", LargeBinary, comment="sealed"),
    Column("email", LargeBinary, comment="sealed"),
    Column("phone", LargeBinary, comment="sealed"),
    Column("account_type", Text, nullable=False),
    Column("agency", Text),
    Column("role", Text),
    Column("territory", Text, comment="province or commune code of an officer"),
    Column("epoch", BigInteger, nullable=False, server_default=text("1"), comment="counts the changes"),
    Column("locale", Text, nullable=False, server_default=text("'vi'")),
    Column("noticed_at", BigInteger, comment="epoch seconds; when the result notice of issuing went out"),
    Column("activated_at", BigInteger, comment="epoch seconds"),
    Column("close_reason", Text),
    CheckConstraint("level BETWEEN 1 AND 2", name="level"),
    CheckConstraint("status IN ('issued', 'active', 'locked', 'closed')", name="status"),
)

ACCOUNT_ALIAS: Final = Table(
    "account_alias",
    METADATA,
    Column("number_index", LargeBinary, primary_key=True, comment="keyed hash of a former number"),
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), nullable=False),
)

REGISTRY_EVENT: Final = Table(
    "registry_event",
    METADATA,
    Column("jti", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("account_id", Text, comment="absent: nobody with an account"),
    Column("family", Text, nullable=False, comment="events that undo each other"),
    Column("at", BigInteger, nullable=False, comment="epoch seconds; when it happened"),
    Column("outcome", Text, nullable=False),
    Index("registry_event_order_ix", "account_id", "family", "at"),
    comment="RFC 8417: every event that was taken, once; no personal number",
)

PASSKEY: Final = Table(
    "passkey",
    METADATA,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), nullable=False),
    Column("user_handle", LargeBinary, nullable=False, comment="random, one per account"),
    Column("public_key", LargeBinary, nullable=False, comment="COSE"),
    Column("name", LargeBinary, nullable=False, comment="sealed; the person's own words"),
    Column("created_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("last_used_at", BigInteger, nullable=False, comment="epoch seconds; 0: never"),
    Column("sign_count", BigInteger, nullable=False),
    Column("backup_eligible", Boolean, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("hardware", Boolean, nullable=False, comment="attested under a trusted certificate"),
    Column("aaguid", Text, nullable=False),
    Column("transports", ARRAY(Text), nullable=False),
    Index("passkey_account_ix", "account_id"),
    comment="Public key credentials of Web Authentication",
)

DEVICE_KEY: Final = Table(
    "device_key",
    METADATA,
    Column("device_id", Text, primary_key=True, comment="RFC 7638 thumbprint of the key"),
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), nullable=False),
    Column("x", LargeBinary, nullable=False, comment="P-256"),
    Column("y", LargeBinary, nullable=False, comment="P-256"),
    Column("name", LargeBinary, nullable=False, comment="sealed; the person's own words"),
    Column("pin_hash", Text, nullable=False, comment="argon2id in PHC form"),
    Column("created_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("last_used_at", BigInteger, nullable=False, comment="epoch seconds; 0: never"),
    Column("tries", Integer, nullable=False, comment="PINs tried since the last right one"),
    Column("tried_at", BigInteger, nullable=False, comment="epoch seconds"),
    Index("device_key_account_ix", "account_id"),
    comment="Phones of the e-ID app: their public keys and the hashes of their PINs",
)

RECOVERY_CODE: Final = Table(
    "recovery_code",
    METADATA,
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True, comment="keyed hash"),
    comment="Look-up secrets that are left; each is deleted by its use",
)

MISUSE_REPORT: Final = Table(
    "misuse_report",
    METADATA,
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, primary_key=True, comment="whose log: provider, registry"),
    Column("reference", Text, primary_key=True, comment="the entry"),
    Column("said", LargeBinary, nullable=False, comment="sealed; the person's own words"),
    Column("state", Text, nullable=False, server_default=text("'received'")),
    Column("at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("answer", LargeBinary, comment="sealed; what the reviewer answers the person"),
    Column("answered_at", BigInteger, comment="epoch seconds; of the last step"),
    CheckConstraint("state IN ('received', 'looking', 'rightful', 'misuse')", name="state"),
    comment="A look at somebody that they say should not have been",
)

ACCOUNT_CASE: Final = Table(
    "account_case",
    METADATA,
    Column("case_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text),
    Column("file", Text, nullable=False, comment="the asking body's number"),
    Column("requested_by", Text, nullable=False, comment="account of the officer, or the person's own"),
    Column("requested_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("state", Text, nullable=False),
    Column("forwarded_by", Text),
    Column("decided_by", Text),
    Column("decided_at", BigInteger, comment="epoch seconds"),
    Index("account_case_account_ix", "account_id"),
    Index(
        "account_case_open_ix",
        "requested_at",
        postgresql_where=text("state = ANY (ARRAY['requested'::text, 'forwarded'::text])"),
    ),
    comment="What only the centre decides (Decree 69/2024, Art. 16)",
)

DEPENDANT: Final = Table(
    "dependant",
    METADATA,
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), primary_key=True),
    Column("reference", LargeBinary, primary_key=True, comment="keyed hash of the number"),
    Column("person", LargeBinary, nullable=False, comment="sealed: number, name, birth date"),
    Column("relation", Text, nullable=False),
    Column("confirmed_at", BigInteger, nullable=False, comment="epoch seconds; when the registry said so"),
    comment="For whom the registry names the holder as parent or guardian",
)

ACCOUNT_LINK: Final = Table(
    "account_link",
    METADATA,
    Column("digest", LargeBinary, primary_key=True, comment="hash of the secret"),
    Column("purpose", Text, nullable=False),
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE")),
    Column("usable_from", BigInteger, nullable=False, comment="epoch seconds"),
    Column("expires_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("record", LargeBinary, comment="sealed; what a request asks for"),
    Index("account_link_account_ix", "account_id"),
    comment="Links by mail, each spent once",
)

CONSENT: Final = Table(
    "consent",
    METADATA,
    Column("account_id", Text, ForeignKey("account.account_id", ondelete="CASCADE"), primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("items", ARRAY(Text), nullable=False),
    Column("given_at", BigInteger, nullable=False, comment="epoch seconds"),
)

AUDIT_EVENT: Final = Table(
    "audit_event",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False, comment="leaf index, without gaps"),
    Column("at", BigInteger, nullable=False, comment="epoch milliseconds"),
    Column("kind", Text, nullable=False),
    Column("account_id", Text),
    Column("client_id", Text),
    Column("grant_id", Text),
    Column("acr", Text),
    Column("claims", Text, nullable=False, comment="names of claims, space-separated"),
    Column("reason", Text),
    Index("audit_event_account_ix", "account_id", "seq"),
    comment="Append-only; a leaf of the Merkle tree per row",
)

AUDIT_TAIL: Final = Table(
    "audit_tail",
    METADATA,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("size", BigInteger, nullable=False),
    CheckConstraint("one", name="one"),
    comment="One row: the number of audit events; its lock orders the batches of all processes",
)

AUDIT_HEAD: Final = Table(
    "audit_head",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False, comment="subtree roots, to go on from here"),
    Column("signed", Text, nullable=False, comment="JWS over size, root and time"),
    comment="Append-only; signed heads of the audit log",
)

LOGOUT_DELIVERY: Final = Table(
    "logout_delivery",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sid", Text),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("dead_at", BigInteger, comment="epoch seconds; set when given up"),
    Column("last_error", Text),
    Index("logout_delivery_due_ix", "next_at", postgresql_where=text("dead_at IS NULL")),
)

MAIL_OUTBOX: Final = Table(
    "mail_outbox",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("record_id", Text, nullable=False, comment="what the message is sealed for"),
    Column("message", LargeBinary, nullable=False, comment="sealed: address, template, language, values"),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("dead_at", BigInteger, comment="epoch seconds; set when given up"),
    Column("last_error", Text),
    Index("mail_outbox_due_ix", "next_at", postgresql_where=text("dead_at IS NULL")),
)

PING_OUTBOX: Final = Table(
    "ping_outbox",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("record_id", Text, nullable=False, comment="what the ping is sealed for"),
    Column("message", LargeBinary, nullable=False, comment="sealed: address, request, token"),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("dead_at", BigInteger, comment="epoch seconds; set when given up"),
    Column("last_error", Text),
    Index("ping_outbox_due_ix", "next_at", postgresql_where=text("dead_at IS NULL")),
)

REPORT_OUTBOX: Final = Table(
    "report_outbox",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("dead_at", BigInteger, comment="epoch seconds; set when given up"),
    Column("last_error", Text),
    Index("report_outbox_due_ix", "next_at", postgresql_where=text("dead_at IS NULL")),
    comment="Reports of misuse that the registry's reviewers must get",
)

HOLD_OUTBOX: Final = Table(
    "hold_outbox",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False, comment="epoch seconds"),
    Column("dead_at", BigInteger, comment="epoch seconds; set when given up"),
    Column("last_error", Text),
    Index("hold_outbox_due_ix", "next_at", postgresql_where=text("dead_at IS NULL")),
    comment="Accounts whose lock the registry must hear of; what it is told is how they stand when it is told",
)
