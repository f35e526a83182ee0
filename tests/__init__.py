"""The tests. A package, because a library installs one of this name, which would hide a folder without this file."""
