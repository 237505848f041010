"""Settings of the payment gateway, read once from the environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from web import BaseSettings, Secret, UnsafeSetting, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class GatewaySettings(BaseSettings):
    """What the gateway must know: its own database and keys, and the addresses of the bodies it collects for."""

    database_url: Secret = setting()
    keys_dir: Path = setting()
    payee_urls: tuple[str, ...] = setting()

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """As the base; whoever is paid must be reached over https too."""
        yield from super().unsafe()
        if any(url.startswith("http://") for url in self.payee_urls):
            yield UnsafeSetting("PAYEE_URLS", "give https:// addresses")
