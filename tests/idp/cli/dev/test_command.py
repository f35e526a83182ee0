"""cli/dev/command: one command starts the stand-ins too, says how to sign with them, and stops them."""

from pathlib import Path

import pytest
import requests

from tests.fakes.servers import running_dev


def test_the_stand_ins_run_beside_the_idp_and_end_with_it(tmp_path: Path) -> None:
    with running_dev(tmp_path) as dev:
        chooser, nca = dev.urls["ncalayer"], dev.urls["nca"]
        assert "NCALayer stand-in" in requests.get(f"{chooser}/?key=saule", timeout=5).text
        assert requests.get(f"{nca}/crl/base.crl", timeout=5).content[:1] == b"\x30"
        assert requests.get(f"{dev.urls['idp']}/login/eds_ncalayer", timeout=10).status_code == 200
    assert f"{chooser}/" in dev.program.text()
    assert "idp dev phone" in dev.program.text()
    for gone in (chooser, nca):
        with pytest.raises(requests.ConnectionError):
            requests.get(gone, timeout=5)
