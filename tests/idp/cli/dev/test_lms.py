"""cli/dev/lms: the demo registers its own SAML service provider as anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.cli.dev.addresses import parse
from idp.cli.dev.folder import Folder
from idp.cli.dev.lms import described_by_itself, register_lms
from idp.parts import Parts, build
from idp.saml.sp_metadata import read_document
from idp.settings import Settings
from tests.factories.rows import add_school
from tests.factories.saml_metadata import entity


@pytest.fixture
def parts(sqlite_url: str) -> Iterator[Parts]:
    made = build(Settings(database_url=sqlite_url, env="dev"))
    yield made
    made.engine.dispose()


def test_it_is_registered_for_every_school_and_follows_its_address(parts: Parts, tmp_path: Path) -> None:
    with parts.uow.write() as tx:
        school = add_school(tx)
    home = Folder(tmp_path, parse(["lms=http://localhost:9005"]), "")
    assert home.speaks_saml("lms")
    described = described_by_itself(home, "lms")
    (asked,) = read_document(described, now=parts.clock.now())
    moved = {"http://localhost:8005": entity(entity_id="http://localhost:8005/saml/metadata")}
    for base, document in (moved | {"http://localhost:9005": described}).items():
        for _ in range(2):
            register_lms(parts, document, base_url=base, logo="data:image/png;base64,AAAA")
        (brief,) = parts.saml_providers.list()
        record = parts.saml_providers.show(brief["client_id"])
        assert record["entity_id"] == f"{base}/saml/metadata"
        assert (record["consent"], record["schools"], record["valid_until"]) == ("ask", [school], None)
        assert record["initiate_login_uri"] == f"{base}/login"
    assert record["client_name#kk"] == "Сабақтар"
    required = {one.friendly_name for one in asked.attribute_services[0].attributes if one.is_required}
    assert "pairwise-id" in required
    assert {"pairwise-id", "displayName", "bilimRoles", "bilimClasses"} <= set(record["attributes"])
