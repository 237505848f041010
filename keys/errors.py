"""The errors of this package; each carries a language-free `code` for logs and statistics."""


class KeyRefused(RuntimeError):
    """A key, key folder or root key may not be used; the text names the fault and the remedy."""

    def __init__(self, code: str, description: str) -> None:
        self.code = code
        super().__init__(f"{code}: {description}")


class VerificationFailed(ValueError):
    """A token was refused. `code` says why; `unknown_kid` is the one worth re-fetching a key set for."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class DecryptionFailed(ValueError):
    """An encrypted token was refused. `code` says why, and the same for every failure under the key."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class SealBroken(ValueError):
    """A sealed value does not open: altered, moved to another record or purpose, or its key is gone."""

    def __init__(self, code: str = "seal_broken") -> None:
        self.code = code
        super().__init__(code)
