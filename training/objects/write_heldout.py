"""Writes the held-out pictures of `npm run eval -- objects`: JPEG files and what is in them.

    python training/objects/write_heldout.py

`known`: glyphs of training in scenes that no training seed makes. `style`: glyphs of artists and a font that no
training picture has. `without`: shapes, words and backgrounds alone. Only glyphs whose licences let their pictures be
passed on take part; NOTICE names them. What these pictures show is fixed: do not tune on them.
"""
import json
import pathlib
import re

import cv2
import numpy as np
from bank import WORK, Bank, Glyph, cropped
from PIL import Image, ImageDraw, ImageFont
from scenes import Scenes

OUT = pathlib.Path(__file__).resolve().parents[1] / "eval" / "objects" / "pictures"
SHIPPED = ["noto", "fluent-emoji-flat", "twemoji"]
SIDE = 360
LEAST = 27.0  # 24 at the detector's 320
QUALITY = 78
SYMBOLA = WORK / "sets/deb/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf"
EMOJI = WORK / "sets/deb/usr/share/unicode/emoji/emoji-test.txt"
# Drawn as something else than the name says.
WRONG = {("streamline-emojis", "turkey")}


def symbola(bank: Bank) -> dict[int, dict[str, list[Glyph]]]:
    """The first emoji of each name in the font's line art; no glyph of another sign of the same name."""
    code = {}
    for line in EMOJI.read_text().splitlines():
        row = re.match(r"([0-9A-F ]+?)\s*; fully-qualified\s*# \S+ E[\d.]+ (.+)", line)
        if row:
            parts = [part for part in row[1].split() if part != "FE0F"]
            if len(parts) == 1:
                code.setdefault(row[2].lower().replace("’", "'"), chr(int(parts[0], 16)))
    font = ImageFont.truetype(str(SYMBOLA), 130)
    missing = _inked(font, "\U0010fffd")
    found: dict[int, dict[str, list[Glyph]]] = {}
    for place, entry in enumerate(bank.vocabulary):
        names = [name.lower().replace("’", "'") for name in entry["emoji"][:1]]
        for sign in [code[name] for name in names if name in code]:
            alpha = _inked(font, sign)
            if alpha.any() and not np.array_equal(alpha, missing):
                rgba = np.dstack([np.zeros((*alpha.shape, 3), np.uint8), alpha])
                found[place] = {"symbola": [Glyph(place, True, cropped(rgba), False)]}
    return found


def _inked(font: ImageFont.FreeTypeFont, sign: str) -> np.ndarray:
    image = Image.new("L", (220, 220))
    ImageDraw.Draw(image).text((30, 20), sign, 255, font=font)
    return np.array(image)


def main() -> None:
    bank = Bank()
    options = {"size": SIDE, "most": 8, "least": LEAST, "with_solids": False}
    known = Scenes(bank, "train", sets=SHIPPED, **options)
    artist = Scenes(bank, "heldOut", **options)
    for name, place in WRONG:
        if place in bank.names:
            artist.choices[bank.names.index(place)].pop(name, None)
    artist.choices = {place: sets for place, sets in artist.choices.items() if sets}
    artist.known = sorted(artist.choices)
    line = Scenes(bank, "heldOut", **options)
    line.choices = symbola(bank)
    line.known = sorted(line.choices)
    print(f"names: known {len(known.known)}, artist {len(artist.known)}, line {len(line.known)}")
    OUT.mkdir(parents=True, exist_ok=True)
    rows = []
    for part, scenes, count, empty in (("known", known, 120, False), ("artist", artist, 70, False), ("line", line, 70, False), ("without", known, 60, True)):
        for index in range(count):
            g = np.random.default_rng((77_001, len(rows)))
            picture, page = scenes.draw(g, empty)
            while not empty and not page.boxes:
                picture, page = scenes.draw(g, empty)
            file = f"{part}-{index:03}.jpg"
            cv2.imwrite(str(OUT / file), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            high, wide = picture.shape[:2]
            objects = [{"name": bank.names[name], "box": [int(v) for v in box]} for name, box in zip(page.names, page.boxes, strict=True)]
            rows.append({"file": file, "part": part, "width": wide, "height": high, "objects": objects})
    lines = ",\n".join(json.dumps(row) for row in rows)
    (OUT / "pictures.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
