"""Weights between two checkpoints of one model, the second trained on from the first.

    python training/planner/average.py FIRST SECOND --share 0.6 --out FOLDER

What a stage taught and what it made the model forget are not the same weights: a point between often does better than
either end (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Choose the share on the development set.
The tokenizer, configuration and `training.json` in FOLDER stay as they are; the share is noted in the latter.
"""
import argparse
import json
import pathlib

from safetensors.torch import load_file, save_file


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=pathlib.Path)
    parser.add_argument("second", type=pathlib.Path)
    parser.add_argument("--share", type=float, required=True, help="of the second, 0..1")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="has training.json, gets the weights")
    arguments = parser.parse_args()
    first, second = (load_file(folder / "model.safetensors") for folder in (arguments.first, arguments.second))
    if {name: value.shape for name, value in first.items()} != {name: value.shape for name, value in second.items()}:
        parser.error(f"expected two checkpoints of one model, got {len(first)} and {len(second)} tensors of other names or shapes")
    share = arguments.share
    mixed = {name: (first[name].float() * (1 - share) + second[name].float() * share).half() for name in first}
    save_file(mixed, arguments.out / "model.safetensors")
    record = json.loads((arguments.out / "training.json").read_text())
    record["averaged"] = {"first": arguments.first.name, "second": arguments.second.name, "share": share}
    (arguments.out / "training.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
