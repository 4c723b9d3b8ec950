"""A trained net as one self-contained ONNX file whose weights take two bytes each."""
import pathlib
import tempfile

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
# Smaller tensors, such as biases, gain nothing worth a node.
HALVED_VALUES_MIN = 256


def export(
    model: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    file: pathlib.Path,
    input_names: list[str],
    output_names: list[str],
    dynamic: dict[str, dict[int, str]],
) -> int:
    """Writes `file` and gives its size in bytes. `dynamic`: axes of inputs and outputs that vary, by name."""
    model = model.eval().float().to(memory_format=torch.contiguous_format)
    with tempfile.TemporaryDirectory() as folder:
        whole = str(pathlib.Path(folder) / "model.onnx")
        torch.onnx.export(
            model,
            inputs,
            whole,
            input_names=input_names,
            output_names=output_names,
            dynamic_axes=dynamic,
            opset_version=OPSET,
            dynamo=False,
        )
        graph = onnx.load(whole)
    halve(graph)
    onnx.checker.check_model(graph, full_check=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, str(file))
    return file.stat().st_size


def halve(model: onnx.ModelProto) -> None:
    """Stores float32 weights as float16 behind a Cast, which the runtime folds when it loads the graph."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < HALVED_VALUES_MIN:
            continue
        limit = np.finfo(np.float16).max
        if np.abs(values).max() > limit:
            raise ValueError(f"{tensor.name} has values beyond float16")
        name = tensor.name
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
