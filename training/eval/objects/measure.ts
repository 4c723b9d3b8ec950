/** Average precision, recall and false alarms of found objects against those shown. */
import { overlap } from '#backend/tools/adapters/detections';
import type { Bounds, Shown } from './pictures.ts';

export type Found = Shown & { readonly score: number };
/** One picture: what it shows, and what was found in it. */
export type Seen = { readonly shown: readonly Shown[]; readonly found: readonly Found[] };

const IOU_MIN = 0.5;

/** One find: its score, and whether it is an object of that name that no better find has taken. */
export type Judged = { readonly score: number; readonly right: boolean };

/** Best first. Each object is found once at most, by the best find of its name with an overlap of 0.5. */
export function judge(seen: readonly Seen[], isSame = (a: Shown, b: Shown) => a.name === b.name): Judged[] {
  return seen
    .flatMap(({ shown, found }) => {
      const free = new Set(shown);
      return found
        .toSorted((a, b) => b.score - a.score)
        .map((find) => {
          const hit = [...free]
            .filter((object) => isSame(object, find) && overlap(object.box, find.box) >= IOU_MIN)
            .sort((a, b) => overlap(b.box, find.box) - overlap(a.box, find.box))[0];
          if (hit) free.delete(hit);
          return { score: find.score, right: hit !== undefined };
        });
    })
    .sort((a, b) => b.score - a.score);
}

/** The area below the curve of the best precision at each recall; `total` objects are shown. */
export function averagePrecision(judged: readonly Judged[], total: number): number {
  let hits = 0;
  const precisions = judged.map(({ right }, index) => {
    hits += right ? 1 : 0;
    return hits / (index + 1);
  });
  let best = 0;
  let area = 0;
  for (let index = judged.length - 1; index >= 0; index--) {
    best = Math.max(best, precisions[index] as number);
    if (judged[index]?.right) area += best;
  }
  return total === 0 ? 0 : area / total;
}

/** The mean over all names that are shown. */
export function meanAveragePrecision(seen: readonly Seen[]): number {
  const names = [...new Set(seen.flatMap(({ shown }) => shown.map(({ name }) => name)))];
  const each = names.map((name) => {
    const of = seen.map(({ shown, found }) => ({
      shown: shown.filter((object) => object.name === name),
      found: found.filter((object) => object.name === name),
    }));
    return averagePrecision(judge(of), count(of));
  });
  return each.reduce((sum, value) => sum + value, 0) / Math.max(1, each.length);
}

export function count(seen: readonly Seen[]): number {
  return seen.reduce((sum, { shown }) => sum + shown.length, 0);
}

/** Share of the objects that are found while there is at most one false alarm a picture. */
export function recallAtOneAlarm(seen: readonly Seen[]): number {
  let [hits, alarms] = [0, 0];
  for (const { right } of judge(seen)) {
    if (right) hits++;
    else if (++alarms > seen.length) break;
  }
  return hits / Math.max(1, count(seen));
}

export type AtThreshold = { readonly recall: number; readonly precision: number; readonly alarms: number };

/** `alarms`: finds a picture that are not right. */
export function atThreshold(seen: readonly Seen[], threshold: number): AtThreshold {
  const told = judge(seen).filter(({ score }) => score >= threshold);
  const hits = told.filter(({ right }) => right).length;
  return {
    recall: hits / Math.max(1, count(seen)),
    precision: told.length === 0 ? 0 : hits / told.length,
    alarms: (told.length - hits) / Math.max(1, seen.length),
  };
}

/** Share of the objects whose place is found, whatever they were taken for, by the first `most` finds a picture. */
export function placesFound(seen: readonly Seen[], most: number): number {
  const cut = seen.map(({ shown, found }) => ({
    shown,
    found: found.toSorted((a, b) => b.score - a.score).slice(0, most),
  }));
  return judge(cut, () => true).filter(({ right }) => right).length / Math.max(1, count(seen));
}

export function pixelsOf(
  box: Bounds,
  { width, height }: { readonly width: number; readonly height: number },
): Bounds {
  return [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
}
