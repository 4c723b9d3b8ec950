"""Writes a Haar cascade of OpenCV as compact JSON, and the licence that stands in it beside it.

    apt-get download opencv-data && dpkg -x opencv-data_*.deb deb
    python training/faces/convert-cascade.py \
        deb/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml models/nano/faces

`cascade.json`: {"window": [width, height], "features": [[x, y, width, height, weight, ...]],
"stages": [{"threshold": t, "trees": [[[left, right, feature, threshold, ...], [leaf, ...]]]}]}. A branch above 0 is
the number of a node of the tree, any other is minus the number of a leaf. Numbers are the shortest that give the same
float32, because OpenCV reads them as such.
"""
import argparse
import json
import pathlib
import re
import xml.etree.ElementTree as ElementTree

import numpy


def float32(text: str) -> float:
    """The shortest decimal that gives the float32 of `text`."""
    value = numpy.float32(text)
    return float(numpy.format_float_scientific(value, unique=True))


def tree_of(node: ElementTree.Element) -> list:
    words = node.findtext("internalNodes").split()
    nodes = []
    for at in range(0, len(words), 4):
        left, right, feature, threshold = words[at : at + 4]
        nodes += [int(left), int(right), int(feature), float32(threshold)]
    return [nodes, [float32(leaf) for leaf in node.findtext("leafValues").split()]]


def feature_of(node: ElementTree.Element) -> list:
    if int(node.findtext("tilted", "0")) != 0:
        raise SystemExit("expected upright features only; this cascade has tilted ones")
    rectangles = []
    for rectangle in node.find("rects"):
        x, y, width, height, weight = rectangle.text.split()
        rectangles += [int(x), int(y), int(width), int(height), float32(weight)]
    return rectangles


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cascade", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    text = options.cascade.read_text()
    cascade = ElementTree.fromstring(text).find("cascade")
    kind = (cascade.get("type_id"), cascade.findtext("stageType"), cascade.findtext("featureType"))
    if kind != ("opencv-cascade-classifier", "BOOST", "HAAR"):
        raise SystemExit(f"expected a boosted Haar cascade, got {kind}")
    stages = [
        {
            "threshold": float32(stage.findtext("stageThreshold")),
            "trees": [tree_of(tree) for tree in stage.find("weakClassifiers") if len(tree)],
        }
        for stage in cascade.find("stages")
    ]
    out = {
        "window": [int(cascade.findtext("width")), int(cascade.findtext("height"))],
        "features": [feature_of(feature) for feature in cascade.find("features")],
        "stages": stages,
    }
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "cascade.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
    licence = re.search(r"<!--\n?(.*?)-->", text, re.S).group(1)
    lines = [line.rstrip() for line in licence.strip("\n").splitlines()]
    (options.folder / "LICENSE.txt").write_text(f"{options.cascade.name}\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
