"""Fixtures, hostile texts and helpers that the tests share."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from qa.encoder import Encoder
from qa.formats.markdown import parse_markdown
from qa.loaders import document_of
from qa.models import DEFAULT_MODEL, packaged_model, prepare_model
from qa.records import Document
from tests.browsing import browser as browser
from tests.browsing import index as index
from tests.browsing import served as served
from tests.browsing import visitor as visitor
from tests.indexes import made as made
from tests.indexes import made_in_cells as made_in_cells

settings.register_profile("project", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

NOBODY = 65534
CHILD_SECONDS = 60
CANNOT = "the system does not let root give up its rights"

QUESTIONS = (
    "Who chairs the board that oversees the improvement plan?",
    "how many litres of water per second",
    "When did the 😀 festival in Kraków begin?",
    "한국의 수도는 어디입니까?",
    "What makes the rate of a reaction depend on temperature; and on pH?",
)

PIECES = (
    "The board met on 3 March. ", "Dr. Smith (b. 1940) spoke; nobody, it seems, listened. ", "“Stop!” she said. Why? ",
    "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \t\n", " ", "\t", "\u00a0", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c",
    "\0", "\x07", "\ufeff", "\u200b", "\u200d", "\u200f", "\u202e", "\u00ad", "e\u0301", "\u0301", "é", "İ", "ß", "ﷺ", "\u037a",
    "！", "\ufffd", "😀", "👩\u200d👩\u200d👧", "🇬🇧", "한국어", "한글각" * 40,
    "中文。句子。", "ไทย", "עברית ", "العربية ", "---\n", "\n---\n\n",
    "```\n# not a heading\n```\n", "~~~\n", "> # quoted\n", "> ", "- item\n", "- ", "\n* a\n* b\n", "1. ", "12) twelve\n",
    "| a | b |\n", "|---|---|\n", "    indented\n", "<div>\n", "<!--", "-->", "[a]: http://b\n", "[", "](", "`", "**", '"', "'",
    "...", "!?", "。", ";", "[SEP]", "[CLS] ", "[UNK]", "pneumonoultramicroscopicsilicovolcanoconiosis", "x" * 320, "a.b." * 90,
    "plushinterdisciplinary" * 5, "-" * 310, "\n" * 40, " " * 320, "word " * 70, "semi; " * 60, "#none\n",
)  # fmt: skip
"""What texts break on: line ends, marks, scripts, markup, and stretches longer than any sentence or line."""

BLOCKS = (
    "\n\n# Heading\n", "\n## Sub heading\n", "\r\n### Below\r\n", "\r\r###### Six ######\r",
    "\n\nSetext 😀\n===\n", "\r\n\r\nTwo\r\n---\r\n", "\n\nA paragraph of one sentence.\n\n",
    "\r\n\r\nTwo lines,\r\nthree sentences. Like this. And this?\r\n\r\n",
    "\n\n" + "A long paragraph repeats itself, as it must. " * 12, "\n- one\n- two 😀\n  1. three\n", " " * 700 + "\n" * 700,
)  # fmt: skip
"""What long texts are made of."""

_pieces = st.one_of(st.sampled_from(PIECES), st.sampled_from(BLOCKS), st.sampled_from(PIECES), st.text(max_size=12))
hostile_texts = st.one_of(st.lists(_pieces, max_size=6), st.lists(_pieces, min_size=15, max_size=40)).map("".join)

TRAPS = {
    "no blanks": "x",
    "newlines": "\n",
    "CRLF": "\r\n",
    "blanks": " ",
    "list marks": "- ",
    "empty items": "-\n",
    "quotes": "> ",
    "brackets": "[",
    "initials": "a. ",
    "numbers": "1. ",
    "open parentheses": "(a. ",
    "quotation marks": '". ',
    "backticks": "`",
    "emoji": "😀. ",
    "headings": "a\n=\n",
    "deeper and deeper": "".join("  " * depth + "- a\n" for depth in range(120)),
    "quotes in quotes": "".join("> " * depth + "a\n" for depth in range(120)),
}
"""What is repeated to make long texts on which a program may take for ever or recurse to death."""

TRAP_CHARACTERS = 150_000
TRAP_SECONDS = 4.0
"""Processor time: ten times what a text takes, and less than what the square of its length takes."""


def trap(name: str) -> str:
    """Return TRAP_CHARACTERS of a trap."""
    return (TRAPS[name] * (TRAP_CHARACTERS // len(TRAPS[name]) + 1))[:TRAP_CHARACTERS]


def markdown(text: str, path: str = "a.md") -> Document:
    """Return a Markdown text as a document."""
    return document_of(path, text, parse_markdown(text), "utf-8")


def as_nobody(work: Callable[[], str]) -> str:
    """Return what `work` returns, or the error it raises, in a child without root's rights."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork, so rights cannot be given up in a child")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result = CANNOT
        try:
            signal.alarm(CHILD_SECONDS)
            # OpenMP's threads do not live on in a child, which would wait for them for ever.
            faiss.omp_set_num_threads(1)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            result = ""
            result = work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent is to see it
            result = result or f"{type(error).__name__}: {error}"
        finally:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(result.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read().decode()
    status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) == 0, f"the child died, or took over {CHILD_SECONDS} seconds"
    if result == CANNOT:
        pytest.skip(result)
    return result


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Make a folder that any user can reach; pytest's own are for the user alone."""
    folder = Path(tempfile.mkdtemp(prefix="verbatim-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """Export the default model, or take it from the user's cache."""
    return prepare_model(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    """Load the default model's export."""
    return Encoder(encoder_folder)


@dataclass(frozen=True)
class Reference:
    """Hold sentence-transformers' own vectors of QUESTIONS, and a small model with its vectors of the same."""

    questions: npt.NDArray[np.float32]
    model: Path
    prompted: npt.NDArray[np.float32]


_REFERENCE = """
import json, sys
from pathlib import Path
import numpy, torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from transformers import BertConfig, BertModel

source, folder, questions = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
whole = SentenceTransformer(source, device="cpu")
numpy.save(folder / "questions.npy", whole.encode_query(questions))
torch.manual_seed(7)
config = BertConfig(vocab_size=len(whole.tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                    intermediate_size=64, max_position_embeddings=512)
BertModel(config).save_pretrained(folder / "bert")
whole.tokenizer.save_pretrained(folder / "bert")
small = SentenceTransformer(modules=[Transformer(str(folder / "bert")), Pooling(32, pooling_mode="cls")], device="cpu",
                            prompts={"query": "query: ", "document": "passage: "})
small.save(str(folder / "small"))
numpy.save(folder / "prompted.npy", numpy.concatenate([small.encode_query(questions), small.encode_document(questions)]))
"""


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Have sentence-transformers encode QUESTIONS and save a small model, in a process of its own: it loads torch."""
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, "-c", _REFERENCE, str(packaged_model()), str(folder), json.dumps(QUESTIONS)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-2000:]
    return Reference(np.load(folder / "questions.npy"), folder / "small", np.load(folder / "prompted.npy"))
