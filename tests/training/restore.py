"""A small net is exported and restored: it computes the same, and its norms normalise what they see."""
import pathlib
import sys
import tempfile

import torch
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "training" / "vision"))
from blocks import Residual, Stage, conv
from export import export
from restore import restore


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([Stage(3, 16, 1), Stage(16, 24, 2)])
        self.last = nn.Sequential(conv(24, 24, 1), Residual(24), nn.Conv2d(24, 12, 1))
        self.mix = nn.Sequential(nn.Linear(12, 24, bias=False), nn.BatchNorm1d(24))
        self.out = nn.Linear(24, 300)

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return self.out(self.mix(self.last(x).mean((2, 3))))


torch.manual_seed(3)
batches = [torch.rand(8, 3, 16, 16) for _ in range(40)]
trained, restored = Net().train(), Net()
optimiser = torch.optim.SGD(trained.parameters(), lr=0.05)
for batch in batches:
    optimiser.zero_grad()
    (trained(batch) - batch.mean()).square().mean().backward()
    optimiser.step()
trained.eval()
with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "net.onnx"
    export(trained, (batches[0],), file, ["x"], ["y"], {"x": {0: "n"}, "y": {0: "n"}})
    restore(restored, file, batches[:20])
with torch.no_grad():
    expected = trained(batches[1])
    spread = float(expected.std())
    same = float((restored.eval()(batches[1]) - expected).abs().max()) / spread
    # In training a norm takes the statistics of its batch: here of all that it was shown. (The norm of `mix` is no part
    # of a convolution and is as it was.)
    restored.train().mix.eval()
    shown = torch.cat(batches[:20])
    together = float((restored(shown) - trained(shown)).abs().max()) / spread
print(f"{same:.5f} {together:.5f}")
