"""A hostile visitor, or a hostile page in a visitor's browser, gets nothing and stops nobody: real requests to a real server."""

import asyncio
import contextlib
import hashlib
import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gradio.utils import get_upload_folder

from qa.errors import BadInput
from qa.ui import launch
from qa.ui.passwords import parse_auth, password_check, read_auth
from qa.ui.serving import _from_elsewhere
from qa.ui.shelf import Shelves
from tests.benchmarks.soak import Visitor, call
from tests.browsing import free_port
from tests.indexes import complaint, qa

QUESTION = {"question": "Who chairs the Improvement Board?"}
PASSWORD = "correct horse battery staple"  # noqa: S105 - of nothing


@pytest.fixture
def page(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=30) as client:
        yield client


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1", "file://"])
def test_another_page_in_the_browser_may_neither_ask_nor_hand_files_over(page: httpx.Client, origin: str) -> None:
    headers = {"Origin": origin}
    sent: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "gradio_api/call/v2/ask", {"json": QUESTION}),
        ("POST", "gradio_api/call/v2/ask", {"content": json.dumps(QUESTION), "headers": {"Content-Type": "text/plain"}}),
        ("POST", "gradio_api/queue/join", {"json": {"data": [], "fn_index": 3, "session_hash": "x"}}),
        ("POST", "gradio_api/upload", {"files": {"files": ("a.txt", b"a")}}),
        ("POST", "gradio_api/mcp", {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}}),
        ("GET", "config", {}),
        ("GET", "page/x/1", {}),
    ]
    before = sorted(Path(get_upload_folder()).rglob("*"))
    for method, path, given in sent:
        given["headers"] = given.get("headers", {}) | headers
        assert page.request(method, path, **given).status_code == 403, path
    assert sorted(Path(get_upload_folder()).rglob("*")) == before


def test_the_page_itself_may(page: httpx.Client, served: str) -> None:
    own = {"Origin": served.rstrip("/")}
    assert page.post("gradio_api/call/v2/ask", json=QUESTION, headers=own).status_code == 200
    behind = {"Origin": "https://docs.example", "X-Forwarded-Host": "docs.example"}
    assert page.post("gradio_api/call/v2/ask", json=QUESTION, headers=behind).status_code == 200
    assert page.get("").headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page.get("").headers["content-security-policy"]


def test_what_a_proxy_says_is_believed_of_this_machine_alone(page: httpx.Client) -> None:
    """Elsewhere the framework would let another page's script say it."""
    said = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    for host, elsewhere in (("127.0.0.1:7860", False), ("localhost", False), ("docs.example", True), ("[::1]:7860", True)):
        headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        assert _from_elsewhere({"type": "http", "headers": headers}, host) is elsewhere
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    asking["Access-Control-Request-Headers"] = "x-forwarded-host"
    assert "access-control-allow-origin" not in page.options("gradio_api/call/v2/ask", headers=asking).headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", ""])
def test_a_name_that_was_made_to_point_here_reads_nothing(page: httpx.Client, host: str) -> None:
    for path in ("", "config", "gradio_api/info", "page/x/1"):
        assert page.get(path, headers={"Host": host}).status_code == 421
    assert page.post("gradio_api/call/v2/ask", json=QUESTION, headers={"Host": host}).status_code == 421


TRAVERSALS = (
    "/etc/passwd",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "..\\..\\etc\\passwd",
    "file:///etc/passwd",
    "http://evil.example/",
    "%00/etc/passwd",
)


def routes(application: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield every route of the framework with its methods."""
    for route in application.routes:
        if hasattr(route, "methods"):
            yield route.path, set(route.methods or ())
        elif hasattr(route, "original_router"):
            yield from ((f"{getattr(route, 'path', '')}{path}", methods) for path, methods in routes(route.original_router))


def test_no_route_of_the_framework_gives_a_file_of_this_machine_out(index: Path) -> None:
    running = launch(index, port=free_port())
    try:
        found = dict(routes(running._blocks.app))
        assert len(found) > 20
        with httpx.Client(base_url=running.url, timeout=20) as client:
            for path, methods in found.items():
                holes = re.findall(r"\{[^}]*\}", path)
                for traversal in TRAVERSALS if holes else ("",):
                    filled = re.sub(r"\{[^}]*\}", lambda _, given=traversal: given, path)
                    for method in methods & {"GET", "POST"}:
                        if "heartbeat" in path or path.endswith("/queue/data"):
                            continue  # they give nothing but this session's own messages, without end
                        answer = client.request(method, filled.lstrip("/"), **({"json": {}} if method == "POST" else {}))
                        assert "root:" not in answer.text, f"{method} {filled}"
                        assert str(Path.home()) not in answer.text, f"{method} {filled}"
                        assert answer.status_code < 500, f"{method} {filled}: {answer.text[:200]}"
    finally:
        running.close()


def test_requests_without_end_are_refused_before_they_are_read(served: str) -> None:
    address = urlsplit(served)
    for path, length in (("/gradio_api/call/v2/ask", 2_000_000), ("/gradio_api/queue/join", 10**12), ("/login", 2_000_000)):
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        assert connection.getresponse().status == 413  # not a byte of it was sent
        connection.close()
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
        connection.request("POST", path, iter([b"x"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        assert connection.getresponse().status == 411
        connection.close()


def test_an_oversized_question_is_refused_in_one_line(page: httpx.Client) -> None:
    event = page.post("gradio_api/call/v2/ask", json={"question": "x" * 10_001}).json()["event_id"]
    told = page.get(f"gradio_api/call/ask/{event}").text
    assert "event: error" in told
    assert "the question has 10,001 characters; ask one of at most 10,000" in told


def test_files_that_pile_up_are_refused(page: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ui.serving._MOST_WAITING", 3000)
    codes = [
        page.post("gradio_api/upload", files={"files": (f"{number}.txt", bytes([number]) * 1000)}).status_code
        for number in range(6)
    ]
    assert codes[0] == 200
    assert codes[-1] == 503
    monkeypatch.undo()
    assert page.post("gradio_api/upload", files={"files": ("a.txt", b"a")}).status_code == 200


def test_shelves_of_those_who_never_leave_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ui.shelf.SHELVES", 3)
    shelves = Shelves()
    for session in ("a", "b", "c"):
        shelves.made(session)
    with pytest.raises(BadInput, match="Too many visitors"):
        shelves.made("d")
    monkeypatch.setattr("qa.ui.shelf.IDLE_SECONDS", 0.0)
    time.sleep(0.01)
    assert shelves.of("a") is not None
    shelves.made("d")
    assert shelves.of("b") is None, "it was left longest ago"
    assert shelves.of("a") is not None
    shelves.close()


def test_nothing_is_kept_of_those_who_asked_and_left(index: Path) -> None:
    running = launch(index, port=free_port())
    try:
        kept = running._blocks.app.state_holder.session_data
        with httpx.Client(base_url=running.url, timeout=30) as client:
            call(client, "ask", **QUESTION)
            call(client, "sources")
        assert len(kept) == 0
        with contextlib.closing(Visitor(running.url)) as visitor:
            visitor.use("arrive")
            visitor.ask(QUESTION["question"])
            assert len(kept) == 1
        until = time.monotonic() + 30
        while kept and time.monotonic() < until:
            time.sleep(0.1)
        assert len(kept) == 0
    finally:
        running.close()


def test_a_flood_of_questions_is_refused_and_the_others_are_answered(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ui.layout.WAITING", 5)
    running = launch(index, port=free_port())
    statuses: list[str] = []

    def flood() -> None:
        with httpx.Client(base_url=running.url, timeout=60) as client:
            for _ in range(4):
                joined = client.post("gradio_api/call/v2/ask", json=QUESTION)
                if joined.status_code != 200:
                    statuses.append(str(joined.status_code))
                    continue
                told = client.get(f"gradio_api/call/ask/{joined.json()['event_id']}").text
                statuses.append("answered" if "Rory Paterson" in told else "wrong")

    try:
        threads = [threading.Thread(target=flood) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = Counter(statuses)
        assert set(counts) == {"answered", "503"}, counts
        with httpx.Client(base_url=running.url, timeout=30) as client:
            event = client.post("gradio_api/call/v2/ask", json=QUESTION).json()["event_id"]
            assert "Rory Paterson" in client.get(f"gradio_api/call/ask/{event}").text
    finally:
        running.close()


def test_a_password_comes_from_a_file_and_is_never_shown(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "auth"
    file.write_text(f"ann:{PASSWORD}\n")
    file.chmod(0o600)
    command = [sys.executable, "-c", "from qa.cli import main; main()", "chat", "--index", str(index), "--auth-file", str(file)]
    with subprocess.Popen(
        [*command, "--port", str(free_port())], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        url = first.partition("Verbatim is at ")[2].split()[0]
        with httpx.Client(base_url=url, timeout=30) as client:
            assert client.get("config").status_code == 401
            for name, password in (("ann", "wrong"), ("bob", PASSWORD), ("", ""), ("ann", PASSWORD[:-1])):
                answer = client.post("login", data={"username": name, "password": password})
                assert answer.status_code in (400, 422)
                assert client.get("config").status_code == 401
            assert client.post("login", data={"username": "ann", "password": PASSWORD}).status_code == 200
            assert client.get("config").status_code == 200
            assert PASSWORD not in client.get("config").text + client.get("").text
        server.terminate()
        said = first + server.stdout.read()
    assert PASSWORD not in said


def test_names_and_passwords_are_compared_whole_whatever_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr("qa.ui.passwords.WAIT_SECONDS", 0.0)
    monkeypatch.setattr("qa.ui.passwords.hmac.compare_digest", compare)
    check = password_check("ann", PASSWORD)
    tried = (("ann", PASSWORD), ("ann", ""), ("bob", PASSWORD), ("x" * 1000, "é\udcff"))
    assert [asyncio.run(check(*given)) for given in tried] == [True, False, False, False]
    assert compared == [(hashlib.sha256().digest_size,) * 2] * 2 * len(tried), "both are, by digests of one length"


@pytest.mark.parametrize("text", ["ann", "ann:", ":secret", "", " :x", "ann:sec\nret"])
def test_what_is_no_name_and_password_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_auth(text, "--auth (or QA_AUTH)")
    assert str(raised.value) == "--auth (or QA_AUTH) needs a name and a password on one line; write NAME:PASSWORD"


def test_a_password_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "auth"
    file.write_text("ann:pass:word \n")
    file.chmod(0o640)
    with pytest.raises(BadInput, match=f"others on this machine may read it; run: chmod 600 {file}"):
        read_auth(file)
    file.chmod(0o600)
    assert read_auth(file) == ("ann", "pass:word ")
    file.write_bytes(b"\xff:x")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_auth(file)
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInput, match="give --auth-file another"):
            read_auth(wrong)
    line = complaint(qa("chat", "--auth", "a:b", "--auth-file", file, folder=tmp_path))
    assert line == "qa: --auth (or QA_AUTH) and --auth-file say the same; leave one out"
