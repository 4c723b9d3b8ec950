"""Writes models/nano/objects from the last checkpoint of train.py: graph, vocabulary, threshold, card.

    python training/objects/export.py

The threshold is the lowest score with at most 0.2 false alarms a picture on each of two development sets: glyphs of
training in unseen scenes, and a set of glyphs (OpenMoji) that is neither trained on nor part of the held-out pictures.
"""
import json
import pathlib
import sys

import torch
from measure import judged, measured, threshold_for
from model import VECTOR, Detector, Exported
from scenes import Bank, Scenes
from train import RUN, SIDES

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vision"))
from export import export  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parents[2] / "models" / "nano" / "objects"
PICTURES = 150
ALARMS = 0.2


def main() -> None:
    torch.set_num_threads(1)
    bank = Bank()
    state = torch.load(RUN / "whole" / "checkpoint.pt", weights_only=True)
    model = Detector(len(bank.names))
    model.load_state_dict(state["mean"])
    model.eval()
    size = SIDES[1]
    sets = {part: Scenes(bank, part, size) for part in ("train", "develop")}
    results = {part: judged(model, scenes, PICTURES) for part, scenes in sets.items()}
    threshold = max(threshold_for(*result[:2], PICTURES, ALARMS) for result in results.values())
    metrics = {f"{part}_{key}": value for part, result in results.items() for key, value in measured(*result, threshold, PICTURES).items()}
    OUT.mkdir(parents=True, exist_ok=True)
    vectors = model.names.detach()
    example = (torch.zeros(1, 3, size, size), vectors[:3])
    names = ["boxes", "objectness", "logits"]
    size_in_bytes = export(Exported(model, size), example, OUT / "model.onnx", ["image", "names"], names, {"names": {0: "k"}, "logits": {1: "k"}})
    rows = [
        json.dumps({**{key: entry[key] for key in ("name", "synonyms", "groups")}, "vector": [round(float(v), 4) for v in vector]})
        for entry, vector in zip(bank.vocabulary, vectors, strict=True)
    ]
    assert vectors.shape[1] == VECTOR
    head = f'{{"threshold": {threshold:.3f},\n"names": [\n'
    (OUT / "vocabulary.json").write_text(head + ",\n".join(rows) + "\n]}\n")
    logs = {stage: _last(RUN / stage / "log.jsonl") for stage in ("first", "whole")}
    card = {
        "commands": ["python training/objects/train.py " + " ".join(f"--{key} {value}" for key, value in json.loads((RUN / "options.json").read_text()).items()), "python training/objects/export.py"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "bytes": size_in_bytes,
        "seed": 7,
        "last_of_stages": logs,
        "development": {key: round(value, 4) for key, value in metrics.items()},
        "threshold": round(threshold, 3),
        "torch": torch.__version__,
    }
    (OUT / "training.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=1))


def _last(file: pathlib.Path) -> dict[str, float]:
    return json.loads(file.read_text().splitlines()[-1])


if __name__ == "__main__":
    main()
