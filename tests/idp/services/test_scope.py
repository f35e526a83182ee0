"""services/scope: the only place where scopes are made."""

from idp.services import scope


def test_a_person_reaches_the_schools_their_role_was_found_at() -> None:
    made = scope.of_person("p1", "teacher", ("s1",))
    assert (made.person, made.role, made.schools) == ("p1", "teacher", ("s1",))


def test_the_operator_reaches_what_the_command_names() -> None:
    made = scope.of_operator(("s1", "s2"))
    assert made.allows("s2")
    assert made.person == ""


def test_a_client_reaches_where_it_is_on_and_its_reader_one_school() -> None:
    assert scope.of_client(("s1", "s2")).schools == ("s1", "s2")
    assert (scope.of_reader("s1").schools, scope.of_reader("s1").person) == (("s1",), "")
