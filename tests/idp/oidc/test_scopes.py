"""oidc/scopes: which claims a scope stands for, and who gets them."""

from idp.oidc.scopes import (
    ALL_CLAIMS,
    IDENTITY_SCOPES,
    MODULE_SCOPES,
    NAMED_ONLY,
    PERSON_SCOPES,
    claims_for,
    has_only_scope_characters,
    split,
)


def test_scope_and_approval_must_both_name_a_claim() -> None:
    assert claims_for(["openid", "profile"], ["name", "email"]) == ("name",)
    assert claims_for(["email", "profile"], ["email", "name"]) == claims_for(["profile", "email"], ["name", "email"])
    assert claims_for(["openid", "offline_access", "canteen:read"], ALL_CLAIMS) == ()


def test_words_are_split_in_order_and_once() -> None:
    assert split(" openid  profile openid ") == ("openid", "profile")
    assert split("") == ()


def test_characters_of_a_scope() -> None:
    assert has_only_scope_characters("canteen:read")
    assert not any(has_only_scope_characters(word) for word in ("", 'a"b', "a\\b", "ә", "a\tb"))


def test_what_a_person_allows_is_no_clients_own() -> None:
    assert set(PERSON_SCOPES) <= IDENTITY_SCOPES
    assert not set(PERSON_SCOPES) & set(MODULE_SCOPES)
    assert claims_for(PERSON_SCOPES, ALL_CLAIMS) == ()


def test_the_sensitive_claims_exist() -> None:
    assert set(ALL_CLAIMS) >= NAMED_ONLY
