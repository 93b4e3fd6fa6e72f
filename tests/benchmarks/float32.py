"""Export a model as `qa.export` does, but in float32: python -m tests.benchmarks.float32 MODEL FOLDER NAME."""

import sys
from pathlib import Path

from qa import export

if __name__ == "__main__":
    export.LEAST_COSINE = 2.0  # no int8 export comes as near
    export.export(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
