"""Scenes as facts: what is in a picture, and whether a statement about it may be true."""
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from vocabulary import COLOURS, LOOKS, NOUNS, OBJECT_NAMES, PATTERNS, PLACES, SHAPE_NAMES, SIGN_WORDS, Icon, held_out

COUNT_MAX = 8
ALL_COLOURS = frozenset(COLOURS)
RELATIONS = ("left", "right", "above", "below", "inside")


@dataclass(frozen=True)
class Group:
    """Things of one kind and look."""

    noun: str
    count: int = 1
    colour: str | None = None  # as one would call it; None where several apply
    possible: frozenset[str] = frozenset()  # colours that some might call it by
    natural: int | None = None  # which icon, in its own colours
    pattern: str | None = None
    size: str | None = None  # big or small


@dataclass(frozen=True)
class Scene:
    groups: tuple[Group, ...] = ()
    relation: str | None = None  # of the first group to the second
    ground: str | None = None  # colour of a plain or patterned background
    ground_pattern: str | None = None
    ground2: str | None = None
    texture: bool = False  # a background without a name
    place: str | None = None
    sign: str | None = None
    sign_colour: str | None = None
    look: str | None = None


# A statement; None leaves open. `count` 2+ is written -2.
@dataclass(frozen=True)
class Np:
    noun: str | None
    colour: str | None = None
    count: int | None = None
    pattern: str | None = None
    size: str | None = None


@dataclass(frozen=True)
class Fact:
    kind: str  # np, relation, ground, place, look, sign, signcolour, empty
    value: str | None = None
    a: Np | None = None
    b: Np | None = None
    pattern: str | None = None


def _fits(group: Group, np_: Np) -> bool:
    if np_.noun is not None and np_.noun != group.noun and np_.noun not in NOUNS[group.noun].kinds:
        return False
    if np_.colour is not None and np_.colour != group.colour and np_.colour not in group.possible:
        return False
    if np_.count is not None and np_.count != group.count and not (np_.count == -2 and group.count > 1):
        return False
    if np_.pattern is not None and np_.pattern != group.pattern:
        return False
    return np_.size is None or group.size is None or np_.size == group.size


OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above", "inside": "around", "around": "inside"}


def may_hold(scene: Scene, fact: Fact) -> bool:
    """False only where the statement is wrong beyond dispute."""
    if fact.kind == "np":
        return any(_fits(group, fact.a) for group in scene.groups)
    if fact.kind == "relation":
        if scene.relation is None:
            # Scattered things may stand so by chance; one who looks for a pair needs both.
            return len(scene.groups) > 1 and all(any(_fits(g, np_) for g in scene.groups) for np_ in (fact.a, fact.b))
        first, second = scene.groups[:2]
        if scene.relation == fact.value:
            return _fits(first, fact.a) and _fits(second, fact.b)
        return OPPOSITE[scene.relation] == fact.value and _fits(second, fact.a) and _fits(first, fact.b)
    if fact.kind == "ground":
        if scene.texture or scene.place or (scene.look == "black and white"):
            return True
        return fact.value in (None, scene.ground, scene.ground2) and fact.pattern in (None, scene.ground_pattern)
    if fact.kind == "place":
        near = {"sea": ("beach", "sunset"), "beach": ("sea",), "mountains": ("snow",), "snow": ("mountains",)}
        return scene.place == fact.value or scene.place in near.get(fact.value, ()) or (fact.value == "forest" and any("plant" in NOUNS[g.noun].kinds for g in scene.groups))
    if fact.kind == "look":
        dim = scene.ground == "black" or scene.place in ("night sky", "city") or scene.sign_colour == "black"
        pale = scene.look is None and {scene.ground, *(g.colour for g in scene.groups)} <= {"black", "white", "gray", None}
        return scene.look == fact.value or (fact.value == "dark" and dim) or (fact.value == "black and white" and pale)
    if fact.kind == "empty":
        return not scene.groups and not scene.sign and not scene.place and (scene.look == "black and white" or scene.ground == fact.value and scene.ground2 is None)
    if fact.kind == "signcolour":
        return scene.sign is not None and (scene.look == "black and white" or scene.sign_colour == fact.value)
    return scene.sign == fact.value and (fact.pattern is None or scene.look == "black and white" or scene.sign_colour == fact.pattern)


class Sampler:
    """Draws scenes. `test`: also pairs of colour and object that training never shows."""

    def __init__(self, icons: dict[str, list[Icon]], test: bool = False):
        self.icons = icons
        self.test = test

    def colour(self, r: np.random.Generator, noun: str, without: tuple[str | None, ...] = ()) -> str:
        while True:
            colour = str(r.choice(list(COLOURS)))
            if colour not in without and (self.test or not held_out(colour, noun)):
                return colour

    def noun(self, r: np.random.Generator, shapes: float) -> str:
        return str(r.choice(SHAPE_NAMES if r.random() < shapes else OBJECT_NAMES))

    def group(self, r: np.random.Generator, without: tuple[str | None, ...], shapes: float = 0.35, count: int = 1) -> Group:
        noun = self.noun(r, shapes)
        if NOUNS[noun].shape or r.random() < 0.4:
            colour = self.colour(r, noun, without)
            pattern = str(r.choice(list(PATTERNS))) if NOUNS[noun].shape and r.random() < 0.2 else None
            return Group(noun, count, colour, frozenset((colour,)), pattern=pattern)
        which = int(r.integers(len(self.icons[noun])))
        icon = self.icons[noun][which]
        colour = icon.colour if self.test or not held_out(icon.colour, noun) else None
        return Group(noun, count, colour, icon.possible, natural=which)

    def ground(self, r: np.random.Generator, scene: Scene) -> Scene:
        p = r.random()
        if p < 0.4:
            return replace(scene, texture=True)
        taken = tuple(colour for g in scene.groups for colour in (g.colour, *g.possible))
        free = [colour for colour in COLOURS if colour not in taken]
        ground = str(r.choice(["white", "gray", "black"] if p < 0.6 else free) if p < 0.6 else r.choice(free))
        if ground in taken:
            ground = str(r.choice(free))
        if p < 0.9:
            return replace(scene, ground=ground)
        second = str(r.choice([colour for colour in free if colour != ground]))
        return replace(scene, ground=ground, ground2=second, ground_pattern=str(r.choice(list(PATTERNS))))

    def scene(self, r: np.random.Generator, kinds: tuple[str, ...] | None = None) -> Scene:
        weights = {self.single: 0.25, self.counted: 0.2, self.related: 0.23, self.several: 0.12, self.signed: 0.08, self.placed: 0.08, self.plain: 0.04}
        makers = [maker for maker in weights if kinds is None or maker.__name__ in kinds]
        chances = np.array([weights[maker] for maker in makers])
        maker: Callable[[np.random.Generator], Scene] = makers[int(r.choice(len(makers), p=chances / chances.sum()))]
        scene = maker(r)
        if r.random() < 0.12 and not (self.test and kinds):
            look = str(r.choice(list(LOOKS)))
            scene = replace(scene, look=look)
            if look == "black and white":
                bleached = tuple(replace(g, colour=None, possible=ALL_COLOURS) for g in scene.groups)
                scene = replace(scene, groups=bleached)
        return scene

    def single(self, r: np.random.Generator) -> Scene:
        group = self.group(r, ())
        size = r.choice(["big", "small", "plain"], p=[0.15, 0.15, 0.7])
        return self.ground(r, Scene((replace(group, size=None if size == "plain" else str(size)),)))

    def counted(self, r: np.random.Generator) -> Scene:
        return self.ground(r, Scene((self.group(r, (), count=int(r.integers(1, COUNT_MAX + 1))),)))

    def pair(self, r: np.random.Generator) -> tuple[Group, Group]:
        first = self.group(r, ())
        if r.random() < 0.25 and first.natural is None:
            # The same thing in two colours: only who is where tells them apart.
            colour = self.colour(r, first.noun, (first.colour,))
            return first, replace(first, colour=colour, possible=frozenset((colour,)))
        second = self.group(r, ())
        while second.noun == first.noun or set(NOUNS[second.noun].words) & set(NOUNS[first.noun].words):
            second = self.group(r, ())
        return first, second

    def related(self, r: np.random.Generator) -> Scene:
        relation = str(r.choice(RELATIONS, p=[0.23, 0.23, 0.22, 0.22, 0.1]))
        if relation != "inside":
            return self.ground(r, Scene(self.pair(r), relation))
        noun = str(r.choice(["circle", "square", "heart", "diamond", "hexagon", "triangle", "star"]))
        colour = self.colour(r, noun)
        inner = self.group(r, (colour,))
        while inner.noun == noun or colour in inner.possible:
            inner = self.group(r, (colour,))
        return self.ground(r, Scene((inner, Group(noun, 1, colour, frozenset((colour,)))), relation))

    def several(self, r: np.random.Generator) -> Scene:
        first, second = self.pair(r)
        counts = (int(r.integers(1, 5)), int(r.integers(1, 5)))
        if counts == (1, 1) and r.random() < 0.5:
            sizes = ("big", "small") if r.random() < 0.5 else ("small", "big")
            return self.ground(r, Scene((replace(first, size=sizes[0]), replace(second, size=sizes[1]))))
        return self.ground(r, Scene((replace(first, count=counts[0]), replace(second, count=counts[1]))))

    def signed(self, r: np.random.Generator) -> Scene:
        colour = str(r.choice(list(COLOURS)))
        return replace(self.ground(r, Scene()), sign=str(r.choice(SIGN_WORDS)), sign_colour=colour)

    def placed(self, r: np.random.Generator) -> Scene:
        groups = (self.group(r, (), shapes=0.05),) if r.random() < 0.4 else ()
        return Scene(groups, place=str(r.choice(list(PLACES))))

    def plain(self, r: np.random.Generator) -> Scene:
        ground, second = (str(c) for c in r.choice(list(COLOURS), 2, replace=False))
        if r.random() < 0.4:
            return Scene(ground=ground)
        return Scene(ground=ground, ground2=second, ground_pattern=str(r.choice(list(PATTERNS))))

    def swapped(self, r: np.random.Generator, scene: Scene) -> tuple[str, Scene] | None:
        """The scene with one thing changed: colour, count or relation. None where nothing can be."""
        groups = scene.groups
        choices = []
        if scene.relation is not None:
            choices.append("relation")
        if any(group.natural is None and group.colour for group in groups):
            choices.append("colour")
        if groups and scene.relation is None and scene.place is None and max(g.count for g in groups) > 1:
            choices.append("count")
        return None if not choices else self.changed(r, scene, str(r.choice(choices)))

    def changed(self, r: np.random.Generator, scene: Scene, what: str) -> tuple[str, Scene]:
        groups = list(scene.groups)
        if what == "relation" and scene.relation != "inside":
            return what, replace(scene, relation=OPPOSITE[scene.relation])
        if what == "relation":
            first, second = groups
            if NOUNS[first.noun].shape and first.pattern is None:
                return what, replace(scene, groups=(second, first))
            return what, replace(scene, relation=str(r.choice(["left", "right", "above", "below"])))
        if what == "count":
            at = int(np.argmax([g.count for g in groups]))
            count = groups[at].count
            near = [n for n in range(1, COUNT_MAX + 1) if n != count and abs(n - count) <= 3]
            if len(groups) > 1:
                near = [n for n in near if n <= 4]
            groups[at] = replace(groups[at], count=int(r.choice(near)))
            return what, replace(scene, groups=tuple(groups))
        coloured = [n for n, g in enumerate(groups) if g.natural is None and g.colour]
        if len(coloured) == 2 and r.random() < 0.6 and groups[0].colour != groups[1].colour:
            a, b = groups
            fits = self.test or not (held_out(b.colour, a.noun) or held_out(a.colour, b.noun))
            if fits:
                swapped = (replace(a, colour=b.colour, possible=b.possible), replace(b, colour=a.colour, possible=a.possible))
                return what, replace(scene, groups=swapped)
        at = int(r.choice(coloured))
        taken = (groups[at].colour, scene.ground, scene.ground2, *(g.colour for g in groups))
        colour = self.colour(r, groups[at].noun, taken)
        groups[at] = replace(groups[at], colour=colour, possible=frozenset((colour,)))
        return what, replace(scene, groups=tuple(groups))
