"""Says what is in a scene, in many wordings, and which facts were said.

`heldout` picks the wordings that training never uses; nouns and colours are those of the vocabulary in both.
"""
from dataclasses import dataclass, replace

import numpy as np
from scene import OPPOSITE, Fact, Group, Np, Scene
from vocabulary import COLOUR_WORDS, LOOKS, NOUNS, PATTERNS, PLACES, plural_of

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
FRAMES = {
    False: (
        "{}", "{}", "{}", "a photo of {}", "a picture of {}", "an image of {}", "photo of {}", "picture of {}", "there is {}", "this is {}",
        "a picture showing {}", "the image shows {}", "I see {}", "{} in the picture", "an illustration of {}", "a drawing of {}", "here is {}",
        "this picture shows {}", "an image with {}", "we see {}", "{} in this image", "a close-up of {}", "{} is shown", "there are {}", "it shows {}",
    ),
    True: ("a snapshot of {}", "the picture contains {}", "you can see {}", "a depiction of {}", "{} can be seen here", "look at {}"),
}  # fmt: skip
RELATIONS = {
    False: {
        "left": ("{a} to the left of {b}", "{a} left of {b}", "{a} on the left of {b}", "{a} is left of {b}", "{a} is to the left of {b}", "{a} on the left and {b} on the right", "{a} on the left, {b} on the right", "on the left {a}, on the right {b}", "{a} beside {b}, which is on the right", "left: {a}, right: {b}", "{b} on the right, {a} on the left"),
        "above": ("{a} above {b}", "{a} over {b}", "{a} is above {b}", "{a} is over {b}", "{a} at the top and {b} at the bottom", "{a} on top, {b} below", "{a} higher than {b}", "at the top {a}, at the bottom {b}", "{a} with {b} below it", "{b} at the bottom, {a} at the top"),
        "below": ("{a} below {b}", "{a} under {b}", "{a} is below {b}", "{a} is under {b}", "{a} beneath {b}", "{a} underneath {b}", "{a} lower than {b}", "{a} with {b} above it"),
        "right": ("{a} to the right of {b}", "{a} right of {b}", "{a} on the right of {b}", "{a} is right of {b}", "{a} is to the right of {b}", "{a} with {b} on its left"),
        "inside": ("{a} inside {b}", "{a} in {b}", "{a} is inside {b}", "{a} within {b}", "{b} with {a} inside", "{b} containing {a}", "{b} around {a}"),
    },
    True: {
        "left": ("{a} on the left side of {b}", "{a} stands left of {b}", "{b} with {a} on its left side", "the left one is {a}, the right one is {b}"),
        "right": ("{a} on the right side of {b}", "{a} stands right of {b}", "the right one is {a}, the left one is {b}"),
        "above": ("{a} is placed above {b}", "{a} sits over {b}", "the upper one is {a}, below it {b}"),
        "below": ("{a} is placed below {b}", "{a} sits under {b}", "{a} can be found beneath {b}"),
        "inside": ("{a} is placed inside {b}", "{a} sits within {b}", "{b} that holds {a} inside"),
    },
}  # fmt: skip
GROUNDS = {
    False: ("{a} on a {c} background", "{a} on {c}", "{a} in front of a {c} background", "{a}, {c} background", "{a} against a {c} background", "{a} with a {c} background", "{a} and the background is {c}"),
    True: ("{a} before a {c} background", "{a} where the background is {c}", "{a} placed on a {c} background"),
}  # fmt: skip
SIGNS = {
    False: ('a sign that says {w}', 'a sign saying {w}', 'the word {w}', 'a sign with the word {w}', 'the text "{w}"', '{w}', 'a sign reading {w}', 'the word {w} on a sign', 'a {c} sign that says {w}', 'a {c} sign saying "{w}"', 'a {c} sign with the word {w}', '{w} written on a {c} sign', 'a {c} sign'),
    True: ("a sign on which {w} is written", "a {c} sign with {w} on it", "a {c} board that reads {w}"),
}  # fmt: skip
PLACED = {
    False: ("{p}", "a photo of {p}", "a view of {p}", "a landscape with {p}", "a picture of {p}", "{a} in front of {p}", "{a} and {p}", "{a} with {p} in the background"),
    True: ("a scenic shot of {p}", "{a} with {p} behind", "this seems to be {p}"),
}  # fmt: skip
LOOKED = {
    False: ("a {l} photo of {s}", "a {l} picture of {s}", "{s}, {l}", "a {l} image of {s}", "a {l} image showing {s}", "a {l} photo", "the picture is {l}", "a {l} image", "{l}"),
    True: ("a {l} shot of {s}", "a rather {l} picture that shows {s}", "{s} in a {l} photo"),
}  # fmt: skip
PLAINS = {
    False: ("a plain {c} image", "plain {c}", "a {c} background", "{c}", "nothing but {c}", "a solid {c} picture", "only {c}"),
    True: ("an entirely {c} picture", "a {c} surface and nothing else"),
}
PATTERNED = {
    False: ("a {c} and {d} {p} pattern", "{p} in {c} and {d}", "a {p} pattern", "a {p} background in {c} and {d}", "{c} and {d} {p}", "a {p} image in {c} and {d}"),
    True: ("a {p} texture with the colours {c} and {d}", "a {p} design of {c} and {d}"),
}
# Marks of a whole sentence, which goes into no frame.
SENTENCES = (" is ", " sits ", " stands ", " can be found ", "the upper one")


@dataclass(frozen=True)
class Caption:
    text: str
    facts: tuple[Fact, ...]


def one_of(r: np.random.Generator, options: tuple) -> str:
    return options[int(r.integers(len(options)))]


def article(text: str) -> str:
    return f"{'an' if text[0] in 'aeiou' and not text.startswith(('uf', 'one')) else 'a'} {text}"


def word_of(group: Group, r: np.random.Generator, kinds: float) -> tuple[str, str, str]:
    """What the thing is called, its plural, and the noun that was meant."""
    noun = NOUNS[group.noun]
    p = r.random()
    if p < kinds and noun.kinds:
        kind = one_of(r, noun.kinds)
        return kind, kind if kind in ("clothing", "furniture", "fruit", "food", "money") else plural_of(kind), kind
    if p < kinds + 0.15 and noun.words:
        word = one_of(r, noun.words)
        if group.count == 1 or " of " not in word:
            return word, word if word.endswith("s") else plural_of(word), group.noun
    return noun.name, noun.plural, group.noun


class Speaker:
    def __init__(self, heldout: bool = False):
        self.heldout = heldout

    def phrase(self, group: Group, r: np.random.Generator, full: bool, count: bool = True) -> tuple[str, Np]:
        """A noun phrase. `full`: says the colour, the pattern and the count where there is something to say."""
        word, plural, noun = word_of(group, r, 0.0 if full else 0.1)
        said = Np(noun)
        if group.colour and (full or r.random() < 0.65):
            said = replace(said, colour=group.colour)
        if group.pattern and (full or r.random() < 0.6):
            said = replace(said, pattern=group.pattern)
        if group.size and (full or r.random() < 0.7):
            said = replace(said, size=group.size)
        colour = one_of(r, COLOUR_WORDS.get(said.colour, (said.colour,))) if said.colour else ""
        pattern = one_of(r, PATTERNS[said.pattern]) if said.pattern else ""
        size = one_of(r, {"big": ("big", "large", "huge"), "small": ("small", "little", "tiny")}[said.size]) if said.size else ""
        many = group.count > 1
        thing = plural if many else word
        late = colour != "" and r.random() < 0.12
        parts = [size, *((pattern,) if late else (colour, pattern) if r.random() < 0.6 else (pattern, colour)), thing]
        text = " ".join(filter(None, parts))
        if late:
            text += f" coloured {colour}" if self.heldout else f" that {'are' if many else 'is'} {colour}" if r.random() < 0.7 else f" in {colour}"
        if many and (full or (count and r.random() < 0.85)):
            number = NUMBERS[group.count] if r.random() < 0.65 else str(group.count)
            return f"{number} {text}", replace(said, count=group.count)
        if many:
            return one_of(r, ("", "some ", "several ", "a group of ")) + text, replace(said, count=-2)
        if count and r.random() < 0.12 and thing == word:
            return f"{one_of(r, ('one', 'a single', '1'))} {text}", replace(said, count=1)
        if word.endswith("s") and word == plural:
            return text, said
        return (f"the {text}" if r.random() < 0.08 else article(text)), said

    def label(self, group: Group, r: np.random.Generator) -> Caption:
        """Without article or frame: "red car", "three dogs"."""
        text, said = self.phrase(group, r, r.random() < 0.5)
        for start in ("a ", "an ", "the "):
            text = text.removeprefix(start)
        return Caption(text, (Fact("np", a=said),))

    def caption(self, scene: Scene, r: np.random.Generator, full: bool = False) -> Caption:
        """`full`: all that can be said, so that few other scenes fit."""
        if scene.look is not None and (full or r.random() < 0.6):
            return self._looked(scene, r, full)
        return self._plainly(scene, r, full)

    def _looked(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        template = one_of(r, LOOKED[self.heldout])
        while full and "{s}" not in template:
            template = one_of(r, LOOKED[self.heldout])
        inner = self._content(scene, r, full)
        look = one_of(r, LOOKS[scene.look])
        text = template.format(l=look, s=inner.text).replace("a out of", "an out of").replace("a under", "an under")
        return Caption(text, (Fact("look", scene.look), *(inner.facts if "{s}" in template else ())))

    def _plainly(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        if len(scene.groups) == 1 and not full and not self.heldout and r.random() < 0.25:
            return self.label(scene.groups[0], r)
        inner = self._content(scene, r, full)
        frame = one_of(r, FRAMES[self.heldout])
        if any(verb in inner.text for verb in SENTENCES) or inner.text.startswith(("left:", "on the left", "at the top")):
            frame = "{}"
        if scene.place is not None or scene.ground_pattern is not None and not scene.groups:
            frame = "{}"
        return Caption(frame.format(inner.text), inner.facts)

    def _content(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        if scene.sign is not None:
            return self._sign(scene, r, full)
        if scene.place is not None:
            return self._placed(scene, r, full)
        if not scene.groups:
            return self._empty(scene, r, full)
        if scene.relation is not None and (full or r.random() < 0.8):
            return self._related(scene, r, full)
        body = self._listed(scene, r, full)
        if scene.ground and scene.look != "black and white" and scene.ground_pattern is None and (full or r.random() < 0.4):
            return self._grounded(scene, body, r)
        return body

    def _listed(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        groups = list(scene.groups)
        if len(groups) > 1 and r.random() < 0.5:
            groups.reverse()
        if not full and len(groups) > 1 and r.random() < 0.25:
            groups = groups[:1]
        said = [self.phrase(group, r, full) for group in groups]
        joint = one_of(r, (" and ", " and ", " next to ", " with ")) if not self.heldout else one_of(r, (" as well as ", " together with "))
        return Caption(joint.join(text for text, _ in said), tuple(Fact("np", a=np_) for _, np_ in said))

    def _related(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        first, second, relation = *scene.groups, scene.relation
        if relation != "inside" and r.random() < 0.5:
            first, second, relation = second, first, OPPOSITE[relation]
        (a, np_a), (b, np_b) = self.phrase(first, r, full, False), self.phrase(second, r, full, False)
        text = one_of(r, RELATIONS[self.heldout][relation]).format(a=a, b=b)
        return Caption(text, (Fact("relation", relation, np_a, np_b),))

    def _grounded(self, scene: Scene, body: Caption, r: np.random.Generator) -> Caption:
        colour = one_of(r, COLOUR_WORDS.get(scene.ground, (scene.ground,)))
        text = one_of(r, GROUNDS[self.heldout]).format(a=body.text, c=colour)
        return Caption(_articles(text), (*body.facts, Fact("ground", scene.ground)))

    def _sign(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        bleached = scene.look == "black and white"
        templates = tuple(t for t in SIGNS[self.heldout] if not (bleached and "{c}" in t) and not (full and ("{w}" not in t or ("{c}" not in t and not bleached))))
        template = one_of(r, templates)
        word = one_of(r, (scene.sign, scene.sign.upper()))
        text = template.format(w=word, c=scene.sign_colour)
        if "{w}" not in template:
            return Caption(_articles(text), (Fact("signcolour", scene.sign_colour),))
        return Caption(_articles(text), (Fact("sign", scene.sign, pattern=scene.sign_colour if "{c}" in template else None),))

    def _placed(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        wanted = bool(scene.groups) and (full or r.random() < 0.7)
        template = one_of(r, tuple(t for t in PLACED[self.heldout] if ("{a}" in t) == wanted))
        place = one_of(r, PLACES[scene.place])
        if not wanted:
            return Caption(template.format(p=place), (Fact("place", scene.place),))
        text, said = self.phrase(scene.groups[0], r, full)
        return Caption(template.format(p=place, a=text), (Fact("place", scene.place), Fact("np", a=said)))

    def _empty(self, scene: Scene, r: np.random.Generator, full: bool) -> Caption:
        if scene.look == "black and white":
            if scene.ground_pattern is None:
                return Caption("a plain surface", ())
            return Caption(f"a {one_of(r, PATTERNS[scene.ground_pattern])} pattern", (Fact("ground", None, pattern=scene.ground_pattern),))
        if scene.ground_pattern is None:
            colour = one_of(r, COLOUR_WORDS.get(scene.ground, (scene.ground,)))
            return Caption(_articles(one_of(r, PLAINS[self.heldout]).format(c=colour)), (Fact("empty", scene.ground),))
        templates = tuple(t for t in PATTERNED[self.heldout] if not full or "{c}" in t)
        template = one_of(r, templates)
        colours = [scene.ground, scene.ground2] if r.random() < 0.5 else [scene.ground2, scene.ground]
        text = template.format(c=colours[0], d=colours[1], p=one_of(r, PATTERNS[scene.ground_pattern]))
        grounds = tuple(Fact("ground", c, pattern=scene.ground_pattern) for c in colours) if "{c}" in template else (Fact("ground", None, pattern=scene.ground_pattern),)
        return Caption(_articles(text), grounds)


def _articles(text: str) -> str:
    for vowel in ("orange", "entirely", "underexposed"):
        text = text.replace(f"a {vowel}", f"an {vowel}")
    return text
