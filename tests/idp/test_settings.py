"""settings: all mistakes at once, secrets as files."""

import base64
from pathlib import Path

import pytest

from idp.settings import Settings, SettingsError, read_master_key


def test_an_empty_environment_is_safe() -> None:
    settings = Settings.from_env({})
    assert settings.env == "production"
    assert settings.trusted_proxies == 0
    assert not settings.is_https


def test_every_mistake_is_named_at_once() -> None:
    wrong = {"IDP_ISSUER": "ftp://x/", "IDP_ENV": "test", "IDP_LOG_FORMAT": "xml", "IDP_TRUSTED_PROXIES": "many"}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(wrong)
    assert all(name in str(caught.value) for name in wrong)


def test_production_needs_https_beyond_this_machine() -> None:
    with pytest.raises(SettingsError, match="https"):
        Settings.from_env({"IDP_ISSUER": "http://id.mektep12.example"})
    assert Settings.from_env({"IDP_ISSUER": "http://id.mektep12.example", "IDP_ENV": "dev"}).is_dev


def test_the_database_password_is_masked() -> None:
    settings = Settings.from_env({"IDP_DATABASE_URL": "postgresql+psycopg://idp:s3cret@db/idp"})
    assert "s3cret" not in str(settings.masked())


def test_a_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(base64.b64encode(bytes(32)).decode())
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_master_key(path)
    path.chmod(0o600)
    assert read_master_key(path) == bytes(32)


def test_a_missing_or_short_master_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="idp keys init"):
        read_master_key(tmp_path / "none")
    path = tmp_path / "short.key"
    path.write_text("AAAA")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="32 bytes"):
        read_master_key(path)


def test_the_domain_of_scoped_values_is_the_issuer_s_host_unless_it_is_named() -> None:
    assert Settings.from_env({"IDP_ISSUER": "https://id.mektep12.example"}).domain == "id.mektep12.example"
    assert Settings.from_env({"IDP_SAML_SCOPE": "mektep12.example"}).domain == "mektep12.example"
    for wrong in ({"IDP_SAML_SCOPE": "Мектеп"}, {"IDP_CONTACT_MAIL": "nobody"}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            Settings.from_env(wrong)


def test_mail_needs_a_server_a_sender_and_a_closed_line() -> None:
    good = {
        "smtps://id:s3cret@mail.example:465": True, "smtp://mail.example:587?starttls=1": True,
        "smtp://127.0.0.1:2525": True, "smtp://mail.example": False, "http://mail.example": False,
        "smtp://mail.example?starttls=2": False, "smtps://": False, "smtps://mail.example:port": False,
    }  # fmt: skip
    for url, is_good in good.items():
        environ = {"IDP_SMTP_URL": url, "IDP_MAIL_FROM": "id@mektep.example"}
        if is_good:
            assert Settings.from_env(environ).smtp_url == url
        else:
            with pytest.raises(SettingsError, match="IDP_SMTP_URL"):
                Settings.from_env(environ)
    assert Settings.from_env({"IDP_SMTP_URL": "smtp://mail.example", "IDP_MAIL_FROM": "a@b", "IDP_ENV": "dev"})
    for sender in ("", "nobody", "a@b\nBcc: c@d"):
        with pytest.raises(SettingsError, match="IDP_MAIL_FROM"):
            Settings.from_env({"IDP_SMTP_URL": "smtp://127.0.0.1", "IDP_MAIL_FROM": sender})
    with pytest.raises(SettingsError, match="IDP_SECOND_FACTOR"):
        Settings.from_env({"IDP_SECOND_FACTOR": "all"})
    assert "s3cret" not in str(Settings(smtp_url="smtps://id:s3cret@mail.example").masked())
