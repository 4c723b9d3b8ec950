/** The OCR tool: PP-OCR's three graphs with our own pipeline around them. */
import type { Raster } from '#backend/images/raster';
import type { ocr } from '../../shared/tools/ocr.ts';
import { type DetectedBox, type Detector, openDetector, tileCount } from './ocr/detect.ts';
import type { RotatedBox } from './ocr/geometry.ts';
import { lineReader } from './ocr/lines.ts';
import { bundledOcrModels, type OcrModelFiles } from './ocr/models.ts';
import { openHalfTurnClassifier } from './ocr/orient.ts';
import { type Pyramid, pyramidOf } from './ocr/pixels.ts';
import { openRecogniser } from './ocr/recognise.ts';
import { type OcrResult, resultOf } from './ocr/result.ts';
import { finerScale, firstScale } from './ocr/sizing.ts';
import { boxInImage, uprightRaster } from './ocr/turn.ts';
import type { ToolHandler } from './tool.ts';

/** RapidOCR's threshold: a line with less mean probability is not text. */
const SCORE_MIN = 0.5;
/** A whole image in which the detector saw nothing must read well to count as text. */
const STRIP_SCORE_MIN = 0.8;
/** The whole image, its small print, and print that is small even then. */
const LOOKS_MAX = 3;
/** About two seconds of one core. */
const FINE_TILES_MAX = 10;

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

  /** Lines in pixels of the image. A page that surely lies turned is looked at again upright: the detector knows no other. */
  const readPage = async (pyramid: Pyramid, signal?: AbortSignal) => {
    const found = await findBoxes(detector, pyramid, signal);
    const page = await reader.look(pyramid, found, signal);
    if (page.rotation === 0) return { boxes: found.length, lines: await page.read() };
    const upright = pyramidOf(uprightRaster(pyramid.image, page.rotation));
    const boxes = await findBoxes(detector, upright, signal);
    const lines = await (await reader.look(upright, boxes, signal)).read();
    return {
      boxes: boxes.length,
      lines: lines.map((line) => ({ ...line, box: boxInImage(line.box, page.rotation, pyramid.image) })),
    };
  };

  return {
    read: async (image, signal) => {
      const { boxes, lines } = await readPage(pyramidOf(image), signal);
      const kept = lines.filter(({ text, score }) => text !== '' && score >= SCORE_MIN);
      if (boxes > 0 || !isStrip(image)) return resultOf(kept, image);
      const whole = await reader.look(pyramidOf(image), [{ box: wholeOf(image), score: 1 }], signal);
      const strip = await whole.read();
      return resultOf(
        strip.filter(({ score }) => score >= STRIP_SCORE_MIN),
        image,
      );
    },
    release: async () => {
      await Promise.all([detector.release(), recogniser.release(), classifier.release()]);
    },
  };
}

/** Finer looks, at what the last one left warm, replace it where text is small and find no less. */
async function findBoxes(detector: Detector, pyramid: Pyramid, signal?: AbortSignal): Promise<DetectedBox[]> {
  const { image } = pyramid;
  const options = signal ? { signal } : {};
  let scale = firstScale(image);
  let best = await detector.detect(pyramid, scale, options);
  for (let look = 1; look < LOOKS_MAX; look++) {
    const heights = best.boxes.map(({ box }) => Math.min(box.width, box.height));
    // Where nothing was seen, nothing is known of where to look.
    const where = heights.length === 0 ? {} : { where: best.heat };
    const finer = finerScale(
      image,
      scale,
      heights,
      (next) => tileCount(image, next, where.where) <= FINE_TILES_MAX,
    );
    if (finer === undefined) break;
    const next = await detector.detect(pyramid, finer, { ...options, ...where });
    if (next.boxes.length < best.boxes.length) break;
    best = next;
    scale = finer;
  }
  return best.boxes;
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
