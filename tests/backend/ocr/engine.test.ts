import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { type OcrEngine, openOcrEngine } from '#backend/tools/ocr';
import { bundledOcrModels } from '#backend/tools/ocr/models';
import { openRecogniser } from '#backend/tools/ocr/recognise';
import { ocr } from '../../../shared/tools/ocr.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
const rasterOf = async (bytes: Uint8Array): Promise<Raster> => (await decodeImage(bytes)).raster;
const solid = (width: number, height: number, value: number): Raster => ({
  data: new Uint8Array(width * height * 3).fill(value),
  width,
  height,
});

/** Uniform noise from a linear congruential generator. */
function noise(width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { data, width, height };
}

const RECEIPT = `CORNER MARKET
2 x Espresso 5.00
Butter Croissant 3.25
Orange Juice 4.10
Subtotal 12.35
Tax 8.25% 1.02
TOTAL $13.37`;

let engine: OcrEngine;
beforeAll(async () => {
  engine = await openOcrEngine({ threads: 1 });
});
afterAll(() => engine.release());

const textOf = async (bytes: Uint8Array): Promise<string> => (await engine.read(await rasterOf(bytes))).text;

describe('openOcrEngine', () => {
  it.each([
    ['receipt.png', RECEIPT],
    ['sign.jpg', 'MUSEUM HOURS\nTue - Sun 9:30 - 17:00\nAdults $12.50'],
    ['dark.png', 'Gate B12\nBoarding 22:15\nFlight to Lisbon delayed'],
    [
      'menu.png',
      'Chicken Burrito 9.50\nVeggie Bowl 8.75\nFish Tacos 11.00\nGuacamole 4.25\nIced Lemonade 3.95',
    ],
    [
      'columns.png',
      `The harbour opens early and
the first boats come in with
the morning tide while gulls
wait along the stone wall.
Later the market fills with
people who ask for the best
price of cod and herring or
just stand there and talk.`,
    ],
    ['mixed.png', 'Please keep clear\nTrains every 12 minutes\nPlatform Seven\nEmergency exit'],
    ['tiny.png', '$4.50'],
    // Lone figures one over the other, in a dim photo.
    ['figures.jpg', 'Part History\nLerpen 12\nPeter 6\nCompleted 9'],
    [
      'strip.png',
      'Ring twice for the night porter and then wait at the blue door near the garden until someone comes',
    ],
  ])('reads %s row by row', async (name, text) => {
    expect(await textOf(fixture(name))).toBe(text);
  });

  it.each([90, 180, 270] as const)('reads a page turned by %i degrees and says so', async (degrees) => {
    const upright = await engine.read(await rasterOf(fixture('receipt.png')));
    const turned = await engine.read(
      await rasterOf(await sharp(fixture('receipt.png')).rotate(degrees).png().toBuffer()),
    );
    expect(turned.text).toBe(RECEIPT);
    expect(turned.rotation).toBe(degrees);
    expect(turned.tables?.map(({ rows }) => rows)).toEqual(upright.tables?.map(({ rows }) => rows));
    // The boxes stay those of the image as it came.
    const where = ({ regions }: typeof turned) => regions.find(({ text }) => text === '$13.37')?.bbox ?? [];
    const [left = 0, top = 0, right = 0, bottom = 0] = where(upright);
    const expected = {
      90: [1 - bottom, left, 1 - top, right],
      180: [1 - right, 1 - bottom, 1 - left, 1 - top],
      270: [top, 1 - right, bottom, 1 - left],
    }[degrees];
    expect(right).toBeGreaterThan(left);
    expect(where(turned)).toEqual(expected.map((value) => expect.closeTo(value, 2)));
  });

  it.each(['receipt.png', 'sign.jpg', 'dark.png', 'columns.png', 'mixed.png'])(
    'turns nothing that reads well: %s',
    async (name) => {
      expect(await engine.read(await rasterOf(fixture(name)))).not.toHaveProperty('rotation');
    },
  );

  it('knows the turn of a leaning page', async () => {
    expect((await engine.read(await rasterOf(fixture('figures.jpg')))).rotation).toBe(90);
  });

  it('gives the items of a receipt as a table, and words their places', async () => {
    const { tables, regions } = await engine.read(await rasterOf(fixture('receipt.png')));
    expect(tables?.[0]?.rows).toEqual([
      ['2 x Espresso', '5.00'],
      ['Butter Croissant', '3.25'],
      ['Orange Juice', '4.10'],
      ['Subtotal', '12.35'],
      ['Tax 8.25%', '1.02'],
      ['TOTAL', '$13.37'],
    ]);
    const words = regions.find(({ text }) => text === 'Butter Croissant')?.words ?? [];
    expect(words.map(({ text }) => text)).toEqual(['Butter', 'Croissant']);
    expect(words[0]?.bbox[2]).toBeLessThan(words[1]?.bbox[0] ?? 0);
  });

  it('gives the same text for all eight EXIF orientations', async () => {
    // Pixels stored so that the tag brings them upright again.
    const stored: Record<number, [turn: number, mirrored: boolean]> = {
      1: [0, false],
      2: [0, true],
      3: [180, false],
      4: [180, true],
      5: [270, true],
      6: [270, false],
      7: [90, true],
      8: [90, false],
    };
    for (const [orientation, [turn, mirrored]] of Object.entries(stored)) {
      const turned = await sharp(fixture('menu.png')).flop(mirrored).toColourspace('srgb').png().toBuffer();
      const jpeg = await sharp(turned)
        .rotate(turn)
        .jpeg({ quality: 92 })
        .withMetadata({ orientation: Number(orientation) });
      const text = await textOf(await jpeg.toBuffer());
      expect(text.split('\n'), `orientation ${orientation}`).toContain('Fish Tacos 11.00');
      expect(text.split('\n'), `orientation ${orientation}`).toHaveLength(5);
    }
  });

  it.each([
    ['one pixel', solid(1, 1, 90)],
    ['one row', solid(40, 1, 90)],
    ['one column', solid(1, 40, 90)],
    ['white paper', solid(640, 480, 255)],
    ['black', solid(200, 300, 0)],
    ['noise', noise(320, 240)],
  ])('invents no text in %s', async (_what, image) => {
    expect(await engine.read(image)).toEqual({ text: '', regions: [] });
  });

  it('gives one region a box, in reading order, within the image', async () => {
    const result = ocr.observation.parse(await engine.read(await rasterOf(fixture('menu.png'))));
    expect(result.regions.map(({ text }) => text).join(' ')).toBe(result.text.replaceAll('\n', ' '));
    for (const { bbox, score } of result.regions) {
      const [left, top, right, bottom] = bbox;
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(1);
      expect(right - left).toBeGreaterThan(0.03);
      expect(bottom - top).toBeGreaterThan(0.05);
      expect(score).toBeGreaterThan(0.8);
    }
    const price = result.regions.find(({ text }) => text === '9.50');
    expect(price?.bbox[0]).toBeGreaterThan(0.8);
    expect(price?.bbox[1]).toBeLessThan(0.25);
  });

  it('keeps small text of a large page', async () => {
    const page = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#ffffff' } })
      .composite([{ input: fixture('receipt.png'), left: 1700, top: 1300 }])
      .png()
      .toBuffer();
    expect(await textOf(page)).toBe(RECEIPT);
  });

  it('looks closer where small print of a large photo runs into one box', async () => {
    const receipt = await sharp(fixture('receipt.png')).resize({ width: 220 }).png().toBuffer();
    const page = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#ffffff' } })
      .composite([{ input: receipt, left: 1700, top: 1300 }])
      .png()
      .toBuffer();
    expect((await textOf(page)).toLowerCase()).toBe(RECEIPT.toLowerCase());
  });

  it('gives the same result every time', async () => {
    const image = await rasterOf(fixture('sign.jpg'));
    expect(await engine.read(image)).toEqual(await engine.read(image));
  });

  it('stops between lines when the signal fires', async () => {
    const image = await rasterOf(fixture('receipt.png'));
    const controller = new AbortController();
    const reading = engine.read(image, controller.signal);
    controller.abort(new Error('the caller left'));
    await expect(reading).rejects.toThrow('the caller left');
  });

  it('refuses a dictionary that does not belong to the model', async () => {
    const { recognition } = bundledOcrModels();
    const other = new URL('./fixtures/make.ts', import.meta.url).pathname;
    await expect(openRecogniser(recognition, other, 1)).rejects.toThrow(
      /dictionary file that belongs to the model/,
    );
  });
});
