"""Names of the specifications: each once."""

from __future__ import annotations

from idp.saml import names


def test_a_name_is_written_as_lxml_writes_it() -> None:
    assert names.q(names.MD, "EntityDescriptor") == "{urn:oasis:names:tc:SAML:2.0:metadata}EntityDescriptor"


def test_no_name_stands_twice() -> None:
    uris = [value for name, value in vars(names).items() if name.isupper() and ":" in value]
    assert len(uris) > 50
    assert len(set(uris)) == len(uris)
