"""How a camera is held."""
import math

import numpy as np
from scene import Scene


def hand_held(s: Scene, eye, target, pitch: float = 6) -> None:
    """As people hold phones: roughly level, some tilt, most fields of view."""
    r = s.r
    target = np.asarray(target, float) + [0, 0, np.linalg.norm(np.subtract(target, eye)) * math.tan(math.radians(r.normal(0, pitch)))]
    s.look(eye, target, r.normal(0, 4) if r.random() < 0.8 else r.uniform(-15, 15), r.uniform(42, 88))
