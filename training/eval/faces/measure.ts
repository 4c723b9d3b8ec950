/** Finds against faces: one to one, best overlap first. */
import { overlap } from '#backend/tools/adapters/detections';
import type { Box } from '#backend/tools/roles';

export type FaceCounts = {
  readonly pictures: number;
  readonly faces: number;
  readonly finds: number;
  /** Pairs whose intersection over union is 0.5 or more. */
  readonly matched: number;
  /** Pairs in which the middle of the find lies in the face. */
  readonly centred: number;
};

const IOU_MIN = 0.5;

export function measureFaces(faces: readonly Box[], finds: readonly Box[]): FaceCounts {
  return {
    pictures: 1,
    faces: faces.length,
    finds: finds.length,
    matched: pairsOf(faces, finds, (face, find) => overlap(face, find) >= IOU_MIN),
    centred: pairsOf(faces, finds, isCentred),
  };
}

export function addFaceCounts(all: readonly FaceCounts[]): FaceCounts {
  const total = (key: keyof FaceCounts): number => all.reduce((sum, counts) => sum + counts[key], 0);
  return {
    pictures: total('pictures'),
    faces: total('faces'),
    finds: total('finds'),
    matched: total('matched'),
    centred: total('centred'),
  };
}

function pairsOf(
  faces: readonly Box[],
  finds: readonly Box[],
  fits: (face: Box, find: Box) => boolean,
): number {
  const pairs = faces
    .flatMap((face, i) =>
      finds.map((find, j) => ({ i, j, fit: fits(face, find), share: overlap(face, find) })),
    )
    .filter(({ fit }) => fit)
    .toSorted((a, b) => b.share - a.share);
  const taken = { faces: new Set<number>(), finds: new Set<number>() };
  for (const { i, j } of pairs) {
    if (taken.faces.has(i) || taken.finds.has(j)) continue;
    taken.faces.add(i);
    taken.finds.add(j);
  }
  return taken.faces.size;
}

function isCentred([left, top, right, bottom]: Box, find: Box): boolean {
  const [x, y] = [(find[0] + find[2]) / 2, (find[1] + find[3]) / 2];
  return x >= left && x <= right && y >= top && y <= bottom;
}
