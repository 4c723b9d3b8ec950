/** From lines to the observation: text in reading order, regions, words and tables, within the bound of an observation. */
import type * as z from 'zod';
import { OBSERVATION_CHARS_MAX } from '#shared/limits';
import type { ocr } from '../../../shared/tools/ocr.ts';
import { agreeOnCurrency } from './currency.ts';
import { boundsOf, cornersOf } from './geometry.ts';
import { type PlacedLine, rowsOf } from './layout.ts';
import { tablesOf } from './tables.ts';
import { isStray } from './text.ts';
import { rotationOf } from './turn.ts';
import { wordsOf } from './words.ts';

export type OcrResult = z.output<(typeof ocr)['observation']>;
type Region = OcrResult['regions'][number];
type TableResult = NonNullable<OcrResult['tables']>[number];
type Size = { readonly width: number; readonly height: number };

/** Dots that lead the eye to a price: how many of them are read is chance. */
const LEADERS = /(?:\s*[.·…]){2,}\s+(?=[$£€¥]?\d)/gu;
/** The observation holds the text twice, whole and by region. */
const OCR_TEXT_CHARS_MAX = OBSERVATION_CHARS_MAX / 2;

/** `image` gives the frame of the boxes: the picture as it came. */
export function resultOf(found: readonly PlacedLine[], image: Size): OcrResult {
  const page = found.map(({ text }) => text);
  const lines = found.filter(({ text }) => !isStray(text, page));
  const texts = agreeOnCurrency(lines.map(({ text }) => text));
  const rows = rowsOf(lines.map((line, index) => ({ ...line, text: texts[index] ?? line.text })));
  const text = rows
    .map((row) =>
      row
        .map((line) => line.text)
        .join(' ')
        .replace(LEADERS, ' '),
    )
    .join('\n');
  const rotation = rotationOf(lines);
  const regions = rows.flat().map(
    ({ box, text, score }): Region => ({
      text,
      bbox: boundsOf(box, image.width, image.height),
      score: Math.round(Math.min(1, score) * 1e4) / 1e4,
    }),
  );
  const result: OcrResult = {
    text: text.slice(0, OCR_TEXT_CHARS_MAX),
    regions,
    ...(rotation === 0 ? {} : { rotation }),
  };
  return withWords(withTables(result, rows, image), rows.flat(), image);
}

const charsOf = (value: unknown): number => JSON.stringify(value).length;
/** Of a key with its quotes, colon, brackets and comma. */
const KEY_CHARS = 12;

/** The tables that fit into the observation, whole ones only. */
function withTables(result: OcrResult, rows: readonly (readonly PlacedLine[])[], image: Size): OcrResult {
  let room = OBSERVATION_CHARS_MAX - charsOf(result) - KEY_CHARS;
  const tables: TableResult[] = [];
  for (const { rows: cells, lines } of tablesOf(rows)) {
    const table = {
      rows: cells.map((row) => row.map((cell) => cell)),
      bbox: unionOf(lines, image),
    };
    room -= charsOf(table) + 1;
    if (room < 0) break;
    tables.push(table);
  }
  return tables.length === 0 ? result : { ...result, tables };
}

function unionOf(lines: readonly PlacedLine[], { width, height }: Size): Region['bbox'] {
  const corners = lines.flatMap(({ box }) => cornersOf(box));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [right, bottom] = [Math.max(...xs), Math.max(...ys)];
  const box = { x: (left + right) / 2, y: (top + bottom) / 2, ux: 1, uy: 0 };
  return boundsOf({ ...box, width: right - left, height: bottom - top }, width, height);
}

/** Words of the regions that have several, as long as they fit; a region has all of its words or none. */
function withWords(result: OcrResult, lines: readonly PlacedLine[], { width, height }: Size): OcrResult {
  let room = OBSERVATION_CHARS_MAX - charsOf(result);
  const regions = result.regions.map((region, index) => {
    const line = lines[index];
    const placed = line ? wordsOf(line) : [];
    if (placed.length < 2) return region;
    const words = placed.map(({ text, box }) => ({ text, bbox: boundsOf(box, width, height) }));
    const chars = charsOf(words) + KEY_CHARS;
    if (chars > room) return region;
    room -= chars;
    return { ...region, words };
  });
  return { ...result, regions };
}
