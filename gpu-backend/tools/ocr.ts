/** The OCR tool: PP-OCR's three graphs with our own pipeline around them. */
import type * as z from 'zod';
import type { Raster } from '#backend/images/raster';
import { OBSERVATION_CHARS_MAX } from '#shared/limits';
import type { ocr } from '../../shared/tools/ocr.ts';
import { agreeOnCurrency } from './ocr/currency.ts';
import { type DetectedBox, type Detector, openDetector } from './ocr/detect.ts';
import { boundsOf, type RotatedBox } from './ocr/geometry.ts';
import { type PlacedLine, rowsOf } from './ocr/layout.ts';
import { lineReader } from './ocr/lines.ts';
import { bundledOcrModels, type OcrModelFiles } from './ocr/models.ts';
import { openHalfTurnClassifier } from './ocr/orient.ts';
import { type Pyramid, pyramidOf } from './ocr/pixels.ts';
import { openRecogniser } from './ocr/recognise.ts';
import { firstScale, secondScale } from './ocr/sizing.ts';
import { isStray } from './ocr/text.ts';
import type { ToolHandler } from './tool.ts';

/** RapidOCR's threshold: a line with less mean probability is not text. */
const SCORE_MIN = 0.5;
/** A whole image in which the detector saw nothing must read well to count as text. */
const STRIP_SCORE_MIN = 0.8;
/** Dots that lead the eye to a price: how many of them are read is chance. */
const LEADERS = /(?:\s*[.·…]){2,}\s+(?=[$£€¥]?\d)/gu;
/** The observation holds the text twice, whole and by region. */
const OCR_TEXT_CHARS_MAX = OBSERVATION_CHARS_MAX / 2;

export type OcrResult = z.output<(typeof ocr)['observation']>;

export type OcrEngine = {
  /** Reads one upright image. The same image gives the same result. Rejects when the signal fires. */
  read(image: Raster, signal?: AbortSignal): Promise<OcrResult>;
  release(): Promise<void>;
};

export type OcrOptions = {
  /** Threads inside one operator; 1 or 2 serve best on shared cores. */
  readonly threads: number;
  /** Other weights of the same family; the bundled ones by default. */
  readonly models?: OcrModelFiles;
};

/** The handler of the OCR tool. Throws where the model files are missing or do not fit each other. */
export async function openOcr(options: OcrOptions): Promise<ToolHandler<typeof ocr>> {
  const engine = await openOcrEngine(options);
  return async ({ image }, context) => ({
    observation: await engine.read(await context.image(image), context.signal),
  });
}

export async function openOcrEngine(options: OcrOptions): Promise<OcrEngine> {
  const { threads, models = bundledOcrModels() } = options;
  const [detector, recogniser, classifier] = await Promise.all([
    openDetector(models.detection, threads),
    openRecogniser(models.recognition, models.dictionary, threads),
    openHalfTurnClassifier(models.halfTurn, threads, models.halfTurnInput),
  ]);
  const reader = lineReader(recogniser, classifier);
  return {
    read: async (image, signal) => {
      const pyramid = pyramidOf(image);
      const boxes = await findBoxes(detector, pyramid, signal);
      const lines = await reader.read(pyramid, boxes, signal);
      const kept = lines.filter(({ text, score }) => text !== '' && score >= SCORE_MIN);
      if (boxes.length > 0 || !isStrip(image)) return resultOf(kept, image);
      const whole = await reader.read(pyramid, [{ box: wholeOf(image), score: 1 }], signal);
      return resultOf(
        whole.filter(({ score }) => score >= STRIP_SCORE_MIN),
        image,
      );
    },
    release: async () => {
      await Promise.all([detector.release(), recogniser.release(), classifier.release()]);
    },
  };
}

/** A second look at a finer scale replaces the first where text is small and finds no less. */
async function findBoxes(detector: Detector, pyramid: Pyramid, signal?: AbortSignal): Promise<DetectedBox[]> {
  const scale = firstScale(pyramid.image);
  const first = await detector.detect(pyramid, scale, signal);
  const finer = secondScale(
    pyramid.image,
    scale,
    first.map(({ box }) => Math.min(box.width, box.height)),
  );
  if (finer === undefined) return first;
  const second = await detector.detect(pyramid, finer, signal);
  return second.length >= first.length ? second : first;
}

/** An image that may be one line itself, such as a cut-out of a word. */
const isStrip = ({ width, height }: Raster): boolean => width >= 1.5 * height && height >= 8 && height <= 128;

const wholeOf = ({ width, height }: Raster): RotatedBox => ({
  x: width / 2,
  y: height / 2,
  width,
  height,
  ux: 1,
  uy: 0,
});

function resultOf(found: readonly PlacedLine[], image: Raster): OcrResult {
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
  return {
    text: text.slice(0, OCR_TEXT_CHARS_MAX),
    regions: rows.flat().map(({ box, text, score }) => ({
      text,
      bbox: boundsOf(box, image.width, image.height),
      score: Math.round(Math.min(1, score) * 1e4) / 1e4,
    })),
  };
}
