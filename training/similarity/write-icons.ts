/**
 * Draws the icons of objects.txt for the pictures of training: one RGBA square each, trimmed and centred.
 *
 *     npm install --no-save --prefix FOLDER @iconify-json/noto @iconify-json/fluent-emoji-flat @iconify-json/twemoji
 *     npx -c 'node training/similarity/write-icons.ts FOLDER/node_modules'
 *
 * Writes icons.rgba and icons.json, its list, into training/.work/similarity.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIDE = 96;
const SETS = ['noto', 'fluent-emoji-flat', 'twemoji'] as const;
const OUT = new URL('../.work/similarity/', import.meta.url);

type IconSet = {
  readonly width?: number;
  readonly height?: number;
  readonly icons: Readonly<
    Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>
  >;
};

/** Object name and the names that its icons may have. */
async function wanted(): Promise<{ object: string; icons: string[] }[]> {
  const text = await readFile(new URL('objects.txt', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return rows.map((row) => {
    const [object = '', , icons = ''] = row.split('|');
    return { object, icons: icons.split(',') };
  });
}

async function drawn(set: IconSet, name: string): Promise<Buffer | undefined> {
  const icon = set.icons[name];
  if (!icon) return undefined;
  const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="192" height="192" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const trimmed = await sharp(Buffer.from(svg)).trim({ background: clear }).png().toBuffer();
  return sharp(trimmed)
    .resize(SIDE, SIDE, { fit: 'contain', background: clear })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

const [folder = ''] = process.argv.slice(2);
const pixels: Buffer[] = [];
const list: { object: string; set: string; icon: string }[] = [];
const objects = await wanted();
for (const name of SETS) {
  const set = JSON.parse(
    await readFile(join(folder, '@iconify-json', name, 'icons.json'), 'utf8'),
  ) as IconSet;
  for (const { object, icons } of objects) {
    for (const icon of icons) {
      const square = await drawn(set, icon);
      if (!square) continue;
      pixels.push(square);
      list.push({ object, set: name, icon });
    }
  }
}
await mkdir(OUT, { recursive: true });
await writeFile(new URL('icons.rgba', OUT), Buffer.concat(pixels));
await writeFile(new URL('icons.json', OUT), `${JSON.stringify({ side: SIDE, icons: list }, null, 1)}\n`);
const missing = objects.filter(({ object }) => !list.some((icon) => icon.object === object));
console.log(
  `${list.length} icons of ${objects.length} objects; without any: ${missing.map((row) => row.object).join(', ') || 'none'}`,
);
