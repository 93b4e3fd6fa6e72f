"""Keep a user's calibration beside an index's generations, so that it outlives them."""

import json
from pathlib import Path
from typing import Any

from qa.calibration.crossvalidation import Fitted
from qa.engine import Engine
from qa.errors import BadInput
from qa.writing import write_whole


def to_json(fitted: Fitted, engine: Engine, false_refusals: float, cost: float | None) -> str:
    """Return the calibration as its file holds it, with the models and settings it is for."""
    manifest = engine.store.manifest
    described: dict[str, Any] = {
        "weights": dict(fitted.calibration.weights),
        "intercept": fitted.calibration.intercept,
        "threshold": fitted.calibration.threshold,
        "fingerprint": manifest.model["fingerprint"],
        "settings": dict(manifest.settings),
        "reader": engine.reader,
        "questions": {"answerable": fitted.answerable, "unanswerable": fitted.unanswerable},
        "asked_for": {"false_refusals": false_refusals} if cost is None else {"cost": cost},
        "rates": {"before": vars(fitted.before), "after": vars(fitted.after)},
    }
    return json.dumps(described, indent=1) + "\n"


def path_of(index: Path) -> Path:
    """Return where an index keeps a user's calibration."""
    return index / "calibration.json"


def write(index: Path, text: str) -> None:
    """Put a calibration in place in one step; raises BadInput where the index cannot be written."""
    write_whole(path_of(index), text)


def undo(index: Path) -> bool:
    """Remove a user's calibration, so that the shipped one is used; tell whether there was one."""
    try:
        path_of(index).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise BadInput(f"{path_of(index)}: cannot be removed ({error.strerror})") from None
    return True
