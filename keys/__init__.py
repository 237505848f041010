"""Keys: purposes, ring, rotation, signing, strict verification, encryption, sealing, Merkle mathematics, shown cards.

Code only, never key material. Other packages import from here: `from keys import KeyRing, KeyPurpose`.
"""

from keys import merkle, shown_card
from keys.decryption import Decrypted, DecryptionKeys
from keys.encryption import CONTENT_ENCRYPTION, DEFAULT_CONTENT_ENCRYPTION, Recipient
from keys.errors import DecryptionFailed, KeyRefused, SealBroken, VerificationFailed
from keys.material import thumbprint
from keys.public_key_set import PublicKeySet
from keys.purposes import KEY_MANAGEMENT, Algorithm, KeyPurpose
from keys.ring import KeyRing
from keys.sealing import Sealer
from keys.shared_secret import verify_with_secret
from keys.signing import Signer
from keys.states import KeyRecord, KeyState

__all__ = [
    "CONTENT_ENCRYPTION",
    "DEFAULT_CONTENT_ENCRYPTION",
    "KEY_MANAGEMENT",
    "Algorithm",
    "Decrypted",
    "DecryptionFailed",
    "DecryptionKeys",
    "KeyPurpose",
    "KeyRecord",
    "KeyRefused",
    "KeyRing",
    "KeyState",
    "PublicKeySet",
    "Recipient",
    "SealBroken",
    "Sealer",
    "Signer",
    "VerificationFailed",
    "merkle",
    "shown_card",
    "thumbprint",
    "verify_with_secret",
]
