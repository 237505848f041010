"""What services and steps import: the warm process imports it once, before it becomes them.

Nothing that starts a thread (as numpy does): a fork copies only the thread that forks.
"""

PRELOADED = (
    *("uvicorn", "uvloop", "httptools", "fastapi", "starlette.middleware.sessions", "pydantic", "jinja2"),
    *("sqlalchemy.ext.asyncio", "sqlalchemy.dialects.postgresql.asyncpg", "asyncpg", "redis.asyncio"),
    *("httpx2", "authlib.integrations.starlette_client", "authlib.oauth2.rfc6749", "authlib.oidc.core"),
    *("joserfc.jwt", "cryptography.x509", "orjson", "babel.messages.pofile", "aiosmtplib", "aiosmtpd.smtp"),
    *("alembic.command", "web", "keys"),
    *("clients.portal_kit.application", "idp.app", "population_registry.app"),
)
