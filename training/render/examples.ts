/** `node training/render/examples.ts`: draws the pictures of `examples/`, the same bytes each time on one version of sharp. */

import { writeFile } from 'node:fs/promises';
import type { Cell, Row, Scene } from '#training/scenes/scene';
import { drawPicture } from '../pictures/draw.ts';
import type { Picture } from '../pictures/picture.ts';
import type { Photo } from './photo.ts';
import { type RenderOptions, renderScene } from './render.ts';

type Example = {
  readonly scene: Scene;
  readonly options: RenderOptions & { readonly photo: Partial<Photo> };
};

const left = (text: string, extra: Partial<Cell> = {}): Cell => ({ text, align: 'left', ...extra });
const right = (text: string, extra: Partial<Cell> = {}): Cell => ({ text, align: 'right', ...extra });
const center = (text: string, extra: Partial<Cell> = {}): Row => ({
  cells: [{ text, align: 'center', ...extra }],
});
const pair = (first: string, last: string, extra: Partial<Row> = {}): Row => ({
  cells: [left(first), right(last)],
  ...extra,
});

/** A steady hand in good light; each example changes what makes it look like its place. */
const steady: Partial<Photo> = {
  quarterTurns: 0,
  orientation: 1,
  gain: 1,
  contrast: 0.97,
  blur: 0.4,
  noise: 2.5,
  quality: 86,
};

const examples: Readonly<Record<string, Example>> = {
  receipt: {
    scene: {
      kind: 'receipt',
      rows: [
        center('HARBOUR CAFE', { bold: true, size: 1.5 }),
        center('27 Quay Street'),
        center('Tel. 555 0172'),
        { ...pair('12.05.2026', '09:41'), gap: 0.6 },
        pair('2 x Flat white', '9.00', { rule: 'above' }),
        pair('1 x Almond croissant', '3.80'),
        pair('1 x Porridge', '5.40'),
        pair('1 x Orange juice', '4.25'),
        pair('Subtotal', '22.45', { rule: 'above' }),
        pair('Tax 8%', '1.80'),
        { cells: [left('TOTAL', { bold: true, size: 1.2 }), right('$24.25', { bold: true, size: 1.2 })] },
        { ...pair('Card', '24.25'), gap: 0.4 },
        { ...center('Thank you!'), gap: 0.8 },
      ],
    },
    options: {
      seed: 7,
      style: 'thermal',
      family: 'ibm-plex-mono',
      surface: 'wood',
      photo: {
        ...steady,
        bodyPx: 34,
        angle: -2.4,
        corners: [0.02, 0.01, -0.02, 0.01, 0.01, -0.01, -0.01, 0.01],
        curl: 0.008,
        surroundings: 0.22,
        tint: [1.03, 1, 0.94],
        unevenness: 0.25,
        shadow: 0.22,
      },
    },
  },
  menu: {
    scene: {
      kind: 'menu',
      rows: [
        center('The Green Door', { bold: true, size: 1.9 }),
        center('Lunch, 12 to 3', { size: 0.9 }),
        { ...center('Plates', { bold: true, size: 1.3 }), gap: 0.5 },
        pair('Tomato soup', '£6.20'),
        pair('Mushroom risotto', '£12.50'),
        pair('Goat cheese salad', '£10.80'),
        pair('Fish pie', '£13.40'),
        { ...center('Sweets', { bold: true, size: 1.3 }), gap: 0.5 },
        pair('Lemon tart', '£5.60'),
        pair('Rhubarb crumble', '£5.90'),
      ],
    },
    options: {
      seed: 12,
      style: 'slate',
      family: 'patrick-hand',
      surface: 'brick',
      photo: {
        ...steady,
        bodyPx: 36,
        angle: 1.5,
        corners: [0.03, 0.02, 0, 0, 0, 0, 0.02, -0.02],
        surroundings: 0.1,
        tint: [1.04, 1, 0.95],
        unevenness: 0.2,
        shadow: 0,
      },
    },
  },
  sign: {
    scene: {
      kind: 'sign',
      rows: [
        center('CITY LIBRARY', { bold: true, size: 1.7 }),
        { ...center('Opening hours', { size: 1.1 }), rule: 'below' },
        { ...pair('Monday - Friday', '9:00 - 19:00'), gap: 0.2 },
        pair('Saturday', '10:00 - 16:00'),
        pair('Sunday', 'closed'),
      ],
    },
    options: {
      seed: 21,
      style: 'enamel',
      family: 'roboto',
      surface: 'plaster',
      photo: {
        ...steady,
        bodyPx: 46,
        angle: -1.2,
        corners: [0, 0.03, 0, -0.03, 0, 0.03, 0, -0.03],
        surroundings: 0.18,
        tint: [1, 1, 1.02],
        unevenness: 0.18,
        shadow: 0.2,
      },
    },
  },
  table: {
    scene: {
      kind: 'table',
      rows: [
        center('Kilometres cycled', { bold: true, size: 1.3 }),
        ...[
          ['Name', 'May', 'June', 'July'],
          ['Hanna', '112', '96', '140'],
          ['Marco', '87', '134', '121'],
          ['Yusuf', '145', '101', '98'],
          ['Elena', '64', '118', '133'],
        ].map(
          ([name = '', ...numbers], index): Row => ({
            ...(index === 0 ? { gap: 0.5 } : {}),
            cells: [
              left(name, { bold: index === 0 }),
              ...numbers.map((text) => right(text, { bold: index === 0 })),
            ],
          }),
        ),
      ],
    },
    options: {
      seed: 5,
      style: 'ruled',
      family: 'open-sans',
      surface: 'granite',
      photo: {
        ...steady,
        bodyPx: 32,
        angle: 2.4,
        corners: [0.02, 0, -0.01, 0.02, 0, 0, -0.02, 0],
        curl: 0.004,
        surroundings: 0.12,
        tint: [1.02, 1, 0.97],
        unevenness: 0.2,
        shadow: 0.15,
      },
    },
  },
  equation: {
    scene: {
      kind: 'equation',
      rows: [
        center('Homework', { size: 0.9 }),
        { ...center('5x - 12 = 2x + 9', { size: 1.5 }), gap: 0.4 },
        center('Find x', { size: 1.2 }),
      ],
    },
    options: {
      seed: 3,
      style: 'textbook',
      family: 'merriweather',
      surface: 'desk',
      photo: {
        ...steady,
        bodyPx: 44,
        angle: -4,
        corners: [0.02, 0.03, -0.02, 0, 0, 0, 0.02, 0],
        curl: 0.006,
        surroundings: 0.12,
        tint: [1.03, 1, 0.93],
        unevenness: 0.25,
        shadow: 0.2,
      },
    },
  },
  blank: {
    scene: { kind: 'blank', rows: [] },
    options: {
      seed: 10,
      split: 'heldout',
      photo: {
        ...steady,
        bodyPx: 30,
        angle: 1,
        corners: [],
        curl: 0,
        tint: [1, 1, 1],
        unevenness: 0.15,
        shadow: 0,
      },
    },
  },
};

/** Pictures that are more than text. */
const pictures: Readonly<Record<string, Picture>> = {
  things: {
    kind: 'objects',
    aspect: 1.4,
    ground: { form: 'ramp', colors: ['#f7f3e3', '#c9d8ea'] },
    things: [
      { name: 'apple', box: [0.05, 0.08, 0.25, 0.36], flipped: false },
      { name: 'apple', box: [0.38, 0.56, 0.58, 0.84], flipped: false },
      { name: 'apple', box: [0.74, 0.1, 0.94, 0.38], flipped: true },
      { name: 'umbrella', box: [0.08, 0.56, 0.28, 0.84], flipped: false },
      { name: 'guitar', box: [0.4, 0.1, 0.6, 0.38], flipped: false },
    ],
    plates: [],
  },
  chart: {
    kind: 'chart',
    form: 'bars',
    title: 'Trees planted',
    measure: '',
    unit: '',
    labels: ['Oslo', 'Porto', 'Turin', 'Ghent'],
    values: [42, 17, 35, 28],
    printed: 'label',
  },
};

async function write(name: string, image: Buffer): Promise<void> {
  await writeFile(new URL(`../../examples/${name}.jpg`, import.meta.url), image);
  console.log(`examples/${name}.jpg ${Math.round(image.length / 1024)} kB`);
}

for (const [name, { scene, options }] of Object.entries(examples))
  await write(name, (await renderScene(scene, options)).image);
for (const [name, picture] of Object.entries(pictures))
  await write(name, (await drawPicture(picture, { seed: 11, split: 'heldout' })).image);
