"""Whatever is sent to a served page gets a sound answer or one clear line: no traceback, no hang, nothing of this machine.

`QA_EXAMPLES=2500 python -m pytest tests/test_bad_requests.py` sends 7,500 and more; without it about 180.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.ui import launch
from tests.browsing import free_port
from tests.indexes import CORPUS, FERRY, copy_index, make_index
from tests.test_bad_input import asked, counts, dates, globs, hostile, jsons, texts

INSIDE = ("Traceback", "site-packages", "root:")
"""What no answer may show."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_index(make_index(tmp_path_factory.getbasetemp() / "made"), tmp_path_factory.mktemp("bad requests"))


@pytest.fixture(scope="module")
def page(index: Path) -> Iterator[httpx.Client]:
    running = launch(index, port=free_port())
    with httpx.Client(base_url=running.url, timeout=30) as client:
        yield client
        event = client.post("gradio_api/call/v2/ask", json={"question": FERRY}).json()["event_id"]
        assert "event: complete" in client.get(f"gradio_api/call/ask/{event}").text, "it does not answer any more"
    running.close()


def sent(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def assert_quiet(capsys: pytest.CaptureFixture[str], *told: str) -> None:
    assert "Traceback" not in capsys.readouterr().err
    for text in told:
        assert not any(inside in text for inside in INSIDE), text[:500]


strange = st.one_of(jsons, asked)
fields = st.fixed_dictionaries(
    {},
    optional={
        "question": st.one_of(asked, strange),
        "query": st.one_of(asked, strange),
        "k": st.one_of(counts, strange),
        "source": st.one_of(globs, st.lists(globs, max_size=3), strange),
        "since": st.one_of(dates, strange),
        "until": st.one_of(dates, strange),
        "after": st.one_of(st.lists(asked, max_size=12), strange),
        "nothing": strange,
    },
)
names = st.sampled_from(["ask", "search", "sources", "none", "arrive", "leave"])
JSON = {"Content-Type": "application/json"}


@hostile
@given(
    names,
    st.one_of(fields.map(sent), jsons.map(sent), st.binary(max_size=40)),
)
@example("ask", sent({"question": 5}))
@example("ask", sent({"question": FERRY, "k": "many"}))
@example("ask", sent({"question": FERRY, "k": 2.5}))
@example("ask", sent({"question": FERRY, "source": {"a": 1}}))
@example("ask", sent({"question": FERRY, "after": [1, None]}))
@example("ask", sent([]))
@example("ask", b"[" * 100_000)
def test_any_request_of_a_program_is_answered_or_refused_in_one_line(
    page: httpx.Client, capsys: pytest.CaptureFixture[str], name: str, body: bytes
) -> None:
    joined = page.post(f"gradio_api/call/v2/{name}", content=body, headers=JSON)
    if joined.status_code != 200:
        assert joined.status_code in (400, 404, 422, 503), (joined.status_code, joined.text[:300])
        assert_quiet(capsys, joined.text)
        assert joined.text.isprintable()
        return
    told = page.get(f"gradio_api/call/{name}/{joined.json()['event_id']}").text
    assert_quiet(capsys, told)
    kind, _, data = told.rpartition("event: ")[2].partition("\ndata: ")
    if kind == "error":
        message = json.loads(data)
        assert isinstance(message, str) or set(message) >= {"error"}, message
        assert str(message["error"] if isinstance(message, dict) else message).isprintable(), message
        return
    assert kind == "complete"
    for cited in json.loads(data)[0].get("citations", []) if name == "ask" else ():
        assert CORPUS[cited["document"]][cited["start"] : cited["end"]] == cited["quote"]


@hostile
@given(st.integers(-1, 20), st.lists(strange, max_size=9), strange)
@example(10, [None, "Shared documents"], {"turn": [], "rank": "x"})
@example(12, ["", ""], {"files": [{"name": 5, "path": {"a": 1}}]})
@example(12, ["", ""], {"files": [{"name": "a", "path": "/etc/passwd"}]})
@example(12, ["", ""], [1])
@example(4, [None, {"keys": ["x", -5, []]}, "", "", "Shared documents"], {"question": FERRY, "after": "x", "earlier": [5, {}]})
@example(4, [5, None, 5, None, [], {}, "", []], None)
@example(0, ["\udcff"], "")
def test_any_event_of_the_page_ends_and_shows_nothing_of_this_machine(
    page: httpx.Client, number: int, data: list[Any], event: Any
) -> None:
    session = secrets.token_hex(8)
    body = {"data": data, "fn_index": number, "session_hash": session, "event_data": event}
    joined = page.post("gradio_api/queue/join", content=sent(body), headers=JSON)
    assert not any(inside in joined.text for inside in INSIDE)
    if joined.status_code != 200:
        assert joined.status_code in (400, 403, 404, 422, 503), (joined.status_code, joined.text[:300])
        return
    with page.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as told:
        lines = list(told.iter_lines())
    assert any("process_completed" in line for line in lines), lines
    # The framework writes down what it makes of events that no page sends; the sender is not shown it.
    assert not any(inside in line for line in lines for inside in INSIDE), lines


@hostile
@given(
    st.lists(st.one_of(texts, st.sampled_from(["%252e%252e", "..%2f..", "page", "1", "0", "-1", "9" * 30])), max_size=4),
    st.dictionaries(st.sampled_from(["start", "end", "width", "shelf", "x"]), st.one_of(texts, counts.map(str)), max_size=4),
)
def test_any_request_for_a_page_is_refused_in_one_line(
    page: httpx.Client, capsys: pytest.CaptureFixture[str], parts: list[str], query: dict[str, str]
) -> None:
    from urllib.parse import quote, urlencode

    path = "/".join(quote(part, safe="%", errors="surrogatepass") for part in parts)
    answer = page.get(f"page/{path}?{urlencode(query, errors='surrogatepass')}")
    assert answer.status_code in (404, 421), (answer.status_code, answer.text[:300])
    assert answer.text.isprintable()
    assert_quiet(capsys, answer.text)
