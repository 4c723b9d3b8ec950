"""Writes models/nano/objects from the last checkpoints of train.py: both graphs, vocabulary, threshold, card.

    python training/objects/export.py

The threshold is the lowest score with at most 0.2 false alarms a picture on each of two development sets: glyphs of
training in unseen scenes, and a set of glyphs (OpenMoji) that is neither trained on nor part of the held-out pictures.
"""
import json
import pathlib
import sys

import torch
from bank import Bank
from measure import judged, measured, threshold_for
from model import SINGLE, VECTOR, Detector, ExportedDetector, Namer
from scenes import Scenes
from train import RUN, SIDES

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vision"))
from export import export  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parents[2] / "models" / "nano" / "objects"
PICTURES = 80
ALARMS = 0.2
# What the checkpoints were warmed with: earlier forms of the same programs, whose weights both nets took over.
HISTORY = [
    "names: 300,000 single objects of 48 pixels that filled 0.4 to 1.0 of their square, batch 256, rate 6e-4",
    "places: from that encoder, 12,500 scenes of 192 pixels with a loss on names beside that on places, rate 6e-4",
]


def main() -> None:
    torch.set_num_threads(1)
    bank = Bank()
    namer, detector = Namer(len(bank.names)), Detector()
    for net, name in ((namer, "names"), (detector, "places")):
        net.load_state_dict(torch.load(RUN / name / "checkpoint.pt", weights_only=True)["mean"])
        net.eval()
    size = SIDES[1]
    results = {part: judged(detector, namer, Scenes(bank, part, size, most=8, least=24), PICTURES) for part in ("train", "develop")}
    threshold = max(threshold_for(*result[:2], PICTURES, ALARMS) for result in results.values())
    metrics = {f"{part}_{key}": value for part, result in results.items() for key, value in measured(*result, threshold, PICTURES).items()}
    OUT.mkdir(parents=True, exist_ok=True)
    vectors = namer.names.detach()
    assert vectors.shape[1] == VECTOR
    square = torch.zeros(1, 3, size, size)
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
        "history": HISTORY,
        "parameters": {"places": _count(detector), "names": _count(namer)},
        "seed": 7,
        "options": {name: json.loads((RUN / name / "options.json").read_text()) for name in ("names", "places")},
        "last_step": {name: json.loads((RUN / name / "log.jsonl").read_text().splitlines()[-1]) for name in ("names", "places")},
        "development": {key: round(value, 4) for key, value in metrics.items()},
        "threshold": round(threshold, 3),
        "torch": torch.__version__,
    }
    (OUT / "training.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=1))


def _count(net: torch.nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


if __name__ == "__main__":
    main()
