/** The OCR tool: PP-OCR's three graphs with our own pipeline around them. */
import { type Pyramid, pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import type { ocr } from '../../shared/tools/ocr.ts';
import { openDetector } from './ocr/detect.ts';
import type { RotatedBox } from './ocr/geometry.ts';
import type { PlacedLine } from './ocr/layout.ts';
import { lineReader } from './ocr/lines.ts';
import { findBoxes, type Look, lookCloser } from './ocr/looks.ts';
import { bundledOcrModels, type OcrModelFiles } from './ocr/models.ts';
import { openHalfTurnClassifier } from './ocr/orient.ts';
import { openRecogniser } from './ocr/recognise.ts';
import { type OcrResult, resultOf } from './ocr/result.ts';
import { boxInImage, uprightRaster } from './ocr/turn.ts';
import type { ToolHandler } from './tool.ts';

/** RapidOCR's threshold: a line with less mean probability is not text. */
const SCORE_MIN = 0.5;
/** A whole image in which the detector saw nothing must read well to count as text. */
const STRIP_SCORE_MIN = 0.8;
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
  const readPage = async (pyramid: Pyramid, { boxes }: Look, signal?: AbortSignal): Promise<PlacedLine[]> => {
    const page = await reader.look(pyramid, boxes, signal);
    if (page.rotation === 0) return (await page.read()).filter(isText);
    const upright = pyramidOf(uprightRaster(pyramid.image, page.rotation));
    const again = await findBoxes(detector, upright, signal);
    const lines = await (await reader.look(upright, again.boxes, signal)).read();
    return lines
      .filter(isText)
      .map((line) => ({ ...line, box: boxInImage(line.box, page.rotation, pyramid.image) }));
  };

  return {
    read: async (image, signal) => {
      const pyramid = pyramidOf(image);
      const first = await findBoxes(detector, pyramid, signal);
      const lines = await readPage(pyramid, first, signal);
      if (lines.length > 0 || (first.boxes.length === 0 && !isStrip(image))) return resultOf(lines, image);
      if (first.boxes.length === 0) {
        const whole = await reader.look(pyramid, [{ box: wholeOf(image), score: 1 }], signal);
        const strip = await whole.read();
        return resultOf(
          strip.filter(({ score }) => score >= STRIP_SCORE_MIN),
          image,
        );
      }
      // Rows of small print may have run into one box that cannot be read.
      const closer = await lookCloser(detector, pyramid, first, [], signal);
      return resultOf(closer ? await readPage(pyramid, closer, signal) : [], image);
    },
    release: async () => {
      await Promise.all([detector.release(), recogniser.release(), classifier.release()]);
    },
  };
}

const isText = ({ text, score }: PlacedLine): boolean => text !== '' && score >= SCORE_MIN;

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
