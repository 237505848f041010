"""Settings of a portal, read once from the environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from web import BaseSettings, Secret, UnsafeSetting, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class PortalSettings(BaseSettings):
    """What a portal must know: its provider, its registry, its own database and keys, where the others are.

    Fees are paid at ``payment_gateway_url`` (without it nothing can be paid online here).
    A national portal that knows nothing asks the registry for the dossiers of ``first_comparison_days``.
    Notices are mailed through ``smtp_url`` (``smtp://host:port``, ``smtps://name:password@host:port``), and to nobody
    without one.
    """

    issuer: str = setting()
    registry_url: str = setting()
    client_id: str = setting()
    database_url: Secret = setting()
    keys_dir: Path = setting()
    national_portal_url: str | None = setting(None)
    residence_portal_url: str | None = setting(None)
    insurance_portal_url: str | None = setting(None)
    one_stop_portal_url: str | None = setting(None)
    payment_gateway_url: str | None = setting(None)
    first_comparison_days: int = setting(400)
    smtp_url: str | None = setting(None)
    mail_sender: str = setting("khong-tra-loi@dichvucong.example")

    @property
    def portals(self) -> Mapping[str, str]:
        """The addresses of the portals that are known, by name; links between portals use no others."""
        known = {
            "national": self.national_portal_url,
            "residence": self.residence_portal_url,
            "insurance": self.insurance_portal_url,
            "one_stop": self.one_stop_portal_url,
        }
        return {name: url.rstrip("/") for name, url in known.items() if url}

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """As the base; mail must not travel in the clear."""
        yield from super().unsafe()
        if self.smtp_url is not None and not self.smtp_url.startswith("smtps://"):
            yield UnsafeSetting("SMTP_URL", "give an smtps:// address: notices travel by it")
