/**
 * Renders training scenes and keeps their thumbnails as the vision tower sees them, and with each
 * picture its questions and answers: what the baseline that answers without tools is trained on.
 *
 *   node training/planner/write-pictures.ts --count 1000 --out training/.work/pictures
 *
 * Writes OUT/<kind>.rgb: 64 x 64 x 3 bytes a picture, rows top to bottom, channels last; and
 * OUT/answers.jsonl: {kind, picture: its place in that file, problems: [[question, answer], ...]}.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { randomOf } from '../random.ts';
import { renderScene } from '../render/render.ts';
import { caseOf } from '../traces/index.ts';

/** The tower's input side in pixels: `image_size` of the planner's config. */
const SIDE = 64;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '5' },
    count: { type: 'string', default: '1000' },
    out: { type: 'string', default: 'training/.work/pictures' },
  },
});
mkdirSync(values.out, { recursive: true });
const random = randomOf(Number(values.seed));
const made = new Map<string, number>();
for (let index = 0; index < Number(values.count); index++) {
  const { scene, kind, problems } = caseOf(random, 6);
  const { image } = await renderScene(scene, { seed: random.int(0, 2 ** 31) });
  // SigLIP squashes to a square, bicubic, whatever the aspect.
  const pixels = await sharp(image)
    .autoOrient()
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'cubic' })
    .removeAlpha()
    .raw()
    .toBuffer();
  appendFileSync(join(values.out, `${kind}.rgb`), pixels);
  const picture = made.get(kind) ?? 0;
  made.set(kind, picture + 1);
  const line = { kind, picture, problems: problems.map(({ question, answer }) => [question, answer]) };
  appendFileSync(join(values.out, 'answers.jsonl'), `${JSON.stringify(line)}\n`);
}
