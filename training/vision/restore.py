"""Trainable weights out of an exported graph, so that training can go on where only the graph was kept.

The exporter folds each batch norm into its convolution. Here every norm gets the statistics of what its folded
convolution gives on real samples, and the scale and shift that undo them: the net computes what the graph computes,
and its norms are where training would have left them.
"""
import pathlib
from collections.abc import Iterable

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn


@torch.no_grad()
def restore(net: nn.Module, graph_file: pathlib.Path, samples: Iterable[torch.Tensor]) -> None:
    """Fills `net` from the graph that `export` wrote of it. `samples`: inputs as in training, some hundred in all."""
    graph = onnx.load(str(graph_file)).graph
    values = {
        tensor.name.removesuffix("_half"): torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
        for tensor in graph.initializer
    }
    layers = [node for node in graph.node if node.op_type in ("Conv", "MatMul")]
    weights = {_path_of(node): [values[name] for name in node.input[1:] if name in values] for node in layers}
    named = net.state_dict()
    norms = {}
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Linear) and f"{name}.weight" not in values:
            named[f"{name}.weight"].copy_(weights[name][0].T)
        elif isinstance(layer, nn.Conv2d) and layer.bias is None:
            named[f"{name}.weight"].copy_(weights[name][0])
        elif isinstance(layer, nn.BatchNorm2d):
            # It is the sibling behind its convolution (blocks.py).
            norms[layer] = weights[f"{name.rpartition('.')[0]}.0"][1]
    for name in named.keys() & values.keys():
        named[name].copy_(values[name])
    _undo(net, norms, samples)


def _path_of(node: onnx.NodeProto) -> str:
    """The module's path from what the exporter calls its node: "/stages.0/stages.0.1/first/first.0/Conv"."""
    path: list[str] = []
    for part in node.name.strip("/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path.pop()
        path.append(part)
    return ".".join(path)


def _undo(net: nn.Module, norms: dict[nn.BatchNorm2d, torch.Tensor], samples: Iterable[torch.Tensor]) -> None:
    """Each norm only shifts while what goes through it is measured; then it normalises, and undoes that."""
    totals = {norm: torch.zeros(2, norm.num_features, dtype=torch.float64) for norm in norms}
    counts = dict.fromkeys(norms, 0)
    for norm, shift in norms.items():
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
        norm.weight.fill_(1)
        norm.bias.copy_(shift)

    def measure(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor, ...]) -> None:
        rows = inputs[0].transpose(0, 1).flatten(1).double()
        totals[norm] += torch.stack([rows.sum(1), rows.square().sum(1)])
        counts[norm] += rows.shape[1]

    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    net.eval()
    for sample in samples:
        net(sample)
    for hook in hooks:
        hook.remove()
    for norm, shift in norms.items():
        mean, square = totals[norm] / counts[norm]
        variance = square - mean.square()
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(shift + mean)
