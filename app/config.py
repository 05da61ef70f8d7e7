"""Settings: read once from TIMESINK_* when a process starts, refused by name and value when they make no sense."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent


SECRETS = Path("/run/secrets")  # where containers are given files that no list of processes or settings shows


class SettingsError(Exception):
    """A setting that cannot be used; the message names it, its value and what is wrong."""


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("give scheme, host and port only, such as https://timesink.example or http://10.0.0.5:8000")
    return value.rstrip("/").lower()


def _database_url(value: str) -> str:
    if value.startswith("postgresql://"):
        return value.replace("postgresql://", "postgresql+psycopg://", 1)
    if value.startswith("postgresql+psycopg://"):
        return value
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///") and ":memory:" not in value:
        return value
    raise ValueError("give sqlite:////absolute/path.db (a file) or postgresql://user:password@host/database")


def _comma_separated(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _absolute(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("give the whole path, from the root")
    return value


Origin = Annotated[str, AfterValidator(_origin)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TIMESINK_", frozen=True, extra="forbid")

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default=f"sqlite:///{CHECKOUT / 'data' / 'timesink.db'}",
        validate_default=True,
        description="Where everything is kept: a SQLite file, or a PostgreSQL database.",
    )
    base_url: Origin | None = Field(
        default=None,
        description="The address people type, such as https://timesink.example; links and the origin check use it. "
        "Unset: the address that `serve` printed last.",
    )
    lan_origins: Annotated[list[Origin], NoDecode, BeforeValidator(_comma_separated)] = Field(
        default=[],
        description="Further addresses under which phones reach this server over plain http, separated by commas, "
        "such as http://10.0.0.5:8000.",
    )
    forwarded_allow_ips: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Addresses of the proxies in front whose X-Forwarded-* headers are believed.",
    )
    login_idle_days: int = Field(
        default=14, ge=1, le=365, description="Days without use after which a login ends. Waiting taps are kept."
    )
    login_days: int = Field(default=90, ge=1, le=730, description="Days after which a login ends in any case.")
    invitation_hours: int = Field(
        default=72, ge=1, le=720, description="Hours for which an invitation or set-up link works."
    )
    backup_dir: Annotated[Path, AfterValidator(_absolute)] | None = Field(
        default=None,
        description="A folder, on another disk if there is one: set, `serve` makes a backup there on schedule. "
        "Unset: no backups but those you make.",
    )
    backup_every_hours: int = Field(default=24, ge=1, le=168, description="Hours from one backup to the next.")
    backup_keep: int = Field(
        default=14, ge=1, le=1000, description="How many backups on schedule are kept; older ones are deleted."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much the server writes to its log."
    )


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process: environment, else files in SECRETS named like the variables, in small letters.

    Raises SettingsError naming each bad one with its value.
    """
    try:
        return Settings(_secrets_dir=SECRETS if SECRETS.is_dir() else None, **overrides)
    except ValidationError as error:
        faults = [
            f"TIMESINK_{str(fault['loc'][0]).upper()}={fault['input']!r}: {fault['msg']}" for fault in error.errors()
        ]
        raise SettingsError("\n".join(faults)) from None
