"""services/sign_in: the parts of signing in, put together."""

from tests.factories.factor_ground import FactorGround


def test_passkeys_are_for_the_host_of_the_issuer_and_mail_for_who_can_send_it(ground: FactorGround) -> None:
    sign_in = ground.parts.sign_in
    assert tuple(sign_in.ways) == ("passkey", "totp", "recovery")
    assert '"id": "localhost"' in sign_in.factors.begin_passkey(ground.person(), bound="s")
    assert sign_in.by_mail.can_send
    assert sign_in.second is sign_in.second
