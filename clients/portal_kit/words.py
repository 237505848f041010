"""Codes in plain words: procedures, portals, fields, states, checks and their reasons, for people to read.

A code without a text of its own is shown as it is: a page with one odd word serves a citizen better than none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from web import Texts

TONES: Final = {"pass": "success", "fail": "danger", "unknown": "warning"}
FLAG_TONES: Final = {"match": "success", "close": "warning", "mismatch": "danger", "unknown": "neutral"}
STATE_TONES: Final = {
    **dict.fromkeys((1, 2, 4), "info"),
    **dict.fromkeys((5, 6, 7), "warning"),
    **dict.fromkeys((9, 10), "success"),
    3: "danger",
}
CONSENT_TONES: Final = {"asked": "info", "given": "success", "refused": "danger", "expired": "warning"}


@dataclass(frozen=True, slots=True)
class ExplainedCheck:
    """One check for a person: what was checked, how it stands, why, and what to do."""

    code: str
    flag: str
    tone: str
    title: str
    verdict: str
    reasons: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    texts: Texts

    def procedure(self, code: str, names: Mapping[str, str] | None = None) -> str:
        """The name of a procedure; ``names`` are the registry's, by language, for one that we have no word for."""
        return self._said(f"procedure.{code}", (names or {}).get(self.texts.language, code))

    def act(self, act: str) -> str:
        """A line of a dossier's history."""
        return self._said(f"act.{act}", act)

    def role(self, role: str) -> str:
        """In which capacity somebody is asked to agree."""
        return self._said(f"consent_role.{role}", role)

    def why(self, code: str) -> str:
        """What somebody is asked to agree to."""
        return self._said(f"consent_why.{code}", code)

    def consent_state(self, state: str) -> str:
        """How a consent stands."""
        return self._said(f"consent_state.{state}", state)

    def consent_tone(self, state: str) -> str:
        """The colour of a consent."""
        return CONSENT_TONES.get(state, "neutral")

    def fee_state(self, state: str) -> str:
        """How a fee stands."""
        return self._said(f"fee_state.{state}", state)

    def exemption(self, code: str) -> str:
        """Why nothing is to be paid."""
        return self._said(f"exemption.{code}", code)

    def term(self, half_days: int) -> str:
        """A legal term in working days; none for what is only noted."""
        if half_days == 0:
            return self.texts.t("term.at_once")
        if half_days == 1:
            return self.texts.t("term.half_day")
        return self.texts.n("intro.working_days", (half_days + 1) // 2)

    def client(self, client_id: str) -> str:
        """The name of a party that asked the registry."""
        return self._said(f"client.{client_id}", client_id)

    def agency(self, code: str) -> str:
        """The name of an authority (Decision 20/2020/QĐ-TTg)."""
        return self._said(f"agency.{code}", self.client(code))

    def field(self, name: str) -> str:
        """What a field, claim or check of the registry is about; what has no word of its own is a condition."""
        return self._said(
            f"registry_field.{name}", self._said(f"check.{name}", self.texts.t("registry_field.other"))
        )

    def looks(self, fields: Mapping[str, str]) -> dict[tuple[str, str], None]:
        """What a look was at and how it was used, in words, in order and each once."""
        return dict.fromkeys((self.field(name), use) for name, use in fields.items())

    def use(self, use: str) -> str:
        """What happened to a field: compared, or given out."""
        return self._said(f"field_use.{use}", use)

    def state(self, state: int) -> str:
        """A dossier's state in the words of the national catalogue."""
        return self._said(f"dossier_state.{int(state)}", str(int(state)))

    def state_tone(self, state: int) -> str:
        """The colour of a state."""
        return STATE_TONES.get(int(state), "neutral")

    def flag(self, flag: str, claim: str = "") -> str:
        """How one compared value stands; some claims have words of their own, where neither answer is bad news."""
        return self._said(f"claim_flag.{flag}.{claim}", "") or self._said(f"claim_flag.{flag}", flag)

    def flag_tone(self, flag: str, claim: str = "") -> str:
        """The colour of a flag: neutral where the claim has words of its own."""
        return "neutral" if self._said(f"claim_flag.{flag}.{claim}", "") else FLAG_TONES.get(flag, "neutral")

    def reason(self, code: str) -> str:
        """A reason as a sentence."""
        return self._said(f"reason.{code}", code)

    def state_meaning(self, state: int) -> str:
        """What a state means for the person; empty where the name says it all."""
        return self._said(f"dossier_meaning.{int(state)}", "")

    def identity(self, code: str) -> str:
        """Whether the registry found the person asked about."""
        return self._said(f"identity.{code}", code)

    def receipt_refusal(self, code: str) -> str:
        """Why a receipt proves nothing."""
        return self._said(f"receipt_refusal.{code}", code)

    def registry_refusal(self, code: str) -> str:
        """Why the registry did not answer a question."""
        return self._said(f"registry_refusal.{code}", self.texts.t("registry_refusal.any"))

    def registry_refused(self, code: str, *, said_no: bool) -> str:
        """The heading over it: a plain no to the person is no failure of the registry to answer."""
        usual = self.texts.t("registry_refused.no" if said_no else "registry_refused.title")
        return self._said(f"registry_refused.{code}", usual)

    def relation(self, code: str) -> str:
        """How a member stands to the head of the household."""
        return self._said(f"relation.{code}", code)

    def card_start(self, code: str) -> str:
        """Why a card begins on its day."""
        return self._said(f"card_start.{code}", code)

    def tenure(self, code: str) -> str:
        """By which right a person lives somewhere."""
        return self._said(f"tenure.{code}", code)

    def checks(self, checks: Iterable[Mapping[str, Any]]) -> list[ExplainedCheck]:
        """Every check with its reasons as sentences and, where it does not pass, what to do next."""
        return [self._check(str(each["code"]), str(each["flag"]), each.get("reasons", ())) for each in checks]

    def _check(self, code: str, flag: str, reasons: Iterable[str]) -> ExplainedCheck:
        remedy = ""
        if flag == "fail":
            remedy = self._said(f"check_remedy.{code}", self.texts.t("check_remedy.any"))
        elif flag == "unknown":
            remedy = self.texts.t("check_remedy.officer")
        return ExplainedCheck(
            code=code,
            flag=flag,
            tone=TONES.get(flag, "neutral"),
            title=self._said(f"check.{code}", code),
            verdict=self._said(f"check_flag.{flag}", flag),
            reasons=tuple(self.reason(each) for each in reasons),
            remedy=remedy,
        )

    def _said(self, key: str, otherwise: str) -> str:
        return self.texts.t(key) if key in self.texts else otherwise


def recorded_date(text: str) -> str:
    """A date of the registry, ``yyyy[-mm[-dd]]``, as it is written in Viet Nam: ``[dd/[mm/]]yyyy``."""
    return "/".join(reversed(str(text).split("-")))


def moment(text: str) -> datetime:
    """A moment of the registry (RFC 3339)."""
    return datetime.fromisoformat(text)
