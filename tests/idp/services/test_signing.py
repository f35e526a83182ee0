"""services/signing: whose signature counts, exactly one of several, and what is kept."""

from __future__ import annotations

import base64
import threading

import pytest
from sqlalchemy import select

from idp.core.errors import BilimError, Conflict, Denied, NotFound, TooSoon
from idp.eds.errors import BadSignature, EdsRefused, Malformed, NcaUnavailable, OtherDocument, Revoked, WrongHolder
from idp.store.models.audit import AuditEvent
from tests.factories.rows import add_school
from tests.factories.signing_ground import CLIENT, DIRECTOR_IIN, OTHER_BIN, TEACHER_IIN, TEXT, SigningGround

PLACE = "192.0.2.7"


def test_a_director_signs_for_the_school(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    paper = ground.parts.signing.look(request_id, ground.director)
    assert (paper.state, paper.may_sign, paper.is_named, paper.has_iin) == ("waiting", True, False, True)
    assert [one.school.id for one in paper.capacities] == [ground.school]
    ground.sign(request_id)
    kept = ground.parts.signing.kept(request_id, ground.director)
    assert (kept.paper.state, kept.paper.is_mine, kept.document) == ("signed", True, TEXT)
    assert kept.signer["organisation"] == "«№ 12 МЕКТЕП-ГИМНАЗИЯ» КММ"
    assert kept.signer["roles"] == ["head"]
    assert (kept.signer["is_production"], kept.received_at) == (False, ground.clock.now())
    assert kept.paper.proven_at == ground.clock.now()
    assert kept.evidence.timestamp is not None
    assert len(kept.authorities) == 2
    assert DIRECTOR_IIN not in str(kept.paper.signature)
    (event,) = ground.events("document_signed")
    assert event["request"] == request_id
    assert DIRECTOR_IIN not in str(event)


def test_a_person_named_signs_with_a_key_of_their_own(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask(subs=[ground.sub(ground.teacher)])
    ground.sign(request_id, ground.teacher, ground.person_key(TEACHER_IIN))
    kept = ground.parts.signing.kept(request_id, ground.teacher)
    assert (kept.signer["bin"], kept.signer["roles"]) == ("", ["person"])


def test_a_second_click_changes_nothing(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    cms = ground.sign(request_id)
    ground.parts.signing.sign(request_id, ground.director, cms, place=PLACE)
    assert len(ground.events("document_signed")) == 1


@pytest.mark.parametrize("who", ["stranger", "same role elsewhere", "role ended", "named for another client"])
def test_nobody_else_may_know_of_it(signing_ground: SigningGround, who: str) -> None:
    ground = signing_ground
    request_id = ground.ask(roles=[ground.director_role], subs=[ground.sub(ground.teacher)])
    person = ground.person("visitor")
    if who == "same role elsewhere":
        ground.membership(person, "director", ground.other_school)
    elif who == "role ended":
        ground.membership(person, "director", end=ground.clock.now().date())
    elif who == "named for another client":
        other = ground.register("attendance", bilim_sector="attendance", bilim_schools=[ground.school])
        request_id = ground.ask(subs=[ground.sub(person, other)])
    for act in (ground.parts.signing.look, ground.parts.signing.document, ground.parts.signing.decline):
        with pytest.raises(Denied) as caught:
            act(request_id, person)
        assert caught.value.code == "not_for_you"
    with pytest.raises(NotFound):
        ground.parts.signing.look("0" * 32, ground.director)


def test_a_client_switched_off_since_asks_nobody_any_more(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.register("canteen", bilim_schools=[])
    with pytest.raises(Denied) as caught:
        ground.parts.signing.look(request_id, ground.director)
    assert caught.value.code == "not_for_you"
    named = ground.ask(subs=[ground.sub(ground.director)])
    ground.parts.clients.disable("canteen")
    with pytest.raises(Denied) as caught:
        ground.parts.signing.look(named, ground.director)
    assert caught.value.code == "client_disabled"


def refused(ground: SigningGround, request_id: str, cms: str, person: str = "") -> BilimError:
    with pytest.raises(BilimError) as caught:
        ground.parts.signing.sign(request_id, person or ground.director, cms, place=PLACE)
    assert ground.parts.signing.look(request_id, ground.director).state == "waiting"
    return caught.value


def test_the_signature_of_somebody_else_is_refused_and_written_down(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    error = refused(ground, request_id, ground.cms(ground.head_key(TEACHER_IIN)))
    assert isinstance(error, WrongHolder)
    assert ground.events("signature_refused") == [{"request": request_id, "why": "eds_wrong_holder"}]


def test_an_account_without_an_iin_cannot_sign(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    person = ground.person("deputy")
    ground.membership(person, "director")
    assert refused(ground, request_id, ground.cms(ground.head_key()), person).code == "eds_account_without_iin"
    with pytest.raises(Denied) as caught:
        ground.parts.signing.check_open(request_id, person)
    assert caught.value.code == "eds_account_without_iin"


def test_an_organisation_certificate_is_that_of_the_school_or_of_nobody(signing_ground: SigningGround) -> None:
    ground = signing_ground
    foreign = ground.cms(ground.head_key(number=OTHER_BIN))
    assert refused(ground, ground.ask(), foreign).code == "eds_wrong_organisation"
    # Named in person, somebody signs for nobody else.
    named = ground.ask(subs=[ground.sub(ground.director)])
    assert refused(ground, named, ground.cms(ground.head_key())).code == "eds_wrong_holder"


@pytest.mark.parametrize(("wanted", "is_head"), [("person", True), ("organisation", False)])
def test_the_kind_of_certificate_is_the_one_asked_for(
    signing_ground: SigningGround, wanted: str, is_head: bool
) -> None:
    ground = signing_ground
    request_id = ground.ask(roles=[ground.director_role], certificate=wanted)
    right, wrong = ground.person_key(), ground.head_key()
    if wanted == "organisation":
        right, wrong = wrong, right
    assert isinstance(refused(ground, request_id, ground.cms(wrong)), WrongHolder)
    ground.sign(request_id, key=right)


@pytest.mark.parametrize(
    ("content", "error"), [(b"another document", OtherDocument), (TEXT + b" ", OtherDocument), (None, Malformed)]
)
def test_what_was_signed_is_this_document(
    signing_ground: SigningGround, content: bytes | None, error: type[EdsRefused]
) -> None:
    ground = signing_ground
    cms = "bm90aGluZw==" if content is None else ground.cms(ground.head_key(), content)
    assert isinstance(refused(ground, ground.ask(), cms), error)


def test_a_broken_signature_is_refused(signing_ground: SigningGround) -> None:
    ground = signing_ground
    made = ground.nca.cms(ground.head_key(), TEXT, at=ground.clock.now(), signature="flipped")
    assert isinstance(refused(ground, ground.ask(), base64.b64encode(made).decode()), BadSignature)


def test_a_revoked_certificate_is_refused(signing_ground: SigningGround) -> None:
    ground = signing_ground
    key = ground.head_key()
    ground.nca.revoke(key, ground.clock.now())
    assert isinstance(refused(ground, ground.ask(), ground.cms(key)), Revoked)


def test_silence_of_the_nca_refuses_and_is_no_failure_of_the_person(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id, cms = ground.ask(), ground.cms(ground.head_key())
    ground.is_away = True
    for _ in range(8):
        assert isinstance(refused(ground, request_id, cms), NcaUnavailable)
    ground.is_away = False
    ground.parts.signing.sign(request_id, ground.director, cms, place=PLACE)


def test_trying_keys_one_after_another_is_slowed_down(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    for _ in range(6):
        refused(ground, request_id, "AAAA")
    assert isinstance(refused(ground, request_id, "AAAA"), TooSoon)


def test_of_many_at_once_exactly_one_signs(signing_ground: SigningGround) -> None:
    """Two directors of one school and a double click of each."""
    ground = signing_ground
    other = ground.person("second", "900101350017")
    ground.membership(other, "director")
    request_id = ground.ask()
    hands = [(ground.director, ground.cms(ground.head_key()))] * 3
    hands += [(other, ground.cms(ground.head_key("900101350017")))] * 3
    outcomes: list[str] = []
    barrier = threading.Barrier(len(hands))

    def act(person: str, cms: str) -> None:
        barrier.wait()
        try:
            ground.parts.signing.sign(request_id, person, cms, place=PLACE)
            outcomes.append(person)
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=act, args=hand) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = ground.parts.signing.kept(request_id, ground.director).paper.row.person_id or ""
    assert sorted(outcomes) == sorted([winner] * 3 + ["signing_closed"] * 3)
    assert len(ground.events("document_signed")) == 1


@pytest.mark.parametrize("ending", ["declined", "cancelled", "expired", "signed"])
def test_what_is_over_stays_over(signing_ground: SigningGround, ending: str) -> None:
    ground = signing_ground
    other = ground.person("second", "900101350017")
    ground.membership(other, "director")
    request_id, cms = ground.ask(), ground.cms(ground.head_key())
    if ending == "declined":
        ground.parts.signing.decline(request_id, other)
        ground.parts.signing.decline(request_id, other)
    elif ending == "cancelled":
        ground.parts.signing_requests.cancel(ground.client, request_id)
    elif ending == "expired":
        ground.clock.advance(days=7)
    else:
        ground.sign(request_id, other, ground.head_key("900101350017"))
    with pytest.raises(Conflict) as caught:
        ground.parts.signing.sign(request_id, ground.director, cms, place=PLACE)
    assert caught.value.code == "signing_closed"
    for act in (ground.parts.signing.decline, ground.parts.signing.check_open):
        with pytest.raises(Conflict) as caught:
            act(request_id, ground.director)
        assert caught.value.code == "signing_closed"
    paper = ground.parts.signing.look(request_id, ground.director)
    assert (paper.state, paper.is_mine) == (ending, False)
    assert len(ground.events("document_declined")) == (ending == "declined")


def test_who_has_left_keeps_what_they_signed(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.sign(request_id)
    ground.register("canteen", bilim_schools=[])
    ground.parts.clients.disable("canteen")
    assert ground.parts.signing.kept(request_id, ground.director).document == TEXT


def test_a_right_that_ended_while_the_nca_was_asked_signs_nothing(signing_ground: SigningGround) -> None:
    """Named in person as well: the role is gone, and with it the right to use the school's certificate."""
    ground = signing_ground
    request_id = ground.ask(roles=[ground.director_role], subs=[ground.sub(ground.director)])
    ground.meanwhile = lambda: ground.register("canteen", bilim_schools=[])
    assert isinstance(refused(ground, request_id, ground.cms(ground.head_key())), WrongHolder)
    assert ground.asked == 1
    assert ground.events("signature_refused")


def test_what_a_phone_brought_for_one_document_signs_no_other(signing_ground: SigningGround) -> None:
    ground = signing_ground
    one, other = ground.ask(), ground.ask(b"another document")
    brought = ground.parts.eds.verify(ground.cms(ground.head_key()), TEXT)
    with pytest.raises(OtherDocument):
        ground.parts.signing.accept(other, ground.director, brought)
    foreign = ground.parts.eds.verify(ground.cms(ground.head_key(TEACHER_IIN)), TEXT)
    with pytest.raises(WrongHolder):
        ground.parts.signing.accept(one, ground.director, foreign)
    ground.parts.signing.accept(one, ground.director, brought)
    ground.parts.signing.accept(one, ground.director, brought)
    assert ground.parts.signing.look(one, ground.director).state == "signed"


def test_no_evidence_before_a_signature(signing_ground: SigningGround) -> None:
    with pytest.raises(NotFound):
        signing_ground.parts.signing.kept(signing_ground.ask(), signing_ground.director)


def test_evidence_is_for_the_signer_and_nobody_else_who_might_have_signed(signing_ground: SigningGround) -> None:
    ground = signing_ground
    other = ground.person("second", "900101350017")
    ground.membership(other, "director")
    request_id = ground.ask()
    ground.sign(request_id)
    assert ground.parts.signing.own(request_id, ground.director).evidence.cms
    assert ground.parts.signing.kept(request_id, other).signer["name"]
    with pytest.raises(Denied) as caught:
        ground.parts.signing.own(request_id, other)
    assert caught.value.code == "not_for_you"


def test_a_school_number_is_the_same_however_it_is_written(signing_ground: SigningGround) -> None:
    ground = signing_ground
    with ground.parts.uow.write() as tx:
        school = add_school(tx, "№ 3 мектеп", identifier="1603 4000\u00a000-11")
    ground.membership(ground.director, "director", school)
    ground.client = ground.register(CLIENT, bilim_schools=[ground.school, school])
    request_id = ground.ask(roles=[{"role": "director", "school_id": school}])
    ground.sign(request_id, key=ground.head_key(number="160340000011"))
    with ground.parts.uow.read() as tx:
        query = select(AuditEvent.school_id).where(AuditEvent.event == "document_signed")
        assert tx.connection.execute(query).scalar_one() == school


def test_silence_of_the_nca_wipes_no_failure_out(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id, cms = ground.ask(), ground.cms(ground.head_key())
    for _ in range(5):
        refused(ground, request_id, "AAAA")
    ground.is_away = True
    assert isinstance(refused(ground, request_id, cms), NcaUnavailable)
    assert not isinstance(refused(ground, request_id, "AAAA"), TooSoon)
    assert isinstance(refused(ground, request_id, "AAAA"), TooSoon)
