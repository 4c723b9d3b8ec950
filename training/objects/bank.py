"""All glyphs and solids that scenes are composed of, by part, set and name."""
import json
import pathlib
from dataclasses import dataclass

import numpy as np
import solids

WORK = pathlib.Path(__file__).resolve().parents[1] / ".work" / "objects"
SOLIDS_EACH = 40


@dataclass(frozen=True)
class Glyph:
    name: int
    plain: bool
    rgba: np.ndarray  # cropped to what is drawn
    solid: bool


class Bank:
    """All glyphs by part (`train`, `develop`, `heldOut`) and set; names in the order of the vocabulary."""

    def __init__(self, work: pathlib.Path = WORK):
        self.vocabulary = json.loads((work / "vocabulary.json").read_text())
        self.names = [entry["name"] for entry in self.vocabulary]
        place = {name: index for index, name in enumerate(self.names)}
        table = json.loads((work / "glyphs.json").read_text())
        side = table["side"]
        pixels = np.memmap(work / "glyphs.raw", np.uint8, "r").reshape(-1, side, side, 4)
        self.glyphs: dict[tuple[str, str], dict[int, list[Glyph]]] = {}
        boxes = _extents(work, pixels)
        for index, row in enumerate(table["glyphs"]):
            if row["name"] not in place:
                continue
            left, top, right, bottom = boxes[index]
            glyph = Glyph(place[row["name"]], row["plain"], pixels[index, top:bottom, left:right], False)
            names = self.glyphs.setdefault((row["part"], row["set"]), {})
            names.setdefault(glyph.name, []).append(glyph)
        self.solids = {place[name]: [Glyph(place[name], False, cropped(one), True) for one in drawn] for name, drawn in _solids(work).items() if name in place}

    def of(self, part: str, sets: list[str] | None = None) -> dict[int, dict[str, list[Glyph]]]:
        """Name -> set -> glyphs."""
        found: dict[int, dict[str, list[Glyph]]] = {}
        for (its, name_of_set), names in self.glyphs.items():
            if its == part and (sets is None or name_of_set in sets):
                for name, glyphs in names.items():
                    found.setdefault(name, {})[name_of_set] = glyphs
        return found


def _extents(work: pathlib.Path, pixels: np.ndarray) -> np.ndarray:
    file = work / f"extents-{len(pixels)}.npy"
    if not file.exists():
        np.save(file, np.array([extent(glyph[..., 3]) for glyph in pixels]))
    return np.load(file)


def extent(alpha: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((alpha > 48).any(1)), np.flatnonzero((alpha > 48).any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def cropped(rgba: np.ndarray) -> np.ndarray:
    left, top, right, bottom = extent(rgba[..., 3])
    return rgba[top:bottom, left:right]


def _solids(work: pathlib.Path) -> dict[str, np.ndarray]:
    file = work / f"solids-{SOLIDS_EACH}.npy"
    if not file.exists():
        g = np.random.default_rng(11)
        np.save(file, np.array([[solids.draw(name, g) for _ in range(SOLIDS_EACH)] for name in solids.NOUNS]))
    drawn = np.load(file, mmap_mode="r")
    return dict(zip(solids.NOUNS, drawn, strict=True))
