"""The generation that an indexing run starts from: its root, its model, and what they may not change to."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa.catalog import Catalog, Entry, Run
from qa.errors import BadInput, DamagedIndex, IncompatibleIndex, NoIndex, VerbatimError
from qa.generation import Held, Manifest, check, claimed, hold
from qa.models import DEFAULT_MODEL
from qa.settings import SETTINGS
from qa.store import CATALOG, ROWS, VECTORS, CatalogError, load_rows
from qa.vectors import VectorIndex

Counts = npt.NDArray[np.int64]


def recorded_root(index: Path) -> Path | None:
    """Return the folder an index was built from; None where there is no index.

    Where the index is damaged, what a manifest of it says is believed, because the folder is only
    read again. Raises BadInput where none says it.
    """
    try:
        held = hold(index)
    except NoIndex:
        return None
    except (DamagedIndex, IncompatibleIndex):
        claim = claimed(index)
        if claim is None:
            raise BadInput(
                f"{index}: is damaged and does not say what it was made from; run: qa index FOLDER --rebuild"
            ) from None
        return claim[0]
    held.close()
    return Path(held.manifest.root)


def recognises(manifest: Manifest, entries: Iterable[Entry]) -> bool:
    """Tell whether an index was built with recognition, so that it goes on so; one that does not say so by its documents."""
    if manifest.ocr is not None:
        return manifest.ocr
    return any(entry.document.coverage.recognition and entry.document.coverage.recognised_pages for entry in entries)


def recorded_ocr(index: Path) -> bool:
    """Tell whether the index that stands, if one does, was built with recognition, as far as it can be read."""
    try:
        with contextlib.closing(hold(index)) as held:
            if held.manifest.ocr is not None:
                return held.manifest.ocr
            with contextlib.closing(open_catalog(held)) as catalog:
                return recognises(held.manifest, catalog.entries())
    except (NoIndex, DamagedIndex, IncompatibleIndex):  # whether one may be built over it is for the run itself to say
        return False


def open_predecessor(index: Path, root: Path, model: str | None, *, rebuild: bool, replace: bool) -> tuple[Held | None, str]:
    """Open what is to be updated, None for a fresh start, and name the model to use.

    Raises BadInput for another root and IncompatibleIndex for another model or settings, unless the
    options allow them; DamagedIndex where only a rebuild would help.
    """
    anew = rebuild or replace
    try:
        held = hold(index)
    except NoIndex:
        return None, model or DEFAULT_MODEL
    except (DamagedIndex, IncompatibleIndex):
        if anew:
            return None, model or _claimed_model(index)
        raise
    try:
        manifest = held.manifest
        made: str = manifest.model["model"]
        wanted = model or made
        if Path(manifest.root) != root and not replace:
            raise BadInput(
                f"{index}: is the index of {manifest.root}, not of {root};"
                " add --replace to index the new folder instead, or name another index with --index"
            )
        if not anew:
            if wanted != made:
                raise IncompatibleIndex(
                    f"{index}: was made with model {made}, not {wanted}; add --rebuild to embed everything anew"
                )
            if manifest.settings != vars(SETTINGS):
                raise IncompatibleIndex(f"{index}: was cut by other passage settings; run: qa index --rebuild")
        check(index, held)
    except VerbatimError as error:
        held.close()
        if anew and isinstance(error, DamagedIndex):
            return None, wanted
        raise
    return held, wanted


def _claimed_model(index: Path) -> str:
    """Return the model that a damaged index says it was made with, if that stands on this machine.

    The name itself may be what is damaged, so no other is looked for on the network.
    """
    claim = claimed(index)
    if claim is None or claim[1] == DEFAULT_MODEL or Path(claim[1]).is_dir():
        return claim[1] if claim else DEFAULT_MODEL
    raise BadInput(f"{index}: is damaged and was made with model {claim[1]}, it says; add --model NAME_OR_PATH")


def _damaged(path: Path, reason: object) -> DamagedIndex:
    return DamagedIndex(f"{path}: cannot be read ({reason}); the index is damaged, run: qa index --rebuild")


def open_catalog(held: Held) -> Catalog:
    """Open the catalog of what is updated; raises DamagedIndex if it is none, whatever its checksum says."""
    try:
        return Catalog(held.folder / CATALOG)
    except CatalogError as error:
        raise _damaged(held.folder / CATALOG, error) from None


class KnownVectors:
    """Look up where the sentence vectors of a generation's passages stand by their keys; none are held in memory."""

    def __init__(self, held: Held | None, wanted: set[str]) -> None:
        """Find those wanted keys that are known; raises DamagedIndex where parts disagree."""
        self._places: dict[str, tuple[int, int]] = {}
        self.index: VectorIndex | None = None
        if held is None:
            return
        self._path = held.folder / ROWS
        catalog = open_catalog(held)
        try:
            self.index = VectorIndex(held.folder / VECTORS)
            rows = load_rows(held.folder / ROWS)
            if rows.ndim != 1 or (np.diff(rows, prepend=0) < 0).any() or rows[-1] != self.index.rows or not self.index.whole:
                raise ValueError("its rows are not those of the vectors")
            self._rows = rows
            for key, number in catalog.passage_keys() if wanted else ():
                if key in wanted:
                    self._places[key] = (int(rows[number]), int(rows[number + 1]))
        except (OSError, RuntimeError, ValueError, IndexError) as error:
            raise _damaged(held.folder / ROWS, error) from None
        finally:
            catalog.close()

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> tuple[int, int]:
        """Return the range of rows of a known key."""
        return self._places[key]

    def counts(self, run: Run) -> Counts:
        """Return how many vectors each passage of a run of documents has; raises DamagedIndex where it has fewer passages."""
        rows = self._rows[run.first_passage : run.first_passage + run.passages + 1]
        if len(rows) != run.passages + 1:
            raise _damaged(self._path, "something is missing")
        return np.diff(rows)

    def rows(self, run: Run) -> tuple[int, int]:
        """Return the range of rows of a run of documents."""
        return int(self._rows[run.first_passage]), int(self._rows[run.first_passage + run.passages])
