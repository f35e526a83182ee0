"""core/scope: reaches what it names and nothing else."""

from idp.core.scope import Scope


def test_a_scope_allows_its_schools_only() -> None:
    scope = Scope(person="p", role="teacher", schools=("a", "b"))
    assert scope.allows("a")
    assert not scope.allows("c")
    assert not Scope(person="p", role="teacher", schools=()).allows("")
