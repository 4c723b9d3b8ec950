/** Draws scenes of glyphs and group portraits as SVG. */
import { type Random, randomOf } from '../random.ts';
import { familiesFor, type Split } from '../render/fonts.ts';
import { pathData, textPath } from './chart.ts';
import { glyphAt, glyphSetsOf } from './glyphs.ts';
import type { Ground, Objects, Person, Portrait } from './picture.ts';

/** Of the longer side, in pixels. */
const LONG = 640;

const sizeOf = (aspect: number): { width: number; height: number } =>
  aspect >= 1
    ? { width: LONG, height: Math.round(LONG / aspect) }
    : { width: Math.round(LONG * aspect), height: LONG };

export type Vector = { readonly svg: string; readonly width: number; readonly height: number };

const framed = (width: number, height: number, inner: string): Vector => ({
  width,
  height,
  svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}">${inner}</svg>`,
});

export function objectsVector(
  { aspect, ground, things, plates }: Objects,
  split: Split,
  seed: number,
): Vector {
  const { width, height } = sizeOf(aspect);
  const random = randomOf(seed);
  const set = random.pick(glyphSetsOf(split));
  const family = random.pick(familiesFor(split, ['sans']));
  const drawn = things.map(({ name, box: [left, top, right, bottom], flipped }, index) => {
    const side = Math.min((right - left) * width, (bottom - top) * height);
    return glyphAt(set, name, `g${index}-`, { x: left * width, y: top * height, side, flipped });
  });
  const labels = plates.map(({ text, box: [left, top, right, bottom] }) => {
    const [w, h] = [(right - left) * width, (bottom - top) * height];
    return (
      `<rect x="${left * width}" y="${top * height}" width="${w}" height="${h}" fill="#fdfdf8" stroke="#555"/>` +
      `<path d="${pathData(textPath(text, family, { x: left * width + w / 2, y: top * height + h * 0.78, size: h * 0.8, anchor: 'middle', bold: false }))}" fill="#111"/>`
    );
  });
  return framed(width, height, groundOf(ground, width, height, random) + drawn.join('') + labels.join(''));
}

function groundOf(
  { form, colors: [first, second] }: Ground,
  width: number,
  height: number,
  random: Random,
): string {
  const all = `<rect width="${width}" height="${height}" fill="${first}"/>`;
  switch (form) {
    case 'flat':
      return all;
    case 'ramp':
      return `<defs><linearGradient id="ramp" x1="0" y1="0" x2="${random.chance(0.5) ? 0 : 1}" y2="1"><stop offset="0" stop-color="${first}"/><stop offset="1" stop-color="${second}"/></linearGradient></defs><rect width="${width}" height="${height}" fill="url(#ramp)"/>`;
    case 'horizon':
      return `${all}<rect y="${height * 0.55}" width="${width}" height="${height * 0.45}" fill="${second}"/>`;
    case 'shelf':
      return `${all}${[0.36, 0.7, 0.98].map((y) => `<rect y="${height * y}" width="${width}" height="${height * 0.02}" fill="${second}"/>`).join('')}`;
    case 'check': {
      const step = random.int(40, 90);
      return `<defs><pattern id="check" width="${2 * step}" height="${2 * step}" patternUnits="userSpaceOnUse"><rect width="${step}" height="${step}" fill="${second}" opacity="0.35"/><rect x="${step}" y="${step}" width="${step}" height="${step}" fill="${second}" opacity="0.35"/></pattern></defs>${all}<rect width="${width}" height="${height}" fill="url(#check)"/>`;
    }
  }
}

export function portraitVector({ aspect, ground, people }: Portrait, seed: number): Vector {
  const { width, height } = sizeOf(aspect);
  const inner = people.map((person, index) => personOf(person, `p${index}`, width, height)).join('');
  return framed(width, height, groundOf(ground, width, height, randomOf(seed)) + inner);
}

/** A shaded head with the light and dark places that a cascade of Haar features looks for. */
function personOf(
  { box: [left, top, right, bottom], skin, hair, shirt, gaze }: Person,
  key: string,
  width: number,
  height: number,
): string {
  const [x, y] = [((left + right) / 2) * width, ((top + bottom) / 2) * height];
  const [rx, ry] = [((right - left) / 2) * width, ((bottom - top) / 2) * height];
  const at = (dx: number, dy: number): string => `cx="${x + dx * rx}" cy="${y + dy * ry}"`;
  const look = gaze * 0.05;
  const eye = (side: -1 | 1): string =>
    `<ellipse ${at(side * 0.4, -0.14)} rx="${rx * 0.3}" ry="${ry * 0.17}" fill="#000" opacity="0.28"/>` +
    `<ellipse ${at(side * 0.4, -0.1)} rx="${rx * 0.19}" ry="${ry * 0.08}" fill="#f2efe9"/>` +
    `<ellipse ${at(side * 0.4 + look, -0.1)} rx="${rx * 0.1}" ry="${ry * 0.08}" fill="#231a14"/>` +
    `<path d="M${x + (side * 0.4 - 0.24) * rx} ${y - 0.24 * ry} q${0.24 * rx} ${-0.12 * ry} ${0.48 * rx} 0 l0 ${0.06 * ry} q${-0.24 * rx} ${-0.08 * ry} ${-0.48 * rx} 0 z" fill="${hair}"/>`;
  return (
    `<defs><radialGradient id="${key}" cx="0.5" cy="0.45" r="0.6"><stop offset="0.35" stop-color="${skin}"/><stop offset="1" stop-color="#3a2418"/></radialGradient></defs>` +
    `<path d="M${x - 1.9 * rx} ${y + 2.6 * ry} q0 ${-1.4 * ry} ${1.3 * rx} ${-1.5 * ry} l${1.2 * rx} 0 q${1.3 * rx} ${0.1 * ry} ${1.3 * rx} ${1.5 * ry} z" fill="${shirt}"/>` +
    `<rect x="${x - 0.4 * rx}" y="${y + 0.7 * ry}" width="${0.8 * rx}" height="${0.6 * ry}" fill="${skin}"/>` +
    `<ellipse ${at(0, -0.25)} rx="${rx * 1.12}" ry="${ry * 1.05}" fill="${hair}"/>` +
    `<ellipse ${at(0, 0)} rx="${rx}" ry="${ry}" fill="url(#${key})"/>` +
    `<path d="M${x - rx} ${y - 0.35 * ry} q${rx} ${-0.95 * ry} ${2 * rx} 0 q${-0.3 * rx} ${-0.75 * ry} ${-rx} ${-0.75 * ry} q${-0.7 * rx} 0 ${-rx} ${0.75 * ry} z" fill="${hair}"/>` +
    eye(-1) +
    eye(1) +
    `<path d="M${x - 0.1 * rx} ${y - 0.1 * ry} l${-0.1 * rx} ${0.36 * ry} q${0.2 * rx} ${0.12 * ry} ${0.4 * rx} 0 l${-0.1 * rx} ${-0.36 * ry} z" fill="#fff" opacity="0.16"/>` +
    `<ellipse ${at(0, 0.3)} rx="${rx * 0.2}" ry="${ry * 0.05}" fill="#000" opacity="0.35"/>` +
    `<ellipse ${at(0, 0.56)} rx="${rx * 0.34}" ry="${ry * 0.08}" fill="#7d2e2e"/>` +
    `<ellipse ${at(0, 0.72)} rx="${rx * 0.26}" ry="${ry * 0.05}" fill="#000" opacity="0.18"/>`
  );
}
