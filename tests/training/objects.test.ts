/** The arithmetic of the objects evaluation on cases whose results are known, and its files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blobs, commonestName } from '#training/eval/objects/baseline';
import {
  atThreshold,
  averagePrecision,
  judge,
  meanAveragePrecision,
  placesFound,
  recallAtOneAlarm,
  type Seen,
} from '#training/eval/objects/measure';
import { parts, rasterOf, readPictures } from '#training/eval/objects/pictures';

const at = (name: string, left: number, score = 1) => ({
  name,
  box: [left, 0, left + 10, 10] as const,
  score,
});
const shown = (name: string, left: number) => ({ name, box: [left, 0, left + 10, 10] as const });

describe('finds are judged', () => {
  it('each object is found once, by the best find of its name that overlaps by half', () => {
    const seen: Seen[] = [
      {
        shown: [shown('cat', 0), shown('dog', 100)],
        found: [
          at('cat', 0, 0.9),
          at('cat', 1, 0.8),
          at('cat', 100, 0.7),
          at('dog', 104, 0.6),
          at('dog', 100, 0.5),
        ],
      },
    ];
    // dog at 104: 6 of 14 columns are shared, less than half.
    expect(judge(seen)).toEqual([
      { score: 0.9, right: true },
      { score: 0.8, right: false },
      { score: 0.7, right: false },
      { score: 0.6, right: false },
      { score: 0.5, right: true },
    ]);
  });

  it('average precision is the area below the best precision at each recall', () => {
    const judged = [true, false, true, false].map((right, index) => ({ score: 1 - index / 10, right }));
    expect(averagePrecision(judged, 2)).toBeCloseTo((1 + 2 / 3) / 2);
    expect(averagePrecision(judged, 4)).toBeCloseTo((1 + 2 / 3) / 4);
    expect(averagePrecision([], 3)).toBe(0);
    // A later, better precision lifts what comes before it.
    const late = [false, true, true].map((right, index) => ({ score: 1 - index / 10, right }));
    expect(averagePrecision(late, 2)).toBeCloseTo(2 / 3);
  });

  const seen: Seen[] = [
    { shown: [shown('cat', 0)], found: [at('cat', 0, 0.9), at('dog', 50, 0.2)] },
    {
      shown: [shown('dog', 0)],
      found: [at('dog', 70, 0.8), at('cat', 30, 0.7), at('cow', 0, 0.6), at('dog', 0, 0.1)],
    },
  ];

  it('the mean is over the names that are shown', () => {
    // The cat is right at once; the dog after two wrong ones.
    expect(meanAveragePrecision(seen)).toBeCloseTo((1 + 1 / 3) / 2);
  });

  it('recall, precision and alarms at a threshold, and recall at one alarm a picture', () => {
    expect(atThreshold(seen, 0.65)).toEqual({ recall: 0.5, precision: 1 / 3, alarms: 1 });
    expect(atThreshold(seen, 0.95)).toEqual({ recall: 0, precision: 0, alarms: 0 });
    expect(recallAtOneAlarm(seen)).toBe(0.5);
    expect(placesFound(seen, 3)).toBe(1);
    expect(placesFound(seen, 1)).toBe(0.5);
  });
});

describe('the baseline', () => {
  it('boxes what stands out from the border', () => {
    const [width, height] = [40, 30];
    const data = new Uint8Array(width * height * 3).fill(200);
    for (let y = 5; y < 15; y++)
      for (let x = 12; x < 24; x++) data.fill(20, (y * width + x) * 3, (y * width + x) * 3 + 3);
    expect(blobs({ data, width, height }, 'cat')).toEqual([
      { name: 'cat', box: [12, 5, 24, 15], score: 120 / 1200 },
    ]);
  });
});

describe('the held-out pictures', async () => {
  const pictures = await readPictures();
  const names = new Set(
    (
      JSON.parse(
        readFileSync(new URL('../../models/nano/objects/vocabulary.json', import.meta.url), 'utf8'),
      ) as { names: { name: string }[] }
    ).names.map(({ name }) => name),
  );

  it('have parts of the sizes that the table speaks of, and objects inside of them', () => {
    const counts = parts.map((part) => pictures.filter((picture) => picture.part === part).length);
    expect(counts).toEqual([120, 70, 70, 60]);
    for (const { width, height, objects, part } of pictures) {
      expect(objects.length > 0).toBe(part !== 'without');
      for (const { name, box } of objects) {
        expect(names).toContain(name);
        expect(box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height).toBe(true);
        expect(box[0] < box[2] && box[1] < box[3]).toBe(true);
      }
    }
    expect(names).toContain(commonestName(pictures));
  });

  it('are of the size that is written down', async () => {
    for (const picture of pictures.filter((_, index) => index % 40 === 0)) {
      const { width, height } = await rasterOf(picture);
      expect([width, height]).toEqual([picture.width, picture.height]);
    }
  });
});
