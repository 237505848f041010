"""Where the mock's signing authorities live: certificates in the open, private keys sealed under the registry's ring.

One folder beside the ring for each line: `cards` for chips, `seals` for papers. Every pair is `<role>-<serial>.crt`
and `<role>-<serial>.key`; the newest of a role signs, every authority is believed. Nothing here is ever part of the
repository.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from keys import KeyRing, SealBroken
from population_registry.papers.chip.certificates import (
    CARDS,
    Line,
    Signatory,
    make_authority,
    make_revocations,
    make_signer,
    signs_until,
)
from population_registry.papers.chip.trust import Trust

FOLDER = CARDS.folder
_AUTHORITY, _SIGNER, _REVOKED = "authority", "signer", "revoked"


class CardKeysError(Exception):
    """The folder cannot be used; the message is meant for people."""


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The folder of one registry and the ring that seals its keys."""

    folder: Path
    ring: KeyRing
    line: Line = CARDS

    @classmethod
    def beside(cls, keys_dir: Path, ring: KeyRing, line: Line = CARDS) -> "CardKeys":
        """The line's folder in the registry's key folder."""
        return cls(keys_dir / line.folder, ring, line)

    def complete(self, now: datetime) -> list[str]:
        """Make an authority and a document signer where none may sign now; answers what was made. Repeatable.

        Keys sealed under an older sealing key of the ring are sealed under the current one.

        Raises:
            CardKeysError: a key here cannot be opened, or a certificate cannot be read.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._reseal()
        made = []
        authority = self._newest(_AUTHORITY, now)
        if authority is None:
            authority = make_authority(now, self.line)
            self._revoke(authority, frozenset(), now)  # first: an authority without its list is not believed
            made.append(self._keep(_AUTHORITY, authority))
        if (signer := self._newest(_SIGNER, now)) is None or signer.certificate.issuer != (
            authority.certificate.subject
        ):
            made.append(self._keep(_SIGNER, make_signer(authority, now, self.line)))
        return made

    def signer(self, now: datetime) -> Signatory:
        """The document signer that signs now.

        Raises:
            CardKeysError: there is none, or its key cannot be opened.
        """
        found = self._newest(_SIGNER, now)
        if found is None:
            raise CardKeysError("no document signer may sign now; run cards init")
        return found

    def revoke(self, serial: int, now: datetime) -> None:
        """Believe a document signer no longer; cards it signed stop being genuine.

        Raises:
            CardKeysError: no document signer here has that serial number.
        """
        certificate = next((c for c in self._certificates(_SIGNER) if c.serial_number == serial), None)
        if certificate is None:
            raise CardKeysError("no document signer has that serial number")
        issuer = next(c for c in self._certificates(_AUTHORITY) if c.subject == certificate.issuer)
        listed = frozenset(
            each.serial_number
            for revocations in load_trust(self.folder).revocations
            if revocations.issuer == issuer.subject
            for each in revocations
        )
        self._revoke(self._with_key(_AUTHORITY, issuer), listed | {serial}, now)

    def certificates(self) -> Iterator[tuple[str, x509.Certificate]]:
        """Every certificate with its role, the newest first."""
        for role in (_AUTHORITY, _SIGNER):
            yield from ((role, each) for each in self._certificates(role))

    def _reseal(self) -> None:
        sealer = self.ring.sealer(self.line.sealed_as)
        for path in sorted(self.folder.glob("*.key")):
            held = path.read_bytes()
            try:
                fresh = sealer.rewrap(held, path.stem)
            except SealBroken as broken:
                raise CardKeysError(f"the key of {path.stem} cannot be opened") from broken
            if fresh != held:
                _write(path, fresh)

    def _certificates(self, role: str) -> list[x509.Certificate]:
        return _load(self.folder, role)

    def _newest(self, role: str, now: datetime) -> Signatory | None:
        revoked = {each.serial_number for listed in load_trust(self.folder).revocations for each in listed}
        for each in self._certificates(role):
            if each.serial_number not in revoked and each.not_valid_before_utc <= now < signs_until(each):
                return self._with_key(role, each)
        return None

    def _with_key(self, role: str, certificate: x509.Certificate) -> Signatory:
        name = _name(role, certificate)
        try:
            opened = self.ring.sealer(self.line.sealed_as).open(
                (self.folder / f"{name}.key").read_bytes(), name
            )
        except (OSError, SealBroken) as broken:
            raise CardKeysError(f"the key of {name} cannot be opened") from broken
        key = load_der_private_key(opened, None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return Signatory(certificate, key)

    def _keep(self, role: str, made: Signatory) -> str:
        """Write the key first: a certificate without its key would be believed and of no use."""
        name = _name(role, made.certificate)
        plain = made.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        _write(self.folder / f"{name}.key", self.ring.sealer(self.line.sealed_as).seal(plain, name))
        _write(self.folder / f"{name}.crt", made.certificate.public_bytes(Encoding.DER))
        return name

    def _revoke(self, authority: Signatory, serials: frozenset[int], now: datetime) -> None:
        made = make_revocations(authority, serials, now)
        name = f"{_REVOKED}-{authority.certificate.serial_number:x}.crl"
        _write(self.folder / name, made.public_bytes(Encoding.DER))


def load_trust(folder: Path) -> Trust:
    """Every authority of the folder with its list of revoked signers; nobody where there is no folder.

    Raises:
        CardKeysError: a file is no certificate, or a list that its authority did not sign.
    """
    authorities = _load(folder, _AUTHORITY)
    lists = []
    for authority in authorities:
        path = folder / f"{_REVOKED}-{authority.serial_number:x}.crl"
        try:
            listed = x509.load_der_x509_crl(path.read_bytes())
        except (OSError, ValueError) as broken:
            raise CardKeysError(f"{path.name} cannot be read") from broken
        if not listed.is_signature_valid(authority.public_key()):  # type: ignore[arg-type]  # made here, EC
            raise CardKeysError(f"{path.name} is not signed by its authority")
        lists.append(listed)
    return Trust(tuple(authorities), tuple(lists))


def _load(folder: Path, role: str) -> list[x509.Certificate]:
    found = []
    for path in folder.glob(f"{role}-*.crt"):
        try:
            found.append(x509.load_der_x509_certificate(path.read_bytes()))
        except (OSError, ValueError) as broken:
            raise CardKeysError(f"{path.name} is no certificate") from broken
    return sorted(found, key=lambda each: each.not_valid_before_utc, reverse=True)


def _name(role: str, certificate: x509.Certificate) -> str:
    return f"{role}-{certificate.serial_number:x}"


def _write(path: Path, content: bytes) -> None:
    """The whole file or none of it, readable by its owner only."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
