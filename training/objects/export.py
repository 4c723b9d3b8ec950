"""Writes models/nano/objects from the last checkpoints of train.py: both graphs, vocabulary, threshold, card.

    python training/objects/export.py

A net without a checkpoint stays as it was shipped.

The threshold is the lowest score with at most 0.2 false alarms a picture, asked for its own names and ten others, on
each of two development sets: glyphs of training in unseen scenes, and a set of glyphs (OpenMoji) that is neither trained
on nor part of the held-out pictures.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from bank import Bank
from measure import SEED, judged, measured, threshold_for
from model import SINGLE, VECTOR, Detector, ExportedDetector, Namer
from scenes import Scenes
from train import RUN, SIDES, input_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vision"))
from export import export
from restore import restore

OUT = pathlib.Path(__file__).resolve().parents[2] / "models" / "nano" / "objects"
PICTURES = 80
ALARMS = 0.2
MEASURED = 30  # scenes that show a restored net its own statistics


def main() -> None:
    torch.set_num_threads(1)
    bank = Bank()
    size = SIDES[1]
    shipped = json.loads((OUT / "training.json").read_text())
    namer, detector = Namer(len(bank.names)), Detector()
    trained = [name for name, net in (("names", namer), ("places", detector)) if _trained(net, name)]
    if "names" not in trained:
        raise SystemExit("expected a checkpoint of the names: run train.py names")
    if "places" not in trained:
        scenes = Scenes(bank, "train", size)
        pictures = [scenes.compose(np.random.default_rng((SEED, index)))[0] for index in range(MEASURED)]
        restore(ExportedDetector(detector, size), OUT / "places.onnx", [input_of(torch.from_numpy(one)[None]) for one in pictures])
    results = {part: judged(detector, namer, Scenes(bank, part, size, most=8, least=24), PICTURES) for part in ("train", "develop")}
    threshold = max(threshold_for(*result[:2], PICTURES, ALARMS) for result in results.values())
    metrics = {f"{part}_{key}": value for part, result in results.items() for key, value in measured(*result, threshold, PICTURES).items()}
    OUT.mkdir(parents=True, exist_ok=True)
    vectors = namer.names.detach()
    assert vectors.shape[1] == VECTOR
    square = torch.zeros(1, 3, size, size)
    if "places" in trained:
        export(ExportedDetector(detector, size), (square,), OUT / "places.onnx", ["image"], ["boxes", "objectness"], {})
    cuts, axes = torch.zeros(2, 3, SINGLE, SINGLE), {"cuts": {0: "n"}, "names": {0: "k"}, "logits": {0: "n", 1: "k"}}
    export(namer, (cuts, vectors[:3]), OUT / "names.onnx", ["cuts", "names"], ["logits"], axes)
    rows = [
        json.dumps({**{key: entry[key] for key in ("name", "synonyms", "groups")}, "vector": [round(float(v), 4) for v in vector]})
        for entry, vector in zip(bank.vocabulary, vectors, strict=True)
    ]
    head = f'{{"threshold": {threshold:.3f},\n"names": [\n'
    (OUT / "vocabulary.json").write_text(head + ",\n".join(rows) + "\n]}\n")
    card = {
        "history": _history(shipped, trained),
        "parameters": {"places": _count(detector), "names": _count(namer)},
        "options": {**shipped["options"], **{name: _options(name) for name in trained}},
        "last_step": {**shipped["last_step"], **{name: _last_step(name) for name in trained}},
        "development": {key: round(value, 4) for key, value in metrics.items()},
        "threshold": round(threshold, 3),
        "torch": torch.__version__,
    }
    (OUT / "training.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=1))


def _trained(net: torch.nn.Module, name: str) -> bool:
    """Takes the checkpoint, if there is one."""
    net.eval()
    file = RUN / name / "checkpoint.pt"
    if file.exists():
        net.load_state_dict(torch.load(file, weights_only=True)["mean"])
    return file.exists()


def _options(name: str) -> dict[str, str]:
    return json.loads((RUN / name / "options.json").read_text())


def _history(shipped: dict, trained: list[str]) -> list[str]:
    """How what each net went on from was made: nothing for one that began anew, and no run twice."""
    lines: list[str] = shipped["history"]
    for name in trained:
        options = shipped["options"][name]
        if not _options(name).get("warm", "").endswith(".onnx"):
            lines = [line for line in lines if not line.startswith(f"{name}:")]
        elif options != _options(name):
            told = " ".join(f"{key} {value}" for key, value in options.items() if key != "net")
            lines = [*lines, f"{name}: {told}, to step {shipped['last_step'][name]['step']}"]
    return lines


def _last_step(name: str) -> dict:
    return json.loads((RUN / name / "log.jsonl").read_text().splitlines()[-1])


def _count(net: torch.nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


if __name__ == "__main__":
    main()
