"""Settings are refused by name and value when they make no sense, and every one of them is documented."""

import re
from pathlib import Path

import pytest

from app import config
from app.config import CHECKOUT, Settings, SettingsError, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/timesink"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("BASE_URL", "timesink.example"),
        ("BASE_URL", "https://timesink.example/app"),
        ("LAN_ORIGINS", "http://10.0.0.5:8000,10.0.0.6"),
        ("LOGIN_DAYS", "0"),
        ("LOGIN_IDLE_DAYS", "soon"),
        ("INVITATION_HOURS", "1e9"),
        ("BACKUP_DIR", "backups"),
        ("BACKUP_EVERY_HOURS", "0"),
        ("BACKUP_KEEP", "none"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_setting_is_refused_by_name_and_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"TIMESINK_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert f"TIMESINK_{name}=" in str(refused.value)
    assert value.split(",")[-1] in str(refused.value)


def test_addresses_are_taken_apart_and_made_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMESINK_BASE_URL", "https://Timesink.Example/")
    monkeypatch.setenv("TIMESINK_LAN_ORIGINS", "http://10.0.0.5:8000, http://clinic.test")
    monkeypatch.setenv("TIMESINK_DATABASE_URL", "postgresql://me:secret@db/timesink")
    settings = load_settings()
    assert settings.base_url == "https://timesink.example"
    assert settings.lan_origins == ["http://10.0.0.5:8000", "http://clinic.test"]
    assert settings.database_url == "postgresql+psycopg://me:secret@db/timesink"


def test_a_secret_may_stand_in_a_file_that_a_container_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TIMESINK_DATABASE_URL", raising=False)
    monkeypatch.setattr(config, "SECRETS", tmp_path)
    (tmp_path / "timesink_database_url").write_text("postgresql://me:secret@db/timesink\n")
    (tmp_path / "something_else").write_text("of another service")
    assert load_settings().database_url == "postgresql+psycopg://me:secret@db/timesink"
    monkeypatch.setenv("TIMESINK_DATABASE_URL", "sqlite:////srv/timesink.db")
    assert load_settings().database_url == "sqlite:////srv/timesink.db"


def test_unset_the_database_is_a_file_in_the_checkout_from_wherever_it_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TIMESINK_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    assert load_settings().database_url == f"sqlite:///{CHECKOUT}/data/timesink.db"


def test_what_the_files_for_containers_set_is_a_setting() -> None:
    known = {f"TIMESINK_{name.upper()}" for name in Settings.model_fields} | {"TIMESINK_HOST"}  # the last is Caddy's
    for file in ("compose.yaml", "Caddyfile", "Dockerfile"):
        named = re.findall(r"timesink_[a-z_]*[a-z]", (CHECKOUT / file).read_text("utf-8"), re.IGNORECASE)
        assert {name.upper() for name in named} <= known, file


def test_every_setting_says_what_it_is_for_and_stands_in_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no description"
        assert f"TIMESINK_{name.upper()}" in readme, f"TIMESINK_{name.upper()} is not in README.md"
