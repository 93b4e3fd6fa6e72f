"""What a glob matches is written out here; a path escaped matches itself and nothing else."""

import glob
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.globs import escaped, matches_glob, only_path


@pytest.mark.parametrize(
    ("path", "pattern", "matches"),
    [
        ("a/b/c.md", "**", True),
        ("a/b/c.md", "**/c.md", True),
        ("c.md", "**/c.md", True),
        ("a/b/c.md", "a/*", False),
        ("a/b/c.md", "a/**", True),
        ("a/b/c.md", "*.md", False),
        ("c.md", "*.md", True),
        ("cxmd", "c.md", False),
        ("a[1].md", "a[1].md", True),
        ("ab.md", "a?.md", True),
        ("a/.md", "a?.md", False),
        ("a?.md", "a[?].md", True),
        ("ab.md", "a[?].md", False),
        ("a[1]*.md", glob.escape("a[1]*.md"), True),
        ("a[1]b.md", glob.escape("a[1]*.md"), False),
    ],
)
def test_a_star_stays_in_its_folder_and_two_stars_do_not(path: str, pattern: str, matches: bool) -> None:
    assert matches_glob(path, pattern) is matches


def test_a_pattern_of_many_stars_is_matched_at_once() -> None:
    started = time.process_time()
    assert not matches_glob("a" * 200, "*a" * 150 + "x")
    assert not matches_glob("a/" * 100, "**/a/" * 90 + "**x")
    assert matches_glob("a" * 200, "*a" * 150 + "*")
    assert time.process_time() - started < 5


@given(st.text(alphabet="ab*?[]/.:#", min_size=1, max_size=12), st.text(alphabet="ab*?[]/.:#", min_size=1, max_size=12))
def test_an_escaped_path_is_a_glob_of_that_path_alone(path: str, other: str) -> None:
    pattern = escaped(path)
    assert only_path(pattern) == path
    assert matches_glob(path, pattern)
    assert other in (path, pattern) or not matches_glob(other, pattern)
