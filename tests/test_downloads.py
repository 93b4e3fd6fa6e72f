"""A page named by its address is fetched, saved and cited; what leads inside, never ends or cannot be read is refused."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import qa.downloads
from qa.downloads import is_public, is_url, save_page
from qa.errors import BadInput
from qa.loaders import load
from tests.indexes import qa as run

FILES = Path(__file__).parent / "files"
PAGE = """<!doctype html><html lang="en"><head><title>The ferry – Wick</title><meta name="author" content="Ada Fenwick">
<meta property="article:published_time" content="2019-03-04T10:00:00Z"></head>
<body><nav>Home About Contact</nav><main><h1>The ferry</h1><p>The café ferry leaves the eastern pier at nine.</p></main>
<footer>Imprint</footer></body></html>"""
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/ferry": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode()),
    "/": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode()),
    "/.": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode()),
    "/latin?x=-->": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, PAGE.replace("–", "-").encode("latin-1")),
    "/latin?x=--%3E": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, PAGE.replace("–", "-").encode("latin-1")),
    "/report.pdf": (200, {"Content-Type": "application/octet-stream"}, (FILES / "harbour-typst.pdf").read_bytes()),
    "/moved": (302, {"Location": "/ferry"}, b""),
    "/circle": (302, {"Location": "/circle"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/gone": (404, {}, b""),
    "/picture": (200, {"Content-Type": "image/png"}, b"x"),
    "/nothing": (200, {"Content-Type": "text/html"}, b"<html><body></body></html>"),
    "/short": (200, {"Content-Type": "text/plain", "Content-Length": "1000"}, b"cut"),
    "/long": (200, {"Content-Type": "text/plain"}, b"word " * 1000),
    "/packed": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, b"x"),
}


class Handler(BaseHTTPRequestHandler):
    """Answer what is written above."""

    def do_GET(self) -> None:
        if self.path == "/inside":
            port = self.server.server_address[1]
            status, headers, body = 302, {"Location": f"http://127.0.0.2:{port}/ferry"}, b""
        else:
            status, headers, body = ANSWERS.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *given: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """Serve the answers on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_page_is_saved_with_its_main_text_title_author_date_and_address(web: str, tmp_path: Path) -> None:
    path = save_page(f"{web}/moved", tmp_path, allow_private=True)
    document = load(tmp_path, path)
    assert path.startswith("web/127.0.0.1-ferry-") and path.endswith(".html")
    assert document.text == "The ferry\n\nThe café ferry leaves the eastern pier at nine."
    assert (document.title, document.author, document.date) == ("The ferry – Wick", "Ada Fenwick", "2019-03-04")
    assert document.url == f"{web}/ferry", "where it was found, not where it was looked for"
    assert save_page(f"{web}/ferry", tmp_path, allow_private=True) == path
    assert [item.name for item in (tmp_path / "web").iterdir()] == [Path(path).name]


@pytest.mark.parametrize("path", ["", "/", "/."])
def test_a_sites_home_page_is_saved_under_the_sites_name(web: str, tmp_path: Path, path: str) -> None:
    saved = save_page(web + path, tmp_path, allow_private=True)
    assert re.fullmatch(r"web/127\.0\.0\.1-[0-9a-f]{8}\.html", saved)
    assert load(tmp_path, saved).url == web + path


def test_the_encoding_is_the_servers_and_an_address_cannot_end_the_mark(web: str, tmp_path: Path) -> None:
    document = load(tmp_path, save_page(f"{web}/latin?x=-->", tmp_path, allow_private=True))
    assert document.text == "The ferry\n\nThe café ferry leaves the eastern pier at nine."
    assert document.url == f"{web}/latin?x=--%3E"


def test_a_file_keeps_its_format(web: str, tmp_path: Path) -> None:
    path = save_page(f"{web}/report.pdf", tmp_path, allow_private=True)
    assert path.endswith(".pdf")
    assert (tmp_path / path).read_bytes() == ANSWERS["/report.pdf"][2]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/circle", "leads on more than 5 times; name where it leads to"),
        ("/file", "only http and https are fetched"),
        ("/gone", "the server answers 404 Not Found; check the address"),
        ("/picture", "is image/png, which is not read; save it as PDF or plain text"),
        ("/nothing", "empty"),
        ("/short", "ends 997 bytes too soon; try again"),
        ("/packed", "is sent packed though asked not to be; save it with a browser"),
        ("/long", "is larger than 0 MB; fetch it yourself and split it"),
    ],
)
def test_what_cannot_be_had_is_named_and_nothing_is_saved(
    web: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    if path == "/long":
        monkeypatch.setattr(qa.downloads, "FILE_BYTES", 4000)
    with pytest.raises(BadInput) as caught:
        save_page(web + path, tmp_path, allow_private=True)
    assert str(caught.value).endswith(f": {reason}")
    assert list(tmp_path.rglob("*.*")) == []


def test_private_addresses_are_refused_unless_allowed_and_after_a_redirect_too(
    web: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (f"{web}/ferry", web.replace("127.0.0.1", "localhost"), "http://[::1]/", "http://0x7f.1/"):
        with pytest.raises(BadInput, match="which is in a private network; if that is meant, add --allow-private"):
            save_page(url, tmp_path)
    monkeypatch.setattr(qa.downloads, "is_public", lambda address: address == "127.0.0.1")
    with pytest.raises(BadInput, match=r"leads to 127\.0\.0\.2, which is in a private network"):
        save_page(f"{web}/inside", tmp_path)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::ffff:192.168.1.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("fe80::1%eth0", False),
        ("::127.0.0.1", False),
        ("::93.184.216.34", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("::ffff:0:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("none", False),
    ],
)
def test_which_addresses_are_anybodys(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url", ["ftp://a.example/x", "file:///etc/passwd", "http://", "http://ann:secret@a.example/", "http://[::1"]
)
def test_what_is_no_address_to_fetch_is_named(tmp_path: Path, url: str) -> None:
    assert is_url(url)
    with pytest.raises(BadInput):
        save_page(url, tmp_path)


def test_a_folder_is_no_address() -> None:
    assert not any(map(is_url, ["reports", "/a/b", "C:\\reports", "./http:/x"]))


def test_an_address_is_indexed_and_its_answer_cites_it(web: str, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "note.md").write_text("# Note\n\nThe bell was recast in 1790.\n")
    refused = run("index", f"{web}/ferry", folder=tmp_path)
    assert refused.returncode == 2 and "add --allow-private" in refused.stderr
    done = run("index", f"{web}/ferry", "--allow-private", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = run("ask", "When does the café ferry leave?", "--json", folder=tmp_path)
    assert f'"url": "{web}/ferry"' in answer.stdout and '"document": "web/127.0.0.1-ferry-' in answer.stdout
    assert run("index", f"{web}/ferry", "--dry-run", folder=tmp_path).stderr.startswith("qa: an address and --dry-run")
