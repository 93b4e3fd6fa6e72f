"""A file is written whole or stays as it was."""

import os
from pathlib import Path

import pytest

from qa.errors import BadInput
from qa.writing import write_whole
from tests.test_questions import no_room


@pytest.mark.skipif(os.name == "nt", reason="neither modes nor limits on files there")
def test_a_links_file_is_written_with_its_mode_and_kept_where_there_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("old")
    (tmp_path / "kept").chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("kept")
    with no_room(2), pytest.raises(BadInput, match="link: cannot be written"):
        write_whole(link, "new")
    assert (tmp_path / "kept").read_text() == "old"
    write_whole(link, "new é \udcff\n")
    assert link.is_symlink()
    assert (tmp_path / "kept").read_bytes() == "new é \\udcff\n".encode()
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"kept", "link"}


def test_a_folder_that_is_missing_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none/file: cannot be written \(No such file or directory\)"):
        write_whole(tmp_path / "none" / "file", "new")
