"""services/consent_channels: each way brings its proof, or says why it cannot."""

from __future__ import annotations

import pytest

from idp.core.errors import Invalid, Unavailable
from idp.services.consent_channels import EdsChannel, MfaChannel, PaperChannel
from tests.factories.consent_ground import ConsentGround


def test_ways_that_are_off_say_why(consent_ground: ConsentGround) -> None:
    """No certificates are trusted here, and no state service is configured."""
    acts, nurlan, text_id = consent_ground.desk.acts, consent_ground.people["nurlan"], consent_ground.publish()
    assert [channel.name for channel in consent_ground.desk.channels] == ["mfa", "eds", "paper", "kdp"]
    assert acts.channel("mfa").why_off() == acts.channel("paper").why_off() == ""
    assert (bool(acts.channel("eds").why_off()), acts.channel("kdp").why_off()) == (True, "kdp_not_configured")
    for name, code in (("eds", "eds_off"), ("kdp", "kdp_off")):
        with pytest.raises(Unavailable) as off:
            acts.give(consent_ground.hand("gulnara"), nurlan, text_id, channel=name)
        assert off.value.code == code
    with pytest.raises(Invalid):
        acts.channel("fax")
    assert {EdsChannel.name, MfaChannel.name, PaperChannel.name} <= {"eds", "mfa", "paper"}
