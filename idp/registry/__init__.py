"""The population registry seen from the provider."""

from idp.registry.http import CLIENT_ID, HttpRegistry

__all__ = ["CLIENT_ID", "HttpRegistry"]
