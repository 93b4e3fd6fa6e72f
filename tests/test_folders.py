"""Which files of a folder are read, and what is passed over and why."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.corpus import TOGETHER, read_corpus
from qa.errors import BadInput
from qa.folders import check_root, find_files, printable
from qa.loaders import load
from qa.records import Skipped
from tests.conftest import as_nobody


def test_files_come_in_order_and_what_is_passed_over_says_why(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "sub", root / ".git", outside):
        folder.mkdir(parents=True)
        (folder / "b.md").write_text("x")
    for name in ("z.md", "a.md", ".hidden.md", "~$open.md", "backup.md~", "half.tmp"):
        (root / name).write_text("x")
    links: dict[str, str | Path] = {
        "in.md": "sub/b.md",
        "out.md": outside / "b.md",
        "round.md": "round.md",
        "way.md": "sub/../../outside/b.md",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    (root / "folder").symlink_to(outside)
    Path(os.fsdecode(os.fsencode(root) + b"/bad\xff.md")).write_text("x")
    found = list(find_files(root))
    assert [item for item in found if isinstance(item, str)] == ["a.md", "in.md", "z.md", "sub/b.md"]
    assert {item.path: item.reason for item in found if isinstance(item, Skipped)} == {
        "out.md": "link to outside the folder; copy the file in",
        "way.md": "link to outside the folder; copy the file in",
        "round.md": "link that leads nowhere; remove it",
        "folder": "link to a folder; copy the folder in",
        "bad\\xff.md": "name is not UTF-8; rename it",
    }
    assert found == list(find_files(root))


def test_plain_texts_are_read_several_at_a_time_and_come_in_order_among_other_files(tmp_path: Path) -> None:
    for number in range(3 * TOGETHER):
        name = f"{number:03}.csv" if number in (5, 40, 41) else f"{number:03}.md"
        (tmp_path / name).write_text("" if number == 50 else f"name,{number}\nweir,2\n")
    (tmp_path / "020b.md").symlink_to("/etc/hostname")
    (tmp_path / "060.bin").write_text("x")
    documents, skipped = read_corpus(tmp_path, tmp_path / "index", lambda *_: None)
    assert [document.path for document in documents] == sorted(
        path.name for path in tmp_path.iterdir() if path.name not in ("020b.md", "050.md", "060.bin")
    )
    assert all(str(int(document.path[:3])) in document.text for document in documents)
    assert [item.path for item in skipped] == ["020b.md", "050.md", "060.bin"]


def test_the_files_of_an_index_are_passed_over_wherever_it_lies_and_no_others(tmp_path: Path) -> None:
    own = "generations/000001-0123abcd/lexical/x.md"
    index = tmp_path / "docs" / "index"
    for path in (index.parent / "a.md", *(index / name for name in (own, "b.md", "generations/2019/d.md", "receipts/c.md"))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Weirs are old.")

    def read(root: Path, index: Path) -> list[str]:
        return [document.path for document in read_corpus(root, index, lambda *_: None)[0]]

    foreign = ["b.md", "generations/2019/d.md", "receipts/c.md"]
    assert read(tmp_path / "docs", index) == ["a.md", *(f"index/{name}" for name in foreign)]
    assert read(index, index) == foreign
    assert read(index / "generations", index) == ["2019/d.md"]
    assert read(index, tmp_path / "other") == ["b.md", own, "generations/2019/d.md", "receipts/c.md"]


def test_what_a_user_may_not_read_is_named_and_the_rest_goes_on(public_folder: Path) -> None:
    for name in ("a.md", "closed/b.md", "z.md"):
        (public_folder / name).parent.mkdir(exist_ok=True)
        (public_folder / name).write_text("x")
    (public_folder / "a.md").chmod(0)
    (public_folder / "closed").chmod(0)
    expected = ["a.md", "z.md", Skipped("closed", "folder cannot be read: Permission denied")]
    assert as_nobody(lambda: repr(list(find_files(public_folder)))) == repr(expected)
    assert as_nobody(lambda: load(public_folder, "a.md").text) == "Unreadable: no permission to read it; chmod +r it"
    assert as_nobody(lambda: load(public_folder, "z.md").text) == "x"
    closed = public_folder / "closed"
    assert as_nobody(lambda: str(check_root(closed))) == f"BadInput: {closed}: no permission to read it; chmod +rx it"


def test_a_root_is_a_folder_that_exists(tmp_path: Path) -> None:
    (tmp_path / "a\n.md").write_text("x")
    assert check_root(tmp_path / ".") == tmp_path.resolve()
    with pytest.raises(BadInput, match=r"nowhere: no such folder; name the folder that holds your documents$"):
        check_root(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"a\\n\.md: is a file, not a folder; name the folder that holds it$"):
        check_root(tmp_path / "a\n.md")


@given(st.binary(max_size=30).filter(lambda name: b"\0" not in name))
def test_a_shown_name_prints_and_can_be_stored(name: bytes) -> None:
    shown = printable(os.fsdecode(name))
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    if name.isascii() and name.decode().isprintable():
        assert shown == name.decode()


def test_direction_marks_and_escapes_in_a_name_are_shown_as_such() -> None:
    assert printable("a\u202egpj.md\x1b[31m") == "a\\u202egpj.md\\x1b[31m"


def test_names_as_long_as_a_system_allows_and_with_line_ends_are_read(tmp_path: Path) -> None:
    names = ["ü" * 125 + "a.txt", "two\nlines.txt", "right\u202eto left.txt"]
    for name in names:
        (tmp_path / name).write_text("The bell is cracked.")
    assert len(os.fsencode(names[0])) == 255
    found = [item for item in find_files(tmp_path) if isinstance(item, str)]
    assert sorted(found) == sorted(names)
    assert all(load(tmp_path, name).text == "The bell is cracked." for name in found)
