"""Every refusal has its words."""

from __future__ import annotations

import pytest

from idp.saml.metadata_errors import REASONS, REMARKS, MetadataRefused


@pytest.mark.parametrize("code", REASONS)
def test_a_refusal_says_why_in_public_words(code: str) -> None:
    refused = MetadataRefused(code, detail="for the log")
    assert (refused.code, refused.description, refused.detail) == (code, REASONS[code], "for the log")


def test_a_remark_is_never_taken_for_a_refusal() -> None:
    assert not set(REASONS) & set(REMARKS)
    with pytest.raises(KeyError):
        MetadataRefused("key_unusable")
