"""Digests of files, passages and vectors."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from qa.digests import DIGEST_BYTES, file_sha256, passage_digest, vector_key
from qa.records import Span
from tests.conftest import hostile_texts

texts = st.text(max_size=5)
spans = st.lists(st.builds(Span, st.integers(0, 12), st.integers(0, 12)), max_size=3)
parts = st.tuples(texts, texts, spans, texts)


def test_a_file_has_the_published_sha256_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_large_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large"
    data = bytes(range(256)) * 20_000
    path.write_bytes(data)
    assert file_sha256(path) == hashlib.sha256(data).hexdigest()
    path.write_bytes(data[:-1] + b"\0")
    assert file_sha256(path) != hashlib.sha256(data).hexdigest()


@given(hostile_texts)
def test_a_passages_digest_is_the_sha256_of_its_utf8_and_of_fixed_length(text: str) -> None:
    digest = passage_digest(text)
    assert digest == hashlib.sha256(text.encode("utf-8")).digest()
    assert len(digest) == DIGEST_BYTES


def test_a_digest_tells_line_ends_and_forms_of_a_letter_apart() -> None:
    assert len({passage_digest(text) for text in ("a\n", "a\r\n", "a\r", "a", "é", "e\u0301")}) == 6


@given(parts, parts)
def test_a_vectors_key_is_equal_only_where_all_it_depends_on_is(
    left: tuple[str, str, list[Span], str], right: tuple[str, str, list[Span], str]
) -> None:
    assert vector_key(*left) == vector_key(*left)
    assert (vector_key(*left) == vector_key(*right)) == (left == right)


def test_a_vectors_key_changes_with_each_part_and_with_where_one_ends() -> None:
    keys = [
        vector_key("context", "text", [Span(0, 4)], "model"),
        vector_key("contextt", "ext", [Span(0, 4)], "model"),
        vector_key("", "text", [Span(0, 4)], "model"),
        vector_key("context", "texts", [Span(0, 4)], "model"),
        vector_key("context", "text", [Span(0, 3)], "model"),
        vector_key("context", "text", [Span(0, 2), Span(2, 4)], "model"),
        vector_key("context", "text", [], "model"),
        vector_key("context", "text", [Span(0, 4)], "other model"),
    ]
    assert len(set(keys)) == len(keys)


def test_a_vectors_key_is_the_same_in_every_process() -> None:
    code = "from qa.digests import *; from qa.records import Span; print(vector_key('T', 'Words 😀.', [Span(0, 8)], 'model'))"
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        child = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert child.stdout.strip() == vector_key("T", "Words 😀.", [Span(0, 8)], "model")
