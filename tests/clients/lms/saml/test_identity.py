"""The key is made once, for its owner only, and a file that is not right is not used."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.kit.settings import ClientSettings, SettingsError
from clients.lms.saml.identity import Identity
from clients.lms.saml.settings import SamlSettings
from idp.core.clock import FixedClock
from tests.clients.lms.fake_idp import key


def test_the_key_is_made_at_the_first_start_and_stays(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, identity_file: Path
) -> None:
    made = Identity.kept(identity_file, host="localhost", now=clock.now())
    monkeypatch.setattr(Identity, "make", lambda *_: made)
    path = tmp_path / "lms.client.json"
    first = Identity.kept(path, host="localhost", now=clock.now())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["lms.client.json"]
    assert Identity.kept(path, host="localhost", now=clock.now()) == first
    assert first.secret not in repr(first)
    assert "PRIVATE" not in repr(first)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        Identity.kept(path, host="localhost", now=clock.now())
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="must hold"):
        Identity.kept(path, host="localhost", now=clock.now())
    with pytest.raises(SettingsError, match="cannot be written"):
        Identity.kept(tmp_path / "no" / "folder", host="localhost", now=clock.now())


def test_settings_name_the_idp_s_metadata_and_its_pinned_certificate(
    tmp_path: Path, lms_settings: ClientSettings
) -> None:
    default = SamlSettings.from_env(lms_settings, {})
    assert default.metadata_file == lms_settings.client_file.with_name("lms.idp-metadata.xml")
    assert default.is_copy
    file, pin = tmp_path / "idp.xml", tmp_path / "pin.pem"
    file.write_text("<a/>")
    pin.write_bytes(key("idp").certificate)
    named = SamlSettings.from_env(
        lms_settings, {"BILIM_LMS_IDP_METADATA": str(file), "BILIM_LMS_IDP_CERTIFICATE": str(pin)}
    )
    assert (named.metadata_file, named.is_copy) == (file, False)
    assert named.certificate == key("idp").certificate.decode()
    for name in ("BILIM_LMS_IDP_METADATA", "BILIM_LMS_IDP_CERTIFICATE"):
        with pytest.raises(SettingsError, match=name):
            SamlSettings.from_env(lms_settings, {name: str(tmp_path / "none")})
    with pytest.raises(SettingsError):
        SamlSettings.from_env(lms_settings, {"BILIM_LMS_IDP_CERTIFICATE": str(file)})
