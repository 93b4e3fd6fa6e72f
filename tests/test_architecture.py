"""The layers import only lower ones, heavy packages have one owner, and starting costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

QA = Path(__file__).parents[1] / "qa"

LAYERS = [
    {"errors", "settings", "coverage", "locators"},
    {"records"},
    {"answer", "blocks", "order"},
    {"amounts", "text", "digests", "formats", "globs", "placing", "quoting", "writing", "years"},
    {"identity"},
    {"sandbox", "folders", "ownership", "answer_types", "asides", "expressions", "figures", "lists"},
    {"counterparts", "loaders", "passages", "encoder", "catalog", "vectors", "lexical", "generation"},
    {"archives", "downloads", "adoption"},
    {"models", "collection"},
    {"reader"},
    {"store"},
    {"publishing", "predecessor", "corpus", "extractor", "retriever", "spelling", "verification", "follow_ups"},
    {"pages", "spans"},
    {"cuts", "confidence", "citations"},
    {"parts", "evidence"},
    {"indexer"},
    {"engine", "watcher"},
    {"questions", "measures"},
    {"evaluation", "calibration"},
    {"doctor", "render"},
    {"report"},
    {"ui"},
    {"cli"},
]
"""From the lowest to the highest; a module imports only from layers below its own."""

ALONE = {
    "export": {"encoder"},
    "export_reader": {"encoder", "export"},
    "training": {"digests", "export", "extractor", "loaders", "models", "passages", "reader", "records", "text"},
}
"""Programs that run in a process of their own, with what they may import; nothing imports them."""

OWNERS = {
    "faiss": {"vectors"},
    "tantivy": {"lexical"},
    "onnxruntime": {"encoder", "export", "export_reader", "training"},
    "sqlite3": {"catalog", "store"},
    "torch": {"export", "export_reader", "training"},
    "sentence_transformers": {"export", "training"},
    "sklearn": {"training"},
    "scipy": {"training"},
    "ir_measures": {"measures"},
    "gradio": {"ui"},
    "yaml": {"formats"},
    "pypdfium2": {"formats"},
    "PIL": {"formats"},
    "watchfiles": {"watcher"},
    "docx": {"formats"},
    "pptx": {"formats"},
    "python_calamine": {"formats"},
    "striprtf": {"formats"},
    "lxml": {"formats"},
    "sentencex": {"text"},
    "Stemmer": {"text"},
    "tokenizers": {"encoder", "export", "export_reader", "reader", "training"},
}


def modules() -> dict[str, list[Path]]:
    """Return the files of each module of the pipeline; a package counts as one."""
    found: dict[str, list[Path]] = {}
    for path in sorted(QA.rglob("*.py")):
        name = path.relative_to(QA).parts[0].removesuffix(".py")
        if name != "__init__":
            found.setdefault(name, []).append(path)
    return found


def imports(path: Path) -> set[str]:
    """Return the full names of what a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "qa":
                names.update(f"qa.{alias.name}" for alias in node.names)
    return names


def inner(path: Path) -> set[str]:
    """Return the modules of the pipeline that a file imports."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("qa.")}


def test_every_module_has_a_layer() -> None:
    known = set().union(*LAYERS) | ALONE.keys()
    assert modules().keys() <= known


@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_a_module_imports_only_lower_layers(layer: int) -> None:
    below = set().union(*LAYERS[:layer])
    for name, paths in modules().items():
        if name in LAYERS[layer]:
            used = set().union(*map(inner, paths)) - {name}
            assert used <= below, f"{name} imports {sorted(used - below)}, which are not below it"


def test_programs_that_run_alone_import_little_and_nobody_imports_them() -> None:
    for name, paths in modules().items():
        used = set().union(*map(inner, paths)) - {name}
        if name in ALONE:
            assert used <= ALONE[name], name
        assert name in ALONE or not used & ALONE.keys(), name


def test_the_extractor_sees_texts_and_not_the_store() -> None:
    for name in ("extractor.py", "spans.py"):
        kinds = {"answer_types", "asides", "counterparts", "expressions", "figures", "identity", "lists"}
        allowed = {*kinds, "amounts", "extractor", "records", "text", "settings", "years"}
        assert inner(QA / name) <= allowed


def test_heavy_packages_have_one_owner() -> None:
    for name, paths in modules().items():
        used = {imported.split(".")[0] for path in paths for imported in imports(path)}
        for package, owners in OWNERS.items():
            assert package not in used or name in owners, f"{name} imports {package}, which belongs to {sorted(owners)}"


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = [
        "torch",
        "faiss",
        "gradio",
        "numpy",
        "onnxruntime",
        "sklearn",
        "ir_measures",
        "rich.console",
        "sentence_transformers",
        "pypdfium2",
        "PIL",
        "lxml",
        "docx",
        "pptx",
        "python_calamine",
    ]
    program = f"import sys, qa.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_is_a_god_file() -> None:
    for path in QA.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, f"{path.name}: is there a second noun inside?"
