"""The environment of a client: sensible without any variable, plain about every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.kit.settings import ClientSettings, Credentials, SettingsError, read_credentials


def test_nothing_set_means_this_machine() -> None:
    settings = ClientSettings.from_env("textbooks", {})
    assert settings.issuer == "http://localhost:8000"
    assert settings.base_url == "http://localhost:8004"
    assert settings.host_and_port == ("127.0.0.1", 8004)
    assert not settings.is_https


def test_every_mistake_is_named_at_once() -> None:
    wrong = {
        "BILIM_CABINET_ISSUER": "http://id.example.kz",
        "BILIM_CABINET_BASE_URL": "https://cabinet.example.kz/",
        "BILIM_CABINET_BIND": "8001",
        "BILIM_CABINET_LOG_FORMAT": "xml",
    }
    with pytest.raises(SettingsError) as caught:
        ClientSettings.from_env("cabinet", wrong)
    assert all(name in str(caught.value) for name in wrong)


def test_other_loopback_hosts_may_speak_http() -> None:
    variables = {"BILIM_CABINET_BASE_URL": "http://127.0.0.2:8001", "BILIM_CABINET_BIND": "127.0.0.2:8001"}
    assert ClientSettings.from_env("cabinet", variables).host_and_port == ("127.0.0.2", 8001)


def test_the_client_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "client.json"
    file.write_text('{"client_id": "cabinet", "client_secret": "s"}')
    file.chmod(0o600)
    assert read_credentials(file) == Credentials("cabinet", "s")


def test_a_client_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "client.json"
    file.write_text('{"client_id": "cabinet", "client_secret": "s"}')
    file.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod"):
        read_credentials(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"client_id": "a"}', '{"client_id": "a", "client_secret": 1}'])
def test_a_broken_client_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(SettingsError):
        read_credentials(file)


def test_a_missing_client_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="idp clients add"):
        read_credentials(tmp_path / "none.json")
