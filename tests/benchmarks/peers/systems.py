"""The peers: where each runs, by which program, and with which of its documented settings."""

import hashlib
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.models import cache_root

PROGRAMS = Path(__file__).parent / "programs"
CHOSEN = Path(__file__).with_name("chosen.json")
"""Each peer's best settings by name, as `--choose --write` found them."""

WHEN_ASKING = ("depth", "join")
"""Settings that leave the index as it is."""

_TORCH = "torch==2.13.0"
"""Installed first and by itself, which takes a build for processors alone where one is offered: no gigabytes for GPUs."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "true",
}


@dataclass(frozen=True)
class System:
    """Hold a peer: `told` says how its documentation sets it up, `alternatives` what else it offers, setting by setting."""

    name: str
    program: str
    requirements: tuple[str, ...]
    told: str
    alternatives: tuple[Mapping[str, Any], ...] = ()

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return what did best on squad2's tune articles; nothing where that is what is documented, or nothing was tried."""
        chosen: dict[str, dict[str, Any]] = json.loads(CHOSEN.read_text(encoding="utf-8")) if CHOSEN.exists() else {}
        return chosen.get(self.name, {})

    @property
    def described(self) -> str:
        """Return the settings that are used, in words."""
        if not CHOSEN.exists():
            return f"{self.told} (as documented; no others were tried)"
        return self.told + (f"; changed: {json.dumps(self.settings)}" if self.settings else "")

    def environment(self) -> Path:
        """Return the Python of the peer's own virtual environment, made in the user's cache where there is none."""
        key = hashlib.sha256("\n".join(self.requirements).encode()).hexdigest()[:12]
        folder = cache_root() / "peers" / f"{self.name.split()[0].lower()}-{key}"
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            for group in [[item] for item in self.requirements if item == _TORCH] + [list(self.requirements)]:
                subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-warn-conflicts", *group], check=True)
            (folder / "complete").touch()
        return python


PEERS = (
    System(
        "bm25s 0.3.16",
        "lexical.py",
        ("bm25s==0.3.16", "PyStemmer==3.1.0"),
        "words alone: Lucene's BM25 (k1 1.5, b 0.75), English stop words, Snowball stems",
        alternatives=({"method": "robertson"}, {"method": "bm25+"}, {"titled": True}),
    ),
    System(
        "txtai 9.14.0 hybrid",
        "txtai_hybrid.py",
        (_TORCH, "txtai==9.14.0"),
        "Embeddings(hybrid=True, content=True): FAISS and BM25 with normalised scores, weights 0.5",
        alternatives=({"normalize": "bayes"}, {"titled": True}, {"titled": True, "normalize": "bayes"}),
    ),
    System(
        "Haystack 3.4.0 hybrid",
        "haystack_hybrid.py",
        (_TORCH, "haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0", "sentence-transformers==6.2.0"),
        "InMemoryDocumentStore, BM25 and embedding retriever of 10 each, DocumentJoiner by reciprocal rank fusion",
        alternatives=(
            {"depth": 100},
            {"join": "distribution_based_rank_fusion"},
            {"bm25": "BM25Okapi"},
            {"bm25": "BM25Plus"},
            {"titled": True},
        ),
    ),
)
