"""Where facts come from and decisions become true: PostgreSQL for what lasts, Redis for what does not."""

from idp.storage.opening import Storage, open_storage

__all__ = ["Storage", "open_storage"]
