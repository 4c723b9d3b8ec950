"""Writes the held-out set of `npm run eval -- similarity`: scenes of another seed in wordings that training never uses,
a third of them with a pair of colour and object that it never shows.

    python training/similarity/write_heldout.py
"""
import json
import pathlib

import cv2
import numpy as np
from captions import Caption, Speaker
from data import Truth
from draw import Painter
from scene import Sampler, Scene
from vocabulary import held_out, read_icons

OUT = pathlib.Path(__file__).resolve().parents[1] / "eval" / "similarity" / "heldout"
SEED = 20_261
GALLERY, UNSEEN_PAIRS, SWAPS = 100, 33, 34


def unseen(scene: Scene) -> bool:
    return any(held_out(group.colour, group.noun) for group in scene.groups)


def gallery(sampler: Sampler, speaker: Speaker, r: np.random.Generator) -> tuple[list[Scene], list[Caption]]:
    """Scenes and captions such that no caption may be true of another scene."""
    scenes: list[Scene] = []
    captions: list[Caption] = []
    while len(scenes) < GALLERY:
        scene = sampler.scene(r)
        if len(scenes) < UNSEEN_PAIRS and not unseen(scene):
            continue
        caption = speaker.caption(scene, r, full=True)
        table = Truth([*scenes, scene]).table([*captions, caption])
        if table.sum() == len(scenes) + 1 and caption.facts:
            scenes.append(scene)
            captions.append(caption)
    return scenes, captions


def swaps(kind: str, sampler: Sampler, speaker: Speaker, r: np.random.Generator) -> list[tuple[Scene, Caption, Caption]]:
    """Scene, its caption, and one that differs by one thing of that kind."""
    found: list[tuple[Scene, Caption, Caption]] = []
    while len(found) < SWAPS:
        scene = sampler.scene(r)
        other = sampler.swapped(r, scene)
        if other is None or other[0] != kind or scene.look is not None:
            continue
        # The same words on both sides, but for what was changed.
        seed = int(r.integers(2**31))
        right, wrong = (speaker.caption(which, np.random.default_rng(seed), full=True) for which in (scene, other[1]))
        if not Truth([scene]).table([wrong])[0, 0]:
            found.append((scene, right, wrong))
    return found


def main() -> None:
    cv2.setNumThreads(1)
    r = np.random.default_rng(SEED)
    icons = read_icons()
    sampler, painter, speaker = Sampler(icons, test=True), Painter(icons), Speaker(heldout=True)
    OUT.mkdir(parents=True, exist_ok=True)
    for file in OUT.glob("*.jpg"):
        file.unlink()

    def save(scene: Scene, name: str) -> str:
        picture = cv2.cvtColor(painter.paint(scene, r), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(OUT / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        return f"{name}.jpg"

    scenes, captions = gallery(sampler, speaker, r)
    pictures = [
        {"file": save(scene, f"gallery-{n:03}"), "caption": caption.text, "unseenPair": unseen(scene)}
        for n, (scene, caption) in enumerate(zip(scenes, captions, strict=True))
    ]
    pairs = [
        {"file": save(scene, f"{kind}-{n:02}"), "kind": kind, "right": right.text, "wrong": wrong.text}
        for kind in ("colour", "count", "relation")
        for n, (scene, right, wrong) in enumerate(swaps(kind, sampler, speaker, r))
    ]
    (OUT / "cases.json").write_text(json.dumps({"gallery": pictures, "swaps": pairs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
