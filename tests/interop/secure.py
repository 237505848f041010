"""The provider of the other tests once more, over https and under names of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from idp.app import create_app
from idp.settings import DpopNonces, Settings
from tests import https_service
from tests.certificates import Certified
from web.serving import configuration

NAMES = ("localhost", "mtls.localhost")


@dataclass(frozen=True, slots=True)
class Secure:
    """A provider over https: its issuer, where clients with certificates find it, and who vouches for whom."""

    issuer: str
    aliases: str
    folder: Path
    authority: Certified

    @property
    def anchors(self) -> Path:
        """The authority's certificate as a file."""
        return self.folder / "authority.pem"


@contextlib.contextmanager
def served_over_tls(settings: Settings, folder: Path, port: int) -> Iterator[Secure]:
    """A provider with these settings, which asks for certificates and wants a nonce in every DPoP proof."""
    authority = Certified("authority", ca=True)
    authority.write(folder, "authority")
    certificate, key = Certified("localhost", signer=authority, hosts=NAMES).write(folder, "server")
    made = Secure(f"https://localhost:{port}", f"https://mtls.localhost:{port}", folder, authority)
    settings = replace(
        settings,
        public_url=made.issuer,
        mtls_url=made.aliases,
        tls_certificate=certificate,
        tls_key=key,
        client_cert_anchors=made.anchors,
        dpop_nonces=DpopNonces.ALWAYS,
    )
    config = configuration(
        lambda: create_app(settings), host="localhost", port=port, certificate=certificate, key=key
    )
    with https_service.running(config, port):
        yield made
