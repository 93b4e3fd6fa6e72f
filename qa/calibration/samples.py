"""Ask a labelled set and note what the confidence is made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa.confidence import FEATURES, Calibration, shipped
from qa.engine import Engine
from qa.measures.significance import Values
from qa.models import Progress
from qa.questions.places import holds, places_of
from qa.questions.records import QuestionSet

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """Hold what was seen of a labelled set, a row a citation and a question.

    `described` has shape (citations, FEATURES); `right`, `first` and `question` are of citations, the
    last their question's number; `answerable` and `confidence` (before fitting) are of questions.
    """

    described: Values
    right: Flags
    first: Flags
    question: npt.NDArray[np.int64]
    answerable: Flags
    confidence: Values

    @property
    def prior(self) -> Calibration:
        """Return the shipped calibration for what was seen: with the reader, or without where it read nothing."""
        return shipped(bool(self.described[:, FEATURES.index("reader")].any()))


def collect(engine: Engine, questions: QuestionSet, progress: Progress | None = None) -> Sample:
    """Ask every question and note the features of each citation and whether it holds an answer."""
    described, right, first, number, confidence = [], [], [], [], []
    for position, judged in enumerate(questions.questions):
        if progress:
            progress("asking", position + 1, len(questions.questions))
        result = engine.ask(judged.question.text)
        confidence.append(result.confidence)
        for citation in result.passages:
            described.append([citation.features[name] for name in FEATURES])
            right.append(any(holds(place, gold) for place in places_of(citation) for gold in judged.golds))
            first.append(citation.rank == 1)
            number.append(position)
    return Sample(
        np.array(described, dtype=np.float64).reshape(-1, len(FEATURES)),
        np.array(right, dtype=np.bool_),
        np.array(first, dtype=np.bool_),
        np.array(number, dtype=np.int64),
        np.array([judged.answerable for judged in questions.questions], dtype=np.bool_),
        np.array(confidence, dtype=np.float64),
    )
