/** `node training/render/contact-sheet.ts OUT.jpg [split] [seed]`: a look at what the renderer draws. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Scene, SceneKind } from '#training/scenes/scene';
import { renderScene } from './render.ts';

const TILE = 420;
const COLUMNS = 4;

const item = (name: string, price: string, bold = false) => ({
  cells: [
    { text: name, align: 'left' as const, bold },
    { text: price, align: 'right' as const, bold },
  ],
});
const title = (text: string, size = 1.5) => ({
  cells: [{ text, align: 'center' as const, bold: true, size }],
});
const cells = (texts: readonly string[], bold = false) => ({
  cells: texts.map((text, index) => ({
    text,
    align: index === 0 ? ('left' as const) : ('right' as const),
    bold,
  })),
});

/** One scene of each kind, only to look at the drawing. */
export const sampleScenes: Readonly<Record<SceneKind, Scene>> = {
  receipt: {
    kind: 'receipt',
    rows: [
      title('Corner Bakery'),
      title('14 Mill Lane', 0.9),
      { ...item('Flat white', '3.80'), gap: 1 },
      item('2 x Rye roll', '4.40'),
      item('Apple juice', '2.95'),
      { ...item('Subtotal', '11.15'), rule: 'above' },
      item('Tax 8%', '0.89'),
      item('TOTAL', '$12.04', true),
    ],
  },
  menu: {
    kind: 'menu',
    rows: [
      title('Lunch', 1.8),
      item('Tomato soup', '£5.50'),
      item('Mushroom risotto', '£11.90'),
      item('Lemon cake', '£4.20'),
      { ...title('Drinks', 1.3), gap: 0.5 },
      item('Sparkling water', '£2.10'),
    ],
  },
  board: {
    kind: 'board',
    rows: [
      title('Departures', 1.5),
      cells(['Time', 'To', 'Plat.'], true),
      cells(['09:14', 'Ashford', '3']),
      cells(['09:40', 'Kings Hill', '12']),
    ],
  },
  sign: {
    kind: 'sign',
    rows: [
      title('The Old Forge', 1.6),
      item('Mon - Fri', '9:00 - 17:30'),
      item('Saturday', '10:00 - 16:00'),
      title('Tel. 555 0134', 1),
    ],
  },
  table: {
    kind: 'table',
    rows: [
      cells(['Name', 'Jan', 'Feb', 'Mar'], true),
      cells(['Nora', '12', '7', '31']),
      cells(['Viktor', '25', '14', '9']),
      cells(['Sum', '37', '21', '40']),
    ],
  },
  equation: {
    kind: 'equation',
    rows: [
      { cells: [{ text: '3x + 7 = 22', align: 'center', size: 1.4 }] },
      { cells: [{ text: 'x^2 - 5x + 6 = 0', align: 'center', size: 1.4 }] },
    ],
  },
  note: {
    kind: 'note',
    rows: [
      title('Shopping', 1.2),
      item('Milk', '2'),
      item('Eggs', '12'),
      { cells: [{ text: 'Call Dora before 18:30', align: 'left' }], gap: 0.5 },
    ],
  },
  blank: { kind: 'blank', rows: [] },
};

async function main(path: string, split: 'train' | 'heldout', seed: number): Promise<void> {
  const scenes = Object.values(sampleScenes).flatMap((scene) => [scene, scene]);
  const start = performance.now();
  const pictures = [];
  for (const [index, scene] of scenes.entries())
    pictures.push(await renderScene(scene, { seed: seed + index, split }));
  const seconds = (performance.now() - start) / 1000;
  const tiles = await Promise.all(
    pictures.map(async ({ image }, index) => ({
      input: await sharp(image)
        .autoOrient()
        .resize(TILE, TILE, { fit: 'contain', background: '#444' })
        .toBuffer(),
      left: (index % COLUMNS) * TILE,
      top: Math.floor(index / COLUMNS) * TILE,
    })),
  );
  const height = Math.ceil(scenes.length / COLUMNS) * TILE;
  const sheet = sharp({
    create: { width: COLUMNS * TILE, height, channels: 3, background: '#444' },
  }).composite(tiles);
  await writeFile(path, await sheet.jpeg({ quality: 85 }).toBuffer());
  console.log(
    `${pictures.length} pictures in ${seconds.toFixed(2)} s, ${(pictures.length / seconds).toFixed(1)} per second`,
  );
  for (const { style, family, width, height, image, quality } of pictures) {
    console.log(`${style} ${family} ${width}x${height} ${image.length} bytes ${quality}`);
  }
}

if (import.meta.main) {
  const [path = 'sheet.jpg', split = 'train', seed = '1'] = process.argv.slice(2);
  await main(path, split === 'heldout' ? 'heldout' : 'train', Number(seed));
}
