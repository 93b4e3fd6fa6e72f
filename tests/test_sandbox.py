"""A file that hangs, crashes or exhausts its parser costs that file alone."""

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from qa.formats.child import MEMORY_BYTES
from qa.formats.markdown import parse_markdown
from qa.formats.parsed import Parsed, Unreadable
from qa.formats.pdf import parse_pdf
from qa.formats.restructured import parse_rst
from qa.loaders import document_from
from qa.sandbox import Sandbox
from tests.files.handmade import Page, pdf


def sample(words: str = "Parsed apart.") -> bytes:
    page = Page()
    page.write(50, 700, words)
    return pdf([page])


def test_what_comes_back_is_what_was_parsed() -> None:
    page = Page()
    page.write(50, 700, "A heading", 24)
    page.write(50, 660, "Words enough that the heading is the smaller part of the page, by far and wide.")
    content = pdf([page, Page(image=True)], Title="T", CreationDate="D:20190304")
    with Sandbox() as sandbox:
        assert sandbox.parse(".pdf", content) == parse_pdf(content, lambda: None)


def test_of_a_text_comes_back_what_parsing_it_here_gives() -> None:
    bomb = "".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10) if level else 'x'}]\n" for level in range(30))
    fields = f"---\ntitle: T\n{bomb}source: {{title: S, author: A, more: {{b: c}}}}\n---\r\n"
    text = f"{fields}# Ä 😀\rWords\n\nTwo\n---\n"
    with Sandbox() as sandbox:
        parsed = sandbox.parse(".md", text.encode())
        assert parsed == parse_markdown(text) and parsed.body == len(fields) and len(parsed.headings) == 2
        assert parsed.metadata == {"title": "T", "source": {"title": "S", "author": "A"}}
        assert sandbox.parse(".markdown", text.encode("utf-16")) == parsed
        titled = "Ä 😀\n====\nWords\n"
        assert sandbox.parse(".rst", titled.encode()) == parse_rst(titled) != Parsed()


@pytest.mark.parametrize("ending", [".md", ".markdown"])
def test_a_text_that_its_parser_hardly_gets_through_is_stopped_and_keeps_this_process_free(ending: str) -> None:
    lazy = ">" * 20 + " a\n" + "a\n" * 200_000
    started = time.process_time()
    with Sandbox(quiet_seconds=1) as sandbox:
        with pytest.raises(Unreadable, match=r"^takes too long to read; open it"):
            document_from(f"a{ending}", lazy.encode(), sandbox)
        assert time.process_time() - started < 1
        sandbox._quiet = 10.0
        assert sandbox.parse(".pdf", sample()).text == "Parsed apart."


def test_a_parser_that_shows_no_progress_is_stopped_and_the_next_file_is_read() -> None:
    slow = pdf([Page()] * 3000)
    with Sandbox(quiet_seconds=0.01) as sandbox:
        started = time.monotonic()
        with pytest.raises(Unreadable) as caught:
            sandbox.parse(".pdf", slow)
        assert str(caught.value) == "takes too long to read; open it in its own program and save a copy"
        assert time.monotonic() - started < 5
        sandbox._quiet = 10.0
        assert sandbox.parse(".pdf", sample()).text == "Parsed apart."


def test_a_parser_that_dies_costs_one_file() -> None:
    with Sandbox() as sandbox:
        assert sandbox.parse(".pdf", sample()).text == "Parsed apart."
        sandbox._start().kill()
        with pytest.raises(Unreadable, match=r"^crashes its parser, or needs more than 1,000 MB of memory to read; open it"):
            sandbox.parse(".pdf", sample())
        assert sandbox.parse(".pdf", sample("Again.")).text == "Again."


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_memory_is_limited_in_the_process_that_parses() -> None:
    program = "import qa.formats.child as c; c.limit_memory(); bytearray(c.MEMORY_BYTES)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.strip().endswith("MemoryError")
    assert MEMORY_BYTES <= 1_000_000_000


def test_a_page_that_unpacks_to_gigabytes_ends_with_a_reason_or_its_words() -> None:
    bomb = sample().replace(b"(Parsed apart.) Tj", b"()Tj")
    stream = zlib.compress(b" " * 1_500_000_000, 1)
    start, end = bomb.index(b"<< /Length"), bomb.index(b"endstream")
    packed = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\n" % (len(stream), stream)
    with Sandbox() as sandbox:
        started = time.monotonic()
        with pytest.raises(Unreadable, match="; "):
            sandbox.parse(".pdf", bomb[:start] + packed + bomb[end:])
        assert time.monotonic() - started < 30
        assert sandbox.parse(".pdf", sample()).text == "Parsed apart."


def test_no_file_of_the_folder_one_stands_in_is_executed(tmp_path: Path) -> None:
    for name in ("json", "base64", "pypdfium2", "zlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('executed')")
    program = (
        "import sys; from qa.sandbox import Sandbox\n"
        "with Sandbox() as sandbox: print(sandbox.parse('.pdf', sys.stdin.buffer.read()).text)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, input=sample(), cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.stdout.decode().strip() == "Parsed apart.", done.stderr.decode()[-500:]


def test_a_process_is_replaced_after_some_files() -> None:
    with Sandbox() as sandbox:
        first = sandbox._start().pid
        sandbox._files = 200
        assert sandbox.parse(".pdf", sample()).text == "Parsed apart."
        assert sandbox._start().pid != first


def test_replies_that_are_none_are_a_crash() -> None:
    for reply in (b"", b"[]\n", b"{\n", json.dumps({"parsed": {}}).encode(), json.dumps({"parsed": {"headings": 1}}).encode()):
        with Sandbox() as sandbox:
            sandbox._start()
            sandbox._replies.put(reply)
            with pytest.raises(Unreadable, match="crashes its parser"):
                sandbox.parse(".pdf", sample())
