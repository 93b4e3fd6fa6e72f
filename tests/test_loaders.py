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
        ("café, €6, ".encode() + b"\xe9t\xc3\xa9", "UTF-8 but for 1 byte, first byte 13; save it as UTF-8"),
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


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "opening, title",
    [
        ("The Weir of Holm\n\nIt is old.", "The Weir of Holm"),
        ("\n\n  The Weir of Holm: a History \n=====\nIt is old.", "The Weir of Holm: a History"),
        ("HOLM WEIR BOARD\nRULES FOR KEEPERS\nVersion 3\n\nIt is old.", "HOLM WEIR BOARD RULES FOR KEEPERS"),
        ("The Weir of Holm\nis old.\n\nIt leaks.", None),
        ("The weir is old.\n\nIt leaks.", None),
        ("Dear Ada\n\nIt leaks.", None),
        ("Subject: The weir\n\nIt leaks.", None),
        ("1. Weirs\n\nThey leak.", None),
        ("- Weirs\n\nThey leak.", None),
        ("weirs\n\nThey leak.", None),
        ("14 July 2023\n\nIt leaks.", None),
        ("Ada ada@holm.example\n\nIt leaks.", None),
        (f"The weir {'of Holm ' * 20}\n\nIt leaks.", None),
        ("The weir leaks", None),
        ("---\n\nThey leak.", None),
    ],
)
def test_a_plain_texts_title_is_its_first_line_where_that_plainly_is_one(
    tmp_path: Path, opening: str, title: str | None, end: str
) -> None:
    text = opening.replace("\n", end)
    found = document(tmp_path, text, "a_file.txt")
    assert (found.title, found.text, found.headings, found.body) == (title or "a file", text, (), 0)


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


@pytest.mark.parametrize(
    "opening, date",
    [
        ("Published 14 July 2023.", "2023-07-14"),
        ("**Published:** July 14th, 2023 by the Weir Office", "2023-07-14"),
        ("University of Holm, Survey Office. Published 14 July 2023. Authors: Ada Fenwick.", "2023-07-14"),
        ("Weir Inspectorate (WI), published 3 May 2024. Inspector: Tom Reay", "2024-05-03"),
        ("The Holm Courier, Saturday 14 October 2023. By Ada Fenwick.", "2023-10-14"),
        ("By Ada Fenwick | 14 October 2023", "2023-10-14"),
        ("Case 12. Date: 21\nJune 2024. Before: Judge Reay. Hearing dates: 3 and 4 June 2024.", "2024-06-21"),
        ("Handed down on 3 May 2022", "2022-05-03"),
        ("Date: Mon, 3 Jun 2024 10:00:00 +0100\nFrom: Ada", "2024-06-03"),
        ("Minutes of the meeting held on 4 March 2024 in the Weir House", "2024-03-04"),
        ("Minutes of the Weir Board\n\nHeld on Tuesday, 16 January 2024, 7.00 p.m., Weir House", "2024-01-16"),
        ("Last updated: 04.09.2024", "2024-09-04"),
        ("Published 3 May 2021. Updated 4 June 2022.", "2021-05-03"),
        ("Handbook 7140, issue C, March 2021.", "2021-03"),
        ("Version 3, approved by the Weir Board on 8 February 2022", "2022-02-08"),
        ("14 July 2023\n\nDear Ada,", "2023-07-14"),
        ("Date:\n14 July 2023", "2023-07-14"),
        ("July 2023", "2023-07"),
        ("Date: 23/4/2023", "2023-04-23"),
        ("Date: 3/4/2023", "2023"),
    ],
)
def test_a_document_without_a_date_has_the_one_that_its_opening_states(tmp_path: Path, opening: str, date: str) -> None:
    assert document(tmp_path, f"# The weir\n\n{opening}\n\n## Keepers\n\nThey came on 1 May 1999.").date == date
    assert document(tmp_path, f"The weir\n\n{opening}\n\nThey came on 1 May 1999.", "a.txt").date == date
    assert document(tmp_path, f"---\ndate: 2020\n---\n{opening}").date == "2020"
    assert document(tmp_path, f"---\nretold: true\n---\n{opening}").date is None


@pytest.mark.parametrize(
    "opening",
    [
        "Reporting period: 1 April 2020 to 31 March 2021",
        "Date: 1 April 2020 to 31 March 2021",
        "Date: 3 June 2024 – 4 July 2024",
        "Deadline: 4 March 2024",
        "Closing date:\n4 March 2024",
        "Date of birth: 4 March 1984",
        "Version 4. In force from 1 June 2023. Replaces version 3 of April\n2019.",
        "Valid from 3 May 2021",
        "The report published on 3 May 2024 found that it leaks.",
        "We read the report, published 3 May 2024.",
        "Published on 3 May 2024, the report found that it leaks.",
        "It was let to a miller who drowned on\n21 June 1899\nand to nobody since.",
        "Dated 3 May 2021\nDate: 4 May 2022",
        "Updated 3 May 2021. Updated 4 May 2022.",
        "Published 31 February 2021",
        "Published 14 July 2999",
        "Minutes of the previous meeting held on 3 May 2021",
        "Minutes of the Board, January to May 2023",
        "Meeting of 26 January 2023\n\nAda came.\n\nMeeting of 23 March 2023",
        "26 January 2023\n\nWe mended the weir.\n\n27 January 2023",
        "Held on 3 May 2021, the vote kept the weir.",
        "## Keepers\n\nPublished 3 May 2021.",
        f"{'It is long. ' * 60}\n\nPublished 3 May 2021.",
    ],
)
def test_a_day_of_something_else_is_no_documents_date(tmp_path: Path, opening: str) -> None:
    assert document(tmp_path, f"# The weir\n\nIt is old.\n\n{opening}\n").date is None


def test_the_day_of_what_a_title_tells_of_and_of_a_sheets_first_row_is_no_documents(tmp_path: Path) -> None:
    assert document(tmp_path, "# The flood at Holm\n\n21 November 2022\n\nIt rained.").date is None
    assert document(tmp_path, "# Report into the flood, 21 November 2022\n\nIt rained.").date is None
    assert document(tmp_path, "Date,Place\n21 November 2022,Holm\n", "a.csv").date is None


def test_what_an_opening_states_stands_for_the_date_of_a_file_that_was_made_later(tmp_path: Path) -> None:
    page = Page()
    page.write(50, 700, "Published 3 May 2021")
    (tmp_path / "a.pdf").write_bytes(pdf([page], Title="Report", CreationDate="D:20230601"))
    found = load(tmp_path, "a.pdf")
    assert (found.date, found.coverage.notes) == ("2021-05-03", ())


@pytest.mark.parametrize("name", ["(anonymous)", "anonymous", "(unspecified)", "Unknown", "untitled", "Windows User"])
def test_what_a_program_puts_where_nobody_named_title_or_author_is_none(tmp_path: Path, name: str) -> None:
    page = Page()
    page.write(50, 700, "The weir is old.")
    told = name.replace("(", "\\(").replace(")", "\\)")
    (tmp_path / "weirs.pdf").write_bytes(pdf([page], Title=told, Author=told))
    (tmp_path / "b.html").write_text(
        f"<title>{name}</title><meta name=author content='{name}'><h1>Weirs</h1><p>They are old.</p>"
    )
    found = [load(tmp_path, path) for path in ("weirs.pdf", "b.html")]
    assert [(each.title, each.author) for each in found] == [("weirs", None), ("Weirs", None)]
    (tmp_path / "weirs.pdf").write_bytes(pdf([page], Title="Unknown weirs", Author="Ada Unknown"))
    found = [load(tmp_path, "weirs.pdf")]
    assert [(each.title, each.author) for each in found] == [("Unknown weirs", "Ada Unknown")]
    assert document(tmp_path, f"---\nauthor: '{name}'\n---\nx").author == name, "what a person wrote in front matter"


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


@pytest.mark.parametrize(
    "moment",
    [
        "2024-03-04T10:00:00Z",
        "2024-03-04 10:00:00+00:00",
        "2024-03-04 10:00:00 +0100",
        "2024-03-04T10:00",
        "2024-03-04T10:00:00.5",
    ],
)
def test_a_moment_is_of_its_day(tmp_path: Path, moment: str) -> None:
    found = document(tmp_path, f"---\ndate: {moment}\nsource: {{date: '{moment}'}}\n---\nx")
    assert (found.date, found.coverage.notes) == ("2024-03-04", ())
    assert found.source and found.source.date == "2024-03-04"


@pytest.mark.parametrize("told", ["04/03/2024", "2024-03-04 to 10:00", "2024-03-99T10:00", "2024-03-04T10:00 and later"])
def test_a_date_that_cannot_be_read_is_none_and_the_coverage_says_so(tmp_path: Path, told: str) -> None:
    found = document(tmp_path, f"---\ndate: {told}\n---\nx")
    assert (found.date, found.coverage.notes) == (None, (f"its date, {told}, could not be read; write it as 2024-03-04",))
    found = document(tmp_path, f"---\ndate: {told}\n---\nPublished 3 May 2021.")
    assert (found.date, found.coverage.notes) == ("2021-05-03", ())
    assert document(tmp_path, "---\ndate: null\n---\nx").coverage.notes == ()


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
    assert found.coverage.characters == len(found.text) and found.title == "A title"
    assert document_from(f"a{ending}", note + b".") == found
