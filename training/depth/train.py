"""Trains the nano depth net on the shards that render.py writes; resumes from its checkpoint.

    python training/depth/train.py --scale 0.5 --batch 32 --samples 160000 --work training/.work/depth-small

Small pictures first (README.md has all commands): what a scene is like as a whole can be learnt from them, four times
as many in the same time. It may start while shards are still being written. The last run's plan, time and measures go
into `models/nano/depth/training.json`.
"""
import argparse
import pathlib
import sys

import cv2
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from data import MULTIPLE, Shards
from losses import depth_loss
from measure import mean_scores, scores
from net import DepthNet
from vision.export import export
from vision.loop import Plan, train, write_card
from vision.restore import restore

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEASURED = 24  # batches that show a restored net its own statistics
RECIPE = (
    "Ray-cast scenes of 13 generators with textures independent of their shapes (training/depth/{worlds,textures}.py), "
    "16,200 pictures at about 224 x 288, and 16,000 of the same generators with bodies afloat in a fifth of them; crops, "
    "flips and a camera's faults at training time (sensor.py). Loss: "
    "affine-invariant error, its differences at four spacings, relative error after the best factor, ranking in rows."
)


def batches_of(folder: pathlib.Path, plan: Plan, scale: float):
    def batches(first: int):
        # A resumed run draws from a stream of its own.
        data = Shards(folder, plan.batch, plan.seed + first, scale)
        for images, inverse in torch.utils.data.DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=6):
            yield images.contiguous(memory_format=torch.channels_last).float() / 255, inverse

    return batches


@torch.no_grad()
def measured(model: torch.nn.Module, file: pathlib.Path, scale: float, most: int | None = None) -> dict[str, float]:
    """Of the development scenes, if they were rendered (`heldout.py --dev`), at the size of training."""
    if not file.exists():
        return {}
    stored = np.load(file)
    r = np.random.default_rng(5)
    rows = []
    for n in range(len(stored["images"]))[:most]:
        image, inverse = stored["images"][n], stored["inverse"][n].astype(np.float32)
        size = [round(side * scale / MULTIPLE) * MULTIPLE for side in image.shape[1::-1]]
        picture = torch.from_numpy(cv2.resize(image, size, interpolation=cv2.INTER_AREA)).permute(2, 0, 1)[None].float() / 255
        with torch.autocast("cpu", torch.bfloat16):
            p = model(picture)[0, 0].float().numpy()
        rows.append(scores(cv2.resize(p, inverse.shape[::-1]), inverse, r))
    return {f"dev_{name}": value for name, value in mean_scores(rows).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=48_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the pictures' sides; at 0.5 four times as many are seen in the same time")
    parser.add_argument("--warm", type=pathlib.Path, help="a checkpoint.pt whose mean weights to begin with, or the shipped graph")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "training/.work/depth")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "training/.work/depth-run")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "models/nano/depth")
    options = parser.parse_args()
    torch.set_num_threads(1)
    plan = Plan(samples=options.samples, batch=options.batch, rate=options.rate, mean=0.998)
    torch.manual_seed(plan.seed)
    pairs = torch.Generator().manual_seed(plan.seed)
    dev = options.data / "dev.npz"
    net = DepthNet()
    if options.warm and options.warm.suffix == ".onnx":
        pictures = batches_of(options.data, plan, options.scale)(0)
        restore(net, options.warm, [next(pictures)[0] for _ in range(MEASURED)])
    elif options.warm:
        net.load_state_dict(torch.load(options.warm, weights_only=True)["mean"])
    model = train(
        net,
        batches_of(options.data, plan, options.scale),
        lambda net, batch: depth_loss(net(batch[0])[:, 0], batch[1], pairs),
        plan,
        options.work,
        watch=lambda net, _: measured(net, dev, options.scale, 40),
        watch_every=500,
        compiled=True,
    )
    size = export(
        model,
        (torch.zeros(1, 3, 256, 320),),
        options.out / "model.onnx",
        ["image"],
        ["inverse_depth"],
        {"image": {2: "height", 3: "width"}, "inverse_depth": {2: "half_height", 3: "half_width"}},
    )
    print(f"{size} bytes", file=sys.stderr)
    write_card(options.out, plan, sum(p.numel() for p in model.parameters()), RECIPE, measured(model, dev, options.scale))


if __name__ == "__main__":
    main()
