/** A small ray caster: bodies on a floor, a wall or haze, one light. It gives colours and the depth of every pixel. */
import type { Body, Bounds, Space } from './picture.ts';

/** Of a drawn picture, in pixels. */
export const WIDTH = 512;
export const HEIGHT = 384;
/** Width by height, whatever the size. */
const ASPECT = WIDTH / HEIGHT;
/** Half the field of view across, as a tangent: some 62 degrees. */
const SPREAD = 0.6;
const FAR = 60;
const AMBIENT = 0.42;

type V = readonly [x: number, y: number, z: number];
type Hit = { readonly t: number; readonly normal: V; readonly color: readonly number[] };

/** `depth`: along the axis of the camera, in metres; FAR where there is nothing. `owner`: index of the body, or -1. */
export type Cast = {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
  readonly depth: Float32Array;
  readonly owner: Int16Array;
};

/** `lean`: of a smaller picture, to know what is to be seen without the light. */
export function castSpace(space: Space, width = WIDTH, lean = false): Cast {
  const height = Math.round(width / ASPECT);
  const pixels = Buffer.alloc(lean ? 0 : width * height * 3);
  const depth = new Float32Array(width * height);
  const owner = new Int16Array(width * height);
  const eye: V = [0, space.eye, 0];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const ray = rayAt(space, (x + 0.5) / width, (y + 0.5) / height);
      const { hit, body } = nearest(space, eye, ray);
      owner[at] = body;
      depth[at] = hit?.t ?? FAR;
      if (lean) continue;
      const color = hit ? lit(space, eye, ray, hit, body) : space.wallColor;
      for (let channel = 0; channel < 3; channel++)
        pixels[at * 3 + channel] = Math.min(255, Math.max(0, color[channel] ?? 0));
    }
  }
  return { width, height, pixels, depth, owner };
}

/** The direction of a place in fractions; its length along the camera's axis is 1, so that a parameter of it is a depth. */
function rayAt({ pitch }: Space, x: number, y: number): V {
  const u = (x - 0.5) * 2 * SPREAD;
  const v = ((y - 0.5) * 2 * SPREAD) / ASPECT;
  const turn = (pitch * Math.PI) / 180;
  return [u, -v * Math.cos(turn) - Math.sin(turn), Math.cos(turn) - v * Math.sin(turn)];
}

/** Where a point of the world stands in the picture, in fractions. */
export function seenAt({ eye, pitch }: Space, [x, y, z]: V): readonly [x: number, y: number] {
  const turn = (pitch * Math.PI) / 180;
  const ahead = z * Math.cos(turn) - (y - eye) * Math.sin(turn);
  const up = z * Math.sin(turn) + (y - eye) * Math.cos(turn);
  return [0.5 + x / ahead / (2 * SPREAD), 0.5 - up / ahead / ((2 * SPREAD) / ASPECT)];
}

function nearest(space: Space, eye: V, ray: V, ignored = -2): { hit: Hit | undefined; body: number } {
  let [hit, body]: [Hit | undefined, number] = [roomHit(space, eye, ray), -1];
  for (const [index, one] of space.bodies.entries()) {
    if (index === ignored) continue;
    const found = bodyHit(one, eye, ray);
    if (found && found.t < (hit?.t ?? FAR)) [hit, body] = [found, index];
  }
  return { hit, body };
}

function roomHit({ wall, floor, floorColors, wallColor }: Space, eye: V, ray: V): Hit | undefined {
  const down = ray[1] < -1e-6 ? -eye[1] / ray[1] : FAR;
  const ahead = wall !== undefined && ray[2] > 1e-6 ? (wall - eye[2]) / ray[2] : FAR;
  if (Math.min(down, ahead) >= FAR) return undefined;
  if (ahead < down) return { t: ahead, normal: [0, 0, -1], color: wallColor };
  const [x, z] = [(eye[0] + ray[0] * down) / floor.tile, (eye[2] + ray[2] * down) / floor.tile];
  const odd =
    floor.form === 'plain'
      ? 0
      : floor.form === 'planks'
        ? Math.floor(x) & 1
        : (Math.floor(x) + Math.floor(z)) & 1;
  return { t: down, normal: [0, 1, 0], color: floorColors[odd] as readonly number[] };
}

function bodyHit(body: Body, eye: V, ray: V): Hit | undefined {
  switch (body.form) {
    case 'ball':
      return ballHit(body, eye, ray);
    case 'box':
      return boxHit(body, eye, ray);
    case 'cylinder':
    case 'cone':
      return roundHit(body, eye, ray);
  }
}

const point = (eye: V, ray: V, t: number): V => [
  eye[0] + ray[0] * t,
  eye[1] + ray[1] * t,
  eye[2] + ray[2] * t,
];
const dot = (a: V, b: V): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a: V): V => {
  const length = Math.sqrt(dot(a, a)) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
};

/** The smaller positive root of a quadratic whose middle coefficient is halved. */
function rootOf(a: number, half: number, c: number): number | undefined {
  const square = half * half - a * c;
  if (square < 0 || Math.abs(a) < 1e-12) return undefined;
  const root = Math.sqrt(square);
  const [low, high] = [(-half - root) / a, (-half + root) / a].sort((p, q) => p - q) as [number, number];
  return low > 1e-3 ? low : high > 1e-3 ? high : undefined;
}

function ballHit({ x, z, radius, color }: Body, eye: V, ray: V): Hit | undefined {
  const from: V = [eye[0] - x, eye[1] - radius, eye[2] - z];
  const t = rootOf(dot(ray, ray), dot(from, ray), dot(from, from) - radius * radius);
  if (t === undefined) return undefined;
  const [px, py, pz] = point(from, ray, t);
  return { t, normal: unit([px, py, pz]), color };
}

function boxHit({ x, z, radius, height, color }: Body, eye: V, ray: V): Hit | undefined {
  const low: V = [x - radius, 0, z - radius];
  const high: V = [x + radius, height, z + radius];
  let [enter, leave, axis] = [-Infinity, Infinity, 0];
  for (const index of [0, 1, 2] as const) {
    const slope = ray[index] === 0 ? 1e-12 : ray[index];
    const [a, b] = [(low[index] - eye[index]) / slope, (high[index] - eye[index]) / slope];
    if (Math.min(a, b) > enter) [enter, axis] = [Math.min(a, b), index];
    leave = Math.min(leave, Math.max(a, b));
  }
  if (enter > leave || enter < 1e-3) return undefined;
  const normal: [number, number, number] = [0, 0, 0];
  normal[axis] = (ray[axis] ?? 0) > 0 ? -1 : 1;
  return { t: enter, normal, color };
}

/** A cylinder, or a cone that ends in a point. */
function roundHit({ form, x, z, radius, height, color }: Body, eye: V, ray: V): Hit | undefined {
  const slope = form === 'cone' ? radius / height : 0;
  const [ox, oz] = [eye[0] - x, eye[2] - z];
  const reach = radius - slope * eye[1];
  const a = ray[0] ** 2 + ray[2] ** 2 - (slope * ray[1]) ** 2;
  const half = ox * ray[0] + oz * ray[2] + slope * ray[1] * reach;
  const t = rootOf(a, half, ox * ox + oz * oz - reach * reach);
  const side = t === undefined ? undefined : point(eye, ray, t);
  if (t !== undefined && side && side[1] >= 0 && side[1] <= height)
    return { t, normal: unit([side[0] - x, slope * radius, side[2] - z]), color };
  const top = ray[1] < -1e-6 ? (height - eye[1]) / ray[1] : -1;
  const lid = point(eye, ray, top);
  if (form === 'cone' || top < 1e-3 || (lid[0] - x) ** 2 + (lid[2] - z) ** 2 > radius * radius)
    return undefined;
  return { t: top, normal: [0, 1, 0], color };
}

function lit(space: Space, eye: V, ray: V, { t, normal, color }: Hit, body: number): number[] {
  const at = point(eye, ray, t);
  const start: V = [at[0] + normal[0] * 1e-3, at[1] + normal[1] * 1e-3, at[2] + normal[2] * 1e-3];
  const facing = Math.max(0, dot(normal, space.light));
  const dark =
    facing > 0 && space.bodies.some((one, index) => index !== body && bodyHit(one, start, space.light));
  const level = AMBIENT + (dark ? 0.1 : 0.68) * facing;
  const haze = space.wall === undefined ? Math.min(1, t / FAR) ** 0.8 : 0;
  return color.map((value, channel) => value * level * (1 - haze) + (space.wallColor[channel] ?? 0) * haze);
}

/** What is to be seen of each body, and how much of the picture it takes; undefined where it is hidden. */
export function seenBodies(
  { owner, width, height }: Cast,
  count: number,
): ({ box: Bounds; share: number } | undefined)[] {
  const seen = Array.from({ length: count }, () => ({ left: 1, top: 1, right: 0, bottom: 0, pixels: 0 }));
  for (let at = 0; at < owner.length; at++) {
    const one = seen[owner[at] ?? -1];
    if (!one) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    one.left = Math.min(one.left, x / width);
    one.right = Math.max(one.right, (x + 1) / width);
    one.top = Math.min(one.top, y / height);
    one.bottom = Math.max(one.bottom, (y + 1) / height);
    one.pixels++;
  }
  return seen.map(({ left, top, right, bottom, pixels }) =>
    pixels === 0 ? undefined : { box: [left, top, right, bottom], share: pixels / (width * height) },
  );
}
