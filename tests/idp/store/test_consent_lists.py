"""store/consent_lists: the latest answer counts, and an old no is asked again."""

from __future__ import annotations

from pathlib import Path

from idp.core.clock import FixedClock, local_date
from idp.store import consent_lists
from idp.store.consent_lists import Sieve
from tests.factories.consent_ground import consent_ground


def test_the_latest_answer_to_the_text_counts(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(database_url, tmp_path, clock) as ground:
        first = ground.publish()
        for child in ("nurlan", "aigerim"):
            ground.desk.acts.decline(ground.hand("gulnara"), ground.people[child], first)
        clock.advance(minutes=1)
        ground.give("serik", "nurlan", first)
        second = ground.publish(title={"kk": "Жаңа", "ru": "Новый"})
        text = next(one for one in ground.desk.texts.all(ground.scope) if one.id == second)
        today = local_date(clock.now())
        with ground.parts.uow.read() as tx:
            rows = consent_lists.everybody(tx, ground.scope, text, Sieve(), today=today)
            assert [(row.name, row.class_title, row.state) for row in rows] == [
                ("Серікова Nurlan", "1 «А»", "given"),
                ("Серікова Aigerim", "7 «Ә»", "missing"),
                ("Серікова Daulet", "7 «Ә»", "missing"),
            ]
            sieve = Sieve(typed="daul", state="missing", class_ids=(ground.klass,))
            found, total = consent_lists.page(tx, ground.scope, text, sieve, today=today, limit=1, offset=0)
            assert ([row.name for row in found], total) == (["Серікова Daulet"], 1)
            assert consent_lists.everybody(tx, ground.scope, text, Sieve(state="gossip"), today=today) == []
            own = ground.class_scope(ground.grade1)
            assert [row.name for row in consent_lists.everybody(tx, own, text, Sieve(), today=today)] == [
                "Серікова Nurlan"
            ]
            both = Sieve(class_ids=(ground.klass,))
            assert consent_lists.everybody(tx, own, text, both, today=today) == []
            assert consent_lists.homerooms(tx, ground.scope) == [(ground.grade1, "1 «А»"), (ground.klass, "7 «Ә»")]
            assert consent_lists.homerooms(tx, own) == [(ground.grade1, "1 «А»")]
            assert consent_lists.names(tx, [ground.people["marat"]]) == {ground.people["marat"]: "Серікова Marat"}
