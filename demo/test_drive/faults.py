"""The named faults. Each is one thing that goes wrong, in an answer that is right in everything else."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """Where the fault is brought in."""

    AUTHORIZATION = "authorization answer"
    TOKEN = "token answer"  # noqa: S105 - a place, no secret
    ID_TOKEN = "ID token"  # noqa: S105 - a place, no secret
    USERINFO = "UserInfo answer"


class Weight(StrEnum):
    """What it means when a portal lets the person in all the same."""

    BREACH = "breach"  # a stranger can come in as somebody else
    WEAKNESS = "weakness"  # one of several walls is missing
    COURTESY = "courtesy"  # nobody comes in wrongly; the person deserves a page that says what happened


class Fault(StrEnum):
    """What a team may ask for by name."""

    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    FOREIGN_PARTY = "foreign_party"
    WRONG_NONCE = "wrong_nonce"
    MISSING_NONCE = "missing_nonce"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_KEY = "unknown_key"
    UNSIGNED = "unsigned"
    CONFUSED_ALGORITHM = "confused_algorithm"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from_the_future"
    MISSING_SUBJECT = "missing_subject"
    WRONG_TOKEN_HASH = "wrong_token_hash"  # noqa: S105 - a fault's name
    WEAK_LEVEL = "weak_level"
    MISSING_ID_TOKEN = "missing_id_token"  # noqa: S105 - a fault's name
    SOMEBODY_ELSE = "somebody_else"
    WRONG_STATE = "wrong_state"
    MISSING_STATE = "missing_state"
    MIXED_UP_ISSUER = "mixed_up_issuer"
    ACCESS_DENIED = "access_denied"
    SERVER_ERROR = "server_error"
    SPENT_CODE = "spent_code"
    UNAVAILABLE = "unavailable"
    NOT_JSON = "not_json"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One fault explained: ``weight`` of letting it pass, ``rule`` that a portal follows, ``source`` of the rule."""

    place: Place
    weight: Weight
    what_vi: str
    what_en: str
    source: str


CORE: Final = "OpenID Connect Core 1.0, section"
F, P, W = Fault, Place, Weight
LESSONS: Final = {
    F.WRONG_ISSUER: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "iss là của nhà cung cấp khác",
        "iss names another provider",
        f"{CORE} 3.1.3.7, 2",
    ),
    F.WRONG_AUDIENCE: Lesson(
        P.ID_TOKEN, W.BREACH, "aud là của cổng khác", "aud names another portal", f"{CORE} 3.1.3.7, 3"
    ),
    F.FOREIGN_PARTY: Lesson(
        P.ID_TOKEN,
        W.WEAKNESS,
        "aud có thêm một bên lạ, azp là bên ấy",
        "aud holds a stranger too, and azp is the stranger",
        f"{CORE} 3.1.3.7, 3 to 5",
    ),
    F.WRONG_NONCE: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "nonce của lần đăng nhập khác",
        "the nonce of another sign-in",
        f"{CORE} 3.1.3.7, 11",
    ),
    F.MISSING_NONCE: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "đã gửi nonce mà không có lại",
        "a nonce was sent and none returns",
        f"{CORE} 3.1.3.7, 11",
    ),
    F.BAD_SIGNATURE: Lesson(
        P.ID_TOKEN, W.BREACH, "chữ ký sai một bit", "one bit of the signature is wrong", f"{CORE} 3.1.3.7, 6"
    ),
    F.UNKNOWN_KEY: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "ký bằng khóa không công bố",
        "signed by a key that nobody published",
        f"{CORE} 3.1.3.7, 6",
    ),
    F.UNSIGNED: Lesson(P.ID_TOKEN, W.BREACH, "alg là none", "alg is none", "RFC 8725, section 3.2"),
    F.CONFUSED_ALGORITHM: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "HMAC với khóa công khai làm bí mật",
        "an HMAC with the public key as its secret",
        "RFC 8725, section 2.1",
    ),
    F.EXPIRED: Lesson(
        P.ID_TOKEN, W.BREACH, "hết hạn một giờ trước", "expired an hour ago", f"{CORE} 3.1.3.7, 9"
    ),
    F.FROM_THE_FUTURE: Lesson(
        P.ID_TOKEN, W.WEAKNESS, "cấp vào ngày mai", "issued tomorrow", f"{CORE} 3.1.3.7, 10"
    ),
    F.MISSING_SUBJECT: Lesson(P.ID_TOKEN, W.BREACH, "không có sub", "there is no sub", f"{CORE} 2"),
    F.WRONG_TOKEN_HASH: Lesson(
        P.ID_TOKEN,
        W.COURTESY,
        "at_hash của token khác",
        "at_hash of another access token",
        f"{CORE} 3.1.3.8 (optional in the code flow)",
    ),
    F.WEAK_LEVEL: Lesson(
        P.ID_TOKEN,
        W.BREACH,
        "acr thấp hơn mức đã đòi",
        "acr is lower than was demanded",
        f"{CORE} 3.1.3.7, 12 and 5.5.1.1",
    ),
    F.MISSING_ID_TOKEN: Lesson(
        P.TOKEN, W.BREACH, "không có ID token", "there is no ID token", f"{CORE} 3.1.3.3"
    ),
    F.SOMEBODY_ELSE: Lesson(
        P.USERINFO, W.BREACH, "UserInfo của người khác", "UserInfo of somebody else", f"{CORE} 5.3.2"
    ),
    F.WRONG_STATE: Lesson(
        P.AUTHORIZATION,
        W.BREACH,
        "state của trình duyệt khác",
        "the state of another browser",
        "RFC 9700, section 4.7",
    ),
    F.MISSING_STATE: Lesson(
        P.AUTHORIZATION, W.BREACH, "không trả state", "no state returns", "RFC 6749, section 10.12"
    ),
    F.MIXED_UP_ISSUER: Lesson(
        P.AUTHORIZATION,
        W.WEAKNESS,
        "iss của câu trả lời là nhà cung cấp khác",
        "iss of the answer names another provider",
        "RFC 9207, section 2.4",
    ),
    F.ACCESS_DENIED: Lesson(
        P.AUTHORIZATION, W.COURTESY, "người dân từ chối", "the person refused", "RFC 6749, section 4.1.2.1"
    ),
    F.SERVER_ERROR: Lesson(
        P.AUTHORIZATION,
        W.COURTESY,
        "nhà cung cấp gặp lỗi",
        "the provider failed",
        "RFC 6749, section 4.1.2.1",
    ),
    F.SPENT_CODE: Lesson(
        P.TOKEN, W.COURTESY, "mã đã dùng", "the code was used before", "RFC 6749, section 5.2"
    ),
    F.UNAVAILABLE: Lesson(
        P.TOKEN, W.COURTESY, "503", "503 at the token endpoint", "RFC 9110, section 15.6.4"
    ),
    F.NOT_JSON: Lesson(
        P.TOKEN,
        W.COURTESY,
        "trang HTML thay cho JSON",
        "an HTML page in place of JSON",
        "RFC 6749, section 5.1",
    ),
    F.SLOW: Lesson(
        P.TOKEN,
        W.COURTESY,
        "chờ hai mươi giây rồi mới trả lời",
        "answers only after twenty seconds",
        "a portal that waits for ever waits with every visitor",
    ),
}
"""Every fault with its lesson. A test holds that none is missing."""


def table() -> str:
    """The faults as rows of the table in ``docs/test-drive.md``."""
    return "".join(
        f"| `{fault}` | {lesson.place} | {lesson.what_vi} · {lesson.what_en} | {lesson.source} | {lesson.weight} |\n"
        for fault, lesson in LESSONS.items()
    )
