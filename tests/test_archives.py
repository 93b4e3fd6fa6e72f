"""What a zip archive holds is read as documents of its own; what leads out of it, or would not end, is named and left."""

import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

import qa.archives
from qa import Engine
from qa.archives import file_holding, member_bytes, members
from qa.collection import read_documents
from qa.loaders import Unreadable
from qa.pages import page_image
from qa.records import Document, Skipped
from qa.ui.shelf import Read, Shelf
from tests.indexes import rebuild

FILES = Path(__file__).parent / "files"
NINE = "The harbour ferry leaves the eastern pier at nine every morning.\n"


def packed(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(folder: Path, data: bytes) -> list[Document | Skipped]:
    (folder / "a.zip").write_bytes(data)
    return list(read_documents(folder, "a.zip"))


def reasons(folder: Path, data: bytes) -> dict[str, str]:
    return {item.path: item.reason for item in read(folder, data) if isinstance(item, Skipped)}


def test_members_are_documents_with_pages_and_headings_as_if_they_lay_in_a_folder(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    files: dict[str, str | bytes] = {
        "2019/report.pdf": (FILES / "harbour-typst.pdf").read_bytes(),
        "ferry.txt": NINE,
        "__MACOSX/._ferry.txt": "x",
        ".DS_Store": "x",
        "2019/": "",
    }
    (docs / "sent.zip").write_bytes(packed(files))
    report = rebuild(tmp_path / "index", docs)
    assert (report.added, report.skipped) == (("sent.zip/2019/report.pdf", "sent.zip/ferry.txt"), ())
    assert [item.path for item in report.files] == ["sent.zip/2019/report.pdf", "sent.zip/ferry.txt"]
    with Engine.open(tmp_path / "index") as engine:
        first = engine.ask("Who began the long mole?").passages[0]
        assert (first.document, first.page, first.heading) == ("sent.zip/2019/report.pdf", 7, ("The long mole",))
        assert page_image(engine.store, first.document, 7, None, 200).startswith(b"\x89PNG")
        assert (
            engine.ask("When does the harbour ferry leave?", source="sent.zip/*.txt").passages[0].document == "sent.zip/ferry.txt"
        )
    assert not rebuild(tmp_path / "index", docs).published, "unchanged"
    assert file_holding(docs, "sent.zip/2019/report.pdf") == "sent.zip"


def test_a_folder_that_ends_in_zip_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.zip").mkdir()
    (tmp_path / "x.zip" / "a.txt").write_text(NINE)
    assert file_holding(tmp_path, "x.zip/a.txt") == "x.zip/a.txt"
    assert member_bytes(tmp_path, "x.zip/a.txt") == NINE.encode()


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd.txt", "a/../../out.txt", "C:/out.txt", "a//b.txt", "./a.txt"])
def test_names_that_lead_out_of_the_archive_are_refused_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, packed({name: NINE, "in.txt": NINE}))
    assert [item.path for item in found if isinstance(item, Document)] == ["a.zip/in.txt"]
    (left,) = (item for item in found if isinstance(item, Skipped))
    assert left == Skipped(f"a.zip/{name}", "its name leads out of the archive; pack it again")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.zip"], "nothing is unpacked to disk"


def test_what_cannot_be_read_of_an_archive_is_named_with_what_mends_it(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", packed({"a.txt": NINE}))
        archive.writestr("twice.txt", NINE)
        archive.writestr("twice.txt", "Another.")
        archive.writestr("empty.txt", "")
        archive.writestr("tool.exe", "MZ")
        archive.writestr("old.txt", NINE, zipfile.ZIP_LZMA)
    assert reasons(tmp_path, out.getvalue()) == {
        "a.zip/link.txt": "a link; put the file itself into the archive",
        "a.zip/inner.zip": "an archive in an archive; unpack it",
        "a.zip/twice.txt": "its name occurs twice in the archive; rename one",
        "a.zip/empty.txt": "empty",
        "a.zip/tool.exe": "unknown type .exe; save it as PDF or plain text",
        "a.zip/old.txt": "packed by a method that is not read; pack it again as an ordinary zip",
    }


def test_damage_and_passwords_cost_one_member(tmp_path: Path) -> None:
    whole = bytearray(packed({"a.txt": NINE, "b.txt": "The bell was recast in 1790."}, zipfile.ZIP_STORED))
    whole[whole.index(b"ferry")] ^= 1
    assert reasons(tmp_path, bytes(whole)) == {"a.zip/a.txt": "corrupt in its archive; pack it again"}
    locked = bytearray(packed({"a.txt": NINE}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert reasons(tmp_path, bytes(locked)) == {"a.zip/a.txt": "encrypted; pack it again without a password"}


def test_bombs_are_refused_before_they_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.archives, "UNPACKED_BYTES", 1_000_000)
    bomb = packed({f"{number}.txt": "0" * 400_000 for number in range(3)})
    assert len(bomb) < 5000
    assert reasons(tmp_path, bomb) == {"a.zip": "unpacks to more than 1 MB; split it"}
    # One that says it is small and is not: no more is unpacked than it says, and that is not its sum.
    liar = bytearray(packed({"a.txt": "0" * 400_000}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", liar, liar.index(signature) + offset, 10)
    assert reasons(tmp_path, bytes(liar)) == {"a.zip/a.txt": "corrupt in its archive; pack it again"}
    monkeypatch.setattr(qa.archives, "MEMBERS", 2)
    assert reasons(tmp_path, bomb) == {"a.zip": "holds more than 2 files; split it"}


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    assert reasons(tmp_path, b"not a zip") == {"a.zip": "corrupt, or no zip archive; pack it again"}
    assert reasons(tmp_path, packed({})) == {"a.zip": "empty"}
    assert reasons(tmp_path, packed({"a.txt": NINE})[:-30]) == {"a.zip": "corrupt, or no zip archive; pack it again"}


def test_a_member_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"a.txt": NINE}))
    assert member_bytes(tmp_path, "a.zip/a.txt") == NINE.encode()
    with pytest.raises(Unreadable, match="is not in its archive any more; run: qa index"):
        member_bytes(tmp_path, "a.zip/b.txt")
    assert list(members(tmp_path, "a.zip")) == [("a.zip/a.txt", NINE.encode())]


def test_a_visitors_archive_is_counted_as_one_file(tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(packed({"a.txt": NINE, "b/c.txt": "The bell was recast in 1790.", "x.exe": "MZ"}))
    (tmp_path / "bad").write_bytes(packed({"x.exe": "MZ", "../y.txt": NINE}))
    shelf = Shelf()
    try:
        shelf.add([("sent.zip", tmp_path / "given"), ("bad.zip", tmp_path / "bad")])
        assert shelf.read == (
            Read("bad.zip", 0, "unknown type .exe; save it as PDF or plain text"),
            Read("sent.zip", 2, unread=("x.exe: unknown type .exe; save it as PDF or plain text",)),
        )
    finally:
        shelf.close()
