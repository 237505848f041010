"""Settings of a portal, read once from the environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from web import BaseSettings, UnsafeSetting, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class PortalSettings(BaseSettings):
    """What a portal must know: its provider, its registry, its own database and keys.

    ``national_portal_url`` is where news of dossiers go (None: this portal is the national one or sends none).
    ``portal_urls`` (national portal only) are the portals it hears from.
    """

    issuer: str = setting()
    registry_url: str = setting()
    client_id: str = setting()
    database_url: str = setting()
    keys_dir: Path = setting()
    national_portal_url: str | None = setting(None)
    portal_urls: tuple[str, ...] = setting(())

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """As the base; addresses of portals must be https too."""
        yield from super().unsafe()
        if any(url.startswith("http://") for url in self.portal_urls):
            yield UnsafeSetting("PORTAL_URLS", "give https:// addresses")
