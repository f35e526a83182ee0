"""The closed tables."""

from __future__ import annotations

from idp.xml import algorithms


def test_nothing_weak_is_in_a_table_that_matters() -> None:
    tables = (algorithms.SIGNATURES, algorithms.DIGESTS, algorithms.GCM, algorithms.CBC)
    names = [name.lower() for table in tables for name in table]
    assert not [
        name for name in names if any(weak in name for weak in ("sha1", "md5", "hmac", "dsa-sha1", "des", "1_5"))
    ]
    assert len(algorithms.SIGNATURES) == 6
    assert next(iter(algorithms.GCM)).endswith("aes256-gcm")


def test_names_of_elements_carry_their_namespace() -> None:
    assert algorithms.ds("Signature") == "{http://www.w3.org/2000/09/xmldsig#}Signature"
    assert algorithms.xenc("EncryptedData") == "{http://www.w3.org/2001/04/xmlenc#}EncryptedData"
