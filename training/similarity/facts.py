"""The facts of a scene as many yes-or-no labels: a second task in training, from which the image tower learns
faster what is to be seen than from comparing captions alone. It is not part of what is exported."""
import numpy as np
from scene import COUNT_MAX, Scene
from vocabulary import COLOURS, LOOKS, NOUNS, PATTERNS, PLACES, SIGN_WORDS

_COLOURS, _NOUNS = tuple(COLOURS), tuple(NOUNS)
SLOTS = {"left": ("left", "right"), "right": ("right", "left"), "above": ("top", "bottom"), "below": ("bottom", "top"), "inside": ("inner", "outer")}
_PARTS: dict[str, tuple[str, ...]] = {
    "noun": _NOUNS,
    "colour": _COLOURS,
    "count": tuple(str(n) for n in range(COUNT_MAX + 1)),
    "ground": _COLOURS,
    "pattern": tuple(PATTERNS),
    "ground pattern": tuple(PATTERNS),
    "place": tuple(PLACES),
    "look": tuple(LOOKS),
    "sign": SIGN_WORDS,
    "sign colour": _COLOURS,
    "size": ("big", "small"),
    **{f"{slot} {what}": names for slot in ("left", "right", "top", "bottom", "inner", "outer") for what, names in (("noun", _NOUNS), ("colour", _COLOURS))},
}
_INDEX = {(part, name): at for at, (part, name) in enumerate((part, name) for part, names in _PARTS.items() for name in names)}
LABELS = len(_INDEX)
_SPANS = {part: slice(_INDEX[part, names[0]], _INDEX[part, names[-1]] + 1) for part, names in _PARTS.items()}
_SLOTTED = slice(_SPANS["left noun"].start, LABELS)


def labels_of(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Labels and which of them are certain, [K] float32 each."""
    labels, known = np.zeros(LABELS, np.float32), np.ones(LABELS, np.float32)

    def yes(part: str, name: str | None) -> None:
        if name is not None:
            labels[_INDEX[part, name]] = 1

    for group in scene.groups:
        yes("noun", group.noun)
        yes("pattern", group.pattern)
        yes("size", group.size)
        for colour in group.possible:
            known[_INDEX["colour", colour]] = 0
    for group in scene.groups:
        if group.colour:
            yes("colour", group.colour)
            known[_INDEX["colour", group.colour]] = 1
    yes("count", str(min(COUNT_MAX, sum(group.count for group in scene.groups))))
    yes("ground", scene.ground)
    yes("ground pattern", scene.ground_pattern)
    for part, name in (("place", scene.place), ("look", scene.look), ("sign", scene.sign), ("sign colour", scene.sign_colour)):
        yes(part, name)
    known[_SPANS["size"]] = bool(scene.groups and scene.groups[0].size)
    bleached = scene.look == "black and white"
    if scene.texture or scene.place or scene.ground2 or bleached:
        known[_SPANS["ground"]] = 0
    if bleached:
        known[_SPANS["colour"]] = known[_SPANS["sign colour"]] = 0
    known[_SLOTTED] = scene.relation is not None
    if scene.relation is not None:
        for slot, group in zip(SLOTS[scene.relation], scene.groups, strict=True):
            yes(f"{slot} noun", group.noun)
            yes(f"{slot} colour", group.colour)
            if group.colour is None:
                known[_SPANS[f"{slot} colour"]] = 0
    return labels, known
