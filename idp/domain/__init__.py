"""Frozen values of the provider: what is asked, what is known, what is decided. Nothing here does I/O."""
