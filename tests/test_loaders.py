"""Files become documents: bytes, front matter, headings, and what is passed over and why."""

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given

from qa.loaders import (
    FIELD_CHARACTERS,
    FILE_BYTES,
    HERE_BYTES,
    Unreadable,
    decode,
    document_from,
    load,
    parse_plain,
    read_bytes,
    valid_date,
)
from qa.records import Document, Source
from qa.sandbox import Sandbox
from tests.conftest import hostile_texts
from tests.files.handmade import Page, pdf


def document(folder: Path, text: str, name: str = "a.md") -> Document:
    (folder / name).write_bytes(text.encode())
    return load(folder, name)


@given(hostile_texts.map(lambda text: text.replace("\0", "").removeprefix("\ufeff")))
def test_utf8_is_decoded_to_the_very_text_with_or_without_its_mark(text: str) -> None:
    assert decode(text.removeprefix("\ufeff").encode("utf-8-sig")) == (text.removeprefix("\ufeff"), "utf-8")
    if not text.startswith("\ufeff"):
        assert decode(text.encode()) == (text, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_marked_encodings_give_code_points_without_the_mark(encoding: str) -> None:
    text = "😀 é\r\nline\r한\n\n"
    assert decode(("\ufeff" + text).encode(encoding)) == (text, encoding)


def test_old_office_files_are_read_as_windows_1252_and_only_when_they_are_not_utf8() -> None:
    assert decode(b"\x93quoted\x94 \x80 5\r\n") == ("“quoted” € 5\r\n", "windows-1252")
    assert decode("“quoted” €".encode()) == ("“quoted” €", "utf-8")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04\0\0", "binary, not text; convert it to text first"),
        (b"\xe9t\xe9 \x01\x02", "binary, not text; convert it to text first"),
        (b"ab\x81c", "not UTF-8 (byte 2); save it as UTF-8"),
        (b"\xef\xbb\xbfab\xff", "says utf-8 but byte 5 is not; save it as UTF-8"),
        (b"\xff\xfea\0\x00\xd8", "says utf-16-le but byte 4 is not; save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(data)
    assert str(caught.value) == reason


def test_plain_text_has_neither_headings_nor_front_matter() -> None:
    parsed = parse_plain("---\ntitle: T\n---\n# Heading\n")
    assert (parsed.body, parsed.headings, parsed.metadata) == (0, (), {})


def test_a_document_is_the_decoded_file_and_knows_what_its_front_matter_says(tmp_path: Path) -> None:
    text = (
        "---\r\ntitle: 'T  t'\r\nauthor: A\r\ndate: 2020-01\r\nurl: null\r\nretold: True\r\n"
        "source: {title: S, publisher: P, date: 2019-13, url: http://s}\r\n---\r\n# H\r\nWords 😀.\r\n"
    )
    found = document(tmp_path, "\ufeff" + text)
    assert found.text == text
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert (found.title, found.author, found.date, found.url, found.publisher) == ("T t", "A", "2020-01", "http://s", "P")
    assert found.retold and found.source == Source(title="S", publisher="P", url="http://s")
    assert text[found.body :] == "# H\r\nWords 😀.\r\n"


def test_a_document_is_retold_only_if_it_says_so(tmp_path: Path) -> None:
    assert not document(tmp_path, "---\nretold: false\n---\nx").retold
    assert not document(tmp_path, "retold: true").retold


def test_a_title_is_the_fields_else_the_first_headings_else_the_file_names(tmp_path: Path) -> None:
    assert document(tmp_path, "---\ntitle: T\n---\n# H\nx").title == "T"
    assert document(tmp_path, "---\ntitle: [T]\n---\n#\nx\n\n## H\n").title == "H"
    assert document(tmp_path, "# H\nx", "the_file.TXT").title == "the file"


def test_an_identity_changes_with_the_path_and_with_the_text(tmp_path: Path) -> None:
    one, same, renamed, edited = (
        document(tmp_path, *pair) for pair in (("x", "a.md"), ("x", "a.md"), ("x", "b.md"), ("x ", "a.md"))
    )
    assert one.id == same.id
    assert len({one.id, renamed.id, edited.id}) == 3


@pytest.mark.parametrize(
    ("title", "words", "latest"),
    [
        ("Report", "It was published on 3 May 2021, after the visit of 2020.", 2021),
        ("Newsletter, Spring 2020", "We met on 02.01.2020.", 2020),
        ("Report", "It was published on 3 May 2022, after the visit of 2020.", None),
        ("Report", "It was published on 3 May 2021 and holds for 2023/24.", None),
        ("Report", "The Weirs Act 2010 applies.", None),
        ("Report", "There are three quays.", None),
    ],
)
def test_a_files_date_is_no_documents_whose_opening_is_years_older(
    tmp_path: Path, title: str, words: str, latest: int | None
) -> None:
    page = Page()
    page.write(50, 700, words)
    (tmp_path / "a.pdf").write_bytes(pdf([page], Title=title, CreationDate="D:20230601"))
    found = load(tmp_path, "a.pdf")
    note = f"no date: its file was made in 2023, but its opening names no year after {latest}"
    assert (found.date, found.coverage.notes) == ((None, (note,)) if latest else ("2023-06-01", ()))


def test_a_field_or_heading_without_end_is_cut(tmp_path: Path) -> None:
    found = document(tmp_path, f"---\nauthor: {'a' * 5000}\n---\n# {'h ' * 5000}\nx")
    assert len(found.author or "") == FIELD_CHARACTERS
    assert 0 < len(found.headings[0].text) <= FIELD_CHARACTERS


def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    with (tmp_path / "large.md").open("wb") as file:
        file.truncate(FILE_BYTES + 1)
    (tmp_path / "empty.md").write_bytes(b"\xef\xbb\xbf \r\n\xc2\xa0")
    (tmp_path / "front.md").write_text("---\na: b\n---\n \n")
    reasons = {
        "folder.md": "not a regular file",
        "pipe.md": "not a regular file",
        "large.md": "larger than 100 MB; split it",
        "empty.md": "empty",
        "front.md": "empty after its front matter",
        "none.md": "cannot be read: No such file or directory",
        "a.xyz": "unknown type .xyz; save it as PDF or plain text",
        "README": "unknown type without ending; save it as PDF or plain text",
    }
    for name, reason in reasons.items():
        with pytest.raises(Unreadable) as caught:
            load(tmp_path, name)
        assert str(caught.value) == reason, name


def test_a_date_is_a_year_a_month_or_a_day_in_plain_digits() -> None:
    dates = ("2013", "2020-01", "2022-06-30")
    assert tuple(map(valid_date, dates)) == dates
    assert not any(
        map(valid_date, ("20", "2020-13", "2020-00", "2020-1", "2020-01-32", "2020-01-01T00", "٢٠١٣", "2013\n", "", None, 2013))
    )


def test_a_file_that_is_written_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "growing.txt"
    with path.open("wb") as file:
        file.truncate(90_000_000)
    ended = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not ended.wait(0.0005):
                file.write(b"x")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(Unreadable, match=r"^changed while it was read; run qa index again once it is written$"):
            for _ in range(50):
                read_bytes(path)
    finally:
        ended.set()
        writer.join()


@pytest.mark.parametrize("ending", [".md", ".MARKDOWN", ".rst", ".txt"])
def test_what_is_long_is_parsed_apart_unless_it_is_plain_text_and_short_notes_are_not(ending: str) -> None:
    title = "A title\n=======\n\n"
    note = (title + "é" * HERE_BYTES)[: HERE_BYTES // 2].encode()
    note += b"." * (HERE_BYTES - len(note))
    with Sandbox() as sandbox:
        document_from(f"a{ending}", note, sandbox)
        assert sandbox._files == 0
        found = document_from(f"a{ending}", note + b".", sandbox)
        assert sandbox._files == (ending != ".txt")
    assert found.text.encode() == note + b"." and found.encoding == "utf-8"
    assert found.coverage.characters == len(found.text) and found.title == ("a" if ending == ".txt" else "A title")
    assert document_from(f"a{ending}", note + b".") == found
