"""What the scenes are made of: colours, shapes, objects and their words."""
import json
import pathlib
from dataclasses import dataclass, field

import cv2
import numpy as np
from text import fnv1a

HERE = pathlib.Path(__file__).resolve().parent
WORK = HERE.parent / ".work" / "similarity"

# Hue in degrees, saturation and value in 0..1: least and most. Gaps between them keep names certain.
COLOURS = {
    "red": ((-8, 8), (0.75, 1.0), (0.65, 1.0)),
    "orange": ((22, 36), (0.8, 1.0), (0.85, 1.0)),
    "yellow": ((48, 60), (0.65, 1.0), (0.88, 1.0)),
    "green": ((90, 150), (0.5, 1.0), (0.4, 0.9)),
    "blue": ((205, 240), (0.6, 1.0), (0.5, 1.0)),
    "purple": ((268, 288), (0.5, 0.95), (0.45, 0.85)),
    "pink": ((318, 345), (0.25, 0.65), (0.92, 1.0)),
    "brown": ((14, 30), (0.55, 0.8), (0.32, 0.55)),
    "black": ((0, 360), (0.0, 0.3), (0.02, 0.14)),
    "white": ((0, 360), (0.0, 0.05), (0.94, 1.0)),
    "gray": ((0, 360), (0.0, 0.08), (0.42, 0.66)),
}
COLOUR_WORDS = {"purple": ("purple", "violet"), "gray": ("gray", "grey")}
SHAPES = {
    "circle": (("disc", "round shape"), ()),
    "square": ((), ()),
    "rectangle": ((), ()),
    "triangle": ((), ()),
    "star": ((), ()),
    "heart": (("heart shape",), ()),
    "diamond": (("rhombus",), ()),
    "pentagon": ((), ()),
    "hexagon": ((), ()),
    "cross": (("plus sign",), ()),
    "oval": (("ellipse",), ()),
    "arrow": ((), ()),
    "cube": (("block",), ()),
    "sphere": ((), ("ball",)),
    "cylinder": ((), ()),
    "cone": ((), ()),
}
PATTERNS = {"striped": ("striped",), "dotted": ("dotted", "spotted", "polka dot"), "checked": ("checked", "checkered")}
HELD_OUT_SHARE = 10  # one of so many pairs of colour and object is kept for the test


@dataclass(frozen=True)
class Noun:
    name: str
    plural: str
    words: tuple[str, ...]  # other words for it
    kinds: tuple[str, ...]
    shape: bool = False


def held_out(colour: str | None, noun: str) -> bool:
    return colour is not None and fnv1a(f"{colour} {noun}".encode()) % HELD_OUT_SHARE == 0


def plural_of(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def read_nouns() -> dict[str, Noun]:
    nouns = {name: Noun(name, plural_of(name), words, ("shape", *kinds), True) for name, (words, kinds) in SHAPES.items()}
    for line in (HERE / "objects.txt").read_text().splitlines():
        if line == "" or line.startswith("#"):
            continue
        name, plural, _, words, kinds = line.split("|")
        nouns[name] = Noun(name, plural or plural_of(name), tuple(filter(None, words.split(","))), tuple(filter(None, kinds.split(","))))
    return nouns


NOUNS = read_nouns()
SHAPE_NAMES = tuple(SHAPES)
OBJECT_NAMES = tuple(name for name, noun in NOUNS.items() if not noun.shape)


def rgb_of(colour: str, r: np.random.Generator) -> np.ndarray:
    """A shade of that name: three floats in 0..255."""
    (h0, h1), (s0, s1), (v0, v1) = COLOURS[colour]
    hsv = np.float32([[[r.uniform(h0, h1) % 360, r.uniform(s0, s1), r.uniform(v0, v1)]]])
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0] * 255


UNNAMED = len(COLOURS)  # skin, wood and dough: some say brown, some orange, pink or yellow


def names_of_pixels(rgb: np.ndarray) -> np.ndarray:
    """[N, 3] bytes -> indices into COLOURS; edges between names are where most people put them."""
    hsv = cv2.cvtColor(np.float32(rgb[None]) / 255, cv2.COLOR_RGB2HSV)[0]
    h, s, v = hsv.T
    bounds = ((0, 18), (18, 42), (42, 68), (68, 175), (175, 258), (258, 300), (300, 345), (345, 361))
    found = np.zeros(len(rgb), int)
    for (low, high), name in zip(bounds, ("red", "orange", "yellow", "green", "blue", "purple", "pink", "red"), strict=True):
        found[(h >= low) & (h < high)] = list(COLOURS).index(name)
    index = list(COLOURS).index
    found[((h < 14) | (h > 345)) & (s < 0.6) & (v > 0.75)] = index("pink")
    found[(h >= 10) & (h < 46) & (v < 0.72)] = index("brown")
    found[(h >= 8) & (h < 46) & (s < 0.52) & (v >= 0.72)] = UNNAMED
    found[s < 0.14] = index("gray")
    found[(s < 0.14) & (v > 0.85)] = index("white")
    found[v < 0.25] = index("black")
    return found


@dataclass(frozen=True)
class Icon:
    pixels: np.ndarray  # [S, S, 4] bytes
    colour: str | None  # what it is called by, where it has one colour
    possible: frozenset[str] = field(default_factory=frozenset)  # colours that some might call it by


def _icon(pixels: np.ndarray) -> Icon:
    names = names_of_pixels(pixels[pixels[..., 3] > 200][:, :3])
    *shares, unnamed = np.bincount(names, minlength=len(COLOURS) + 1) / max(1, len(names))
    colours = list(COLOURS)
    best = int(np.argmax(shares))
    possible = {colour for colour, share in zip(colours, shares, strict=True) if share > 0.08}
    if unnamed > 0.08:
        possible |= {"brown", "orange", "pink", "yellow"}
    return Icon(pixels, colours[best] if shares[best] > 0.62 else None, frozenset(possible))


def read_icons() -> dict[str, list[Icon]]:
    """By object, as write-icons.ts left them."""
    listed = json.loads((WORK / "icons.json").read_text())
    side = listed["side"]
    pixels = np.fromfile(WORK / "icons.rgba", np.uint8).reshape(-1, side, side, 4)
    icons: dict[str, list[Icon]] = {}
    for entry, square in zip(listed["icons"], pixels, strict=True):
        icons.setdefault(entry["object"], []).append(_icon(square))
    return icons


SIGN_WORDS = tuple(
    "open closed stop exit sale danger hotel cafe menu free help start finish push pull welcome taxi bank police school "
    "museum airport station parking library market bakery pizza books music fresh today yes no go slow wait hello love home "
    "food water milk bread fish meat cheap new old hot cold quiet silence private public left right up down north south "
    "east west monday friday sunday winter summer spring happy birthday thanks peace power energy fire ice gold silver bus "
    "train tram bike garage garden park beach bar pub gym pool spa toilet lift stairs office reception tickets info news "
    "radio video photo game play win lost found keys shop store sold rent wanted warning caution no1 team club road bridge "
    "river lake island city town".split()
)
PLACES = {
    "beach": ("a beach", "a sandy beach by the sea", "the seaside"),
    "sea": ("the sea", "the ocean", "open water"),
    "mountains": ("mountains", "a mountain landscape", "a range of mountains"),
    "forest": ("a forest", "woods", "many trees"),
    "desert": ("a desert", "sand dunes", "a sandy desert"),
    "city": ("a city", "a skyline", "city buildings", "a town with tall buildings"),
    "snow": ("a snowy landscape", "a winter landscape", "snowy hills"),
    "night sky": ("a night sky", "a starry sky", "stars at night"),
    "sunset": ("a sunset", "a sunrise", "the setting sun"),
    "meadow": ("a meadow", "a green field", "grassland"),
    "road": ("a road", "a street", "a country road"),
    "room": ("a room", "an indoor scene", "an empty room"),
}
LOOKS = {
    "dark": ("dark", "underexposed"),
    "blurred": ("blurred", "blurry", "out of focus"),
    "black and white": ("black and white", "monochrome", "grayscale"),
    "noisy": ("noisy", "grainy"),
}
