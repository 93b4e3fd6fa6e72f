"""Tell how near the encoder comes to the processor's own limit: its matrix multiplications alone, same shapes and types.

`python -m tests.benchmarks.limit [INDEX] [--tokens 42 200]` runs the multiplications of the weights of an index's encoder
by themselves, on one thread as the encoder does, and prints what share of its forward pass they are. What a pass takes
beyond them (attention, normalisation, bringing values to eight bits) is all that any better program could save.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from qa.encoder import open_session
from qa.store import ENCODER
from tests.indexes import generation

ROUNDS = 60


def multiplications(model: Path) -> onnx.ModelProto:
    """Return a model of nothing but another's multiplications by weights, each of an input of its own shape and type."""
    graph = onnx.load(model).graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes, kept, inputs, outputs = [], [], {}, []
    for node in graph.node:
        if node.op_type not in ("MatMul", "MatMulInteger") or node.input[1] not in weights:
            continue
        weight = weights[node.input[1]]
        whole = node.op_type == "MatMulInteger"
        kind, result = (TensorProto.UINT8, TensorProto.INT32) if whole else (TensorProto.FLOAT, TensorProto.FLOAT)
        name = f"{'whole' if whole else 'float'}_{weight.dims[0]}"
        inputs[name] = helper.make_tensor_value_info(name, kind, ["tokens", weight.dims[0]])
        output = f"out_{len(outputs)}"
        outputs.append(helper.make_tensor_value_info(output, result, ["tokens", weight.dims[1]]))
        kept.append(numpy_helper.from_array(numpy_helper.to_array(weight), weight.name))
        zeros = []
        if whole:
            zeros = [f"zero_{output}", node.input[3]] if len(node.input) > 3 else [f"zero_{output}"]
            kept.append(helper.make_tensor(zeros[0], TensorProto.UINT8, [], [128]))
            kept += [weights[zero] for zero in zeros[1:] if zero not in {tensor.name for tensor in kept}]
        nodes.append(helper.make_node(node.op_type, [name, weight.name, *zeros], [output]))
    return helper.make_model(
        helper.make_graph(nodes, "multiplications", list(inputs.values()), outputs, kept),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )


def least(work: Callable[[], object]) -> float:
    """Return the least seconds that some work took."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def show(encoder: Path, lengths: Sequence[int]) -> None:
    """Print, for texts of some numbers of tokens, the forward pass, the multiplications alone, and their share."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    whole = open_session(encoder / "model.onnx")
    alone = onnxruntime.InferenceSession(
        multiplications(encoder / "model.onnx").SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    random = np.random.default_rng(7)
    for tokens in lengths:
        ids = {item.name: np.ones((1, tokens), dtype=np.int64) for item in whole.get_inputs()}
        fed = {
            item.name: random.integers(0, 256, (tokens, item.shape[1]), dtype=np.uint8)
            if item.type == "tensor(uint8)"
            else random.normal(size=(tokens, item.shape[1])).astype(np.float32)
            for item in alone.get_inputs()
        }
        passed = least(lambda ids=ids: whole.run(["token_embeddings"], ids))  # type: ignore[misc]
        limit = least(lambda fed=fed: alone.run(None, fed))  # type: ignore[misc]
        print(
            f"{tokens:4} tokens: a forward pass {passed * 1000:6.2f} ms, its multiplications by weights alone"
            f" {limit * 1000:6.2f} ms: {limit / passed:.0%} of the processor's own limit"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, nargs="?", default=Path("index"))
    parser.add_argument("--tokens", type=int, nargs="+", default=[42, 200])
    arguments = parser.parse_args()
    show(generation(arguments.index) / ENCODER, arguments.tokens)


if __name__ == "__main__":
    main()
