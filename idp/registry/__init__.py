"""The population registry seen from the provider."""

from idp.registry.http import HttpRegistry

__all__ = ["HttpRegistry"]
