"""`idp audit`: exit 0 for a whole chain, 1 for a broken one, and a checkpoint to keep elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from idp.cli import Work
from idp.cli.audit import audit
from idp.cli.keys import make_master_key
from idp.parts import Parts


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    secret = tmp_path / "master.key"
    make_master_key(secret)
    for name, value in (("ENV", "dev"), ("DATABASE_URL", sqlite_url), ("SECRET_FILE", str(secret))):
        monkeypatch.setenv(f"IDP_{name}", value)
    found: Parts = Work().parts
    found.keys.init()
    return found


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(audit, arguments, obj=Work())
    return result.exit_code, result.output


def test_a_chain_is_sealed_kept_verified_and_broken(parts: Parts, tmp_path: Path) -> None:
    assert _run("checkpoint")[0] == 1
    code, said = _run("verify")
    assert (code, "not sealed yet: 1" in said) == (0, True)
    assert parts.audit_chain.seal() == 1
    assert parts.audit_chain.seal() == 1
    code, kept = _run("checkpoint")
    assert code == 0
    (tmp_path / "kept").write_text(kept)
    code, said = _run("verify", "--json", "--against", str(tmp_path / "kept"))
    report = json.loads(said)
    assert (code, report["is_whole"], report["links"], report["checkpoints"]) == (0, True, 2, 1)
    with parts.uow.write() as tx:
        tx.connection.execute(text("DROP TRIGGER audit_events_no_update"))
        tx.connection.execute(text("UPDATE audit_events SET event = 'x' WHERE event = 'keys_made'"))
    code, said = _run("verify")
    assert code == 1
    assert "changed at link 1" in said
    assert "the chain is broken: 1 findings" in said
