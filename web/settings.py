"""Settings of a service: one frozen value, read once from the environment, printed redacted, refused when unsafe."""

import os
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, ClassVar, Self, cast

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})
DEVELOPMENT_MARK = "DEVELOPMENT"
MIN_SECRET = 32


class Mode(StrEnum):
    """What the service runs for: the demo on one machine, or real people."""

    DEMO = "demo"
    PRODUCTION = "production"


class SettingsError(ValueError):
    """A setting is missing or cannot be read."""


class UnsafeSetting(SettingsError):
    """A setting that must not meet real people; says which and what to do."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"{name} is unsafe in production: {remedy}")
        self.name = name
        self.remedy = remedy


class Secret(str):
    """A text that is never printed by a repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


def setting(default: Any = MISSING, *, env: str | None = None, demo_only: bool = False) -> Any:
    """A field of settings: its variable (else its name in capitals) and whether only a demo may change it."""
    return field(default=default, metadata={"env": env, "demo_only": demo_only})


@dataclass(frozen=True, kw_only=True, repr=False)
class BaseSettings:
    """What every service must know.

    Each field is read from the variable of its name in capitals, or, for a `Secret`, also from the file that
    ``<NAME>_FILE`` names. Raises `SettingsError` naming every missing or unreadable setting at once.
    ``tls_certificate`` and ``tls_key`` are `web.serving`'s; ``trust_anchors`` is a PEM file of authorities, beside
    the system's, that vouch for the other services of the deployment (`web.anchors`).
    """

    service: ClassVar[str] = "service"

    mode: Mode = setting(Mode.DEMO, env="DINHDANH_MODE")
    public_url: str = setting()
    session_secret: Secret | None = setting(None)
    log_level: str = setting("INFO")
    tls_certificate: Path | None = setting(None)
    tls_key: Path | None = setting(None)
    trust_anchors: Path | None = setting(None)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings from the environment (or a mapping, in tests)."""
        source = os.environ if environ is None else environ
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for each in fields(cls):
            name = variable(each)
            try:
                text = read_text(name, hints[each.name], source)
                if text is not None:
                    values[each.name] = converted(text, hints[each.name])
                elif each.default is MISSING and each.default_factory is MISSING:
                    wrong.append(f"{name} is missing")
            except (ValueError, OSError) as error:
                wrong.append(f"{name} cannot be read ({type(error).__name__})")
        if wrong:
            raise SettingsError("; ".join(wrong))
        return cls(**values)

    def __post_init__(self) -> None:
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))

    def __repr__(self) -> str:
        shown = ", ".join(f"{each.name}={redacted(getattr(self, each.name))}" for each in fields(self))
        return f"{type(self).__name__}({shown})"

    @property
    def https(self) -> bool:
        """Whether people reach the service over https."""
        return self.public_url.startswith("https://")

    @property
    def demo(self) -> bool:
        """Whether this is a demo."""
        return self.mode is Mode.DEMO

    def unsafe(self) -> Iterator[UnsafeSetting]:
        """Every setting that must not meet real people. A service adds its own to ``super().unsafe()``."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and value.startswith("http://"):
                yield UnsafeSetting(variable(each), "give an https:// address")
            if each.metadata.get("demo_only") and value != each.default:
                yield UnsafeSetting(variable(each), "remove it: it is a switch of the demo")
            if isinstance(value, Path) and (value / DEVELOPMENT_MARK).exists():
                yield UnsafeSetting(
                    variable(each), "make production keys: these are marked as development keys"
                )
            if isinstance(value, Secret) and "secret" in each.name and len(value) < MIN_SECRET:
                yield UnsafeSetting(variable(each), f"give at least {MIN_SECRET} random characters")
        if self.session_secret is None:
            yield UnsafeSetting("SESSION_SECRET_FILE", "name a file with at least 32 random characters")

    def refuse_unsafe(self) -> None:
        """In production, raise the first `UnsafeSetting`; in a demo, do nothing."""
        if self.mode is Mode.PRODUCTION:
            for finding in self.unsafe():
                raise finding


def variable(each: Field[Any]) -> str:
    """The environment variable of a field."""
    return cast("str", each.metadata.get("env") or each.name.upper())


def kind_of(hint: Any) -> Any:
    """The type inside ``X | None``."""
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return next(part for part in typing.get_args(hint) if part is not types.NoneType)
    return hint


def read_text(name: str, hint: Any, source: Mapping[str, str]) -> str | None:
    """The text of a setting, from its variable or, for a secret, from the file that ``<name>_FILE`` names."""
    if kind_of(hint) is Secret and source.get(f"{name}_FILE"):
        return Path(source[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
    text = source.get(name)
    return text or None


def converted(text: str, hint: Any) -> Any:
    """A text as a field's type; raises `ValueError` when it is none."""
    kind = kind_of(hint)
    if kind is bool:
        if text.lower() not in TRUE | FALSE:
            raise ValueError("not a yes or no")
        return text.lower() in TRUE
    if typing.get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(kind, type) and issubclass(kind, str | int | float | Path | Enum):
        return kind(text)
    raise TypeError(f"settings of type {kind} are not supported")


def redacted(value: Any) -> str:
    """How a value is printed: secrets not at all, addresses without their password."""
    if isinstance(value, str) and not isinstance(value, Secret) and "://" in value and "@" in value:
        scheme, _, rest = value.partition("://")
        return repr(f"{scheme}://…@{rest.rpartition('@')[2]}")
    return repr(value)
