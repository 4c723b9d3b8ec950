/** The scores of the similarity evaluation as markdown. */
import { type CopyResult, imageImageTable } from './image-image.ts';
import type { Scores, Share } from './measure.ts';

export type ReportContext = { readonly command: string; readonly date: string; readonly pack: string };

const percent = ({ right, of }: Share): string =>
  of === 0 ? '-' : `${((100 * right) / of).toFixed(1)} % (${right} of ${of})`;

const sumOf = (shares: readonly Share[]): Share => ({
  right: shares.reduce((sum, { right }) => sum + right, 0),
  of: shares.reduce((sum, { of }) => sum + of, 0),
});

export function textsReport(own: Scores, colours: Scores, context: ReportContext): string {
  const { textOfImage, swaps } = own;
  const row = (name: string, chance: string, of: (scores: Scores) => Share): string =>
    `| ${name} | ${percent(of(own))} | ${percent(of(colours))} | ${chance} |`;
  return [
    '## Similarity of images and texts',
    '',
    `${textOfImage.of} drawn scenes and as many captions, ${sumOf(Object.values(swaps)).of} more with two captions that differ in one thing, in wordings that training never uses. The drawing program and its words are those of training. Model: ${context.pack}, ${context.date}. Command: \`${context.command}\``,
    '',
    '| | right | mean colour | chance |',
    '|---|---|---|---|',
    row('R@1, the caption of a picture', '1.0 %', (scores) => scores.textOfImage),
    row('R@1, the picture of a caption', '1.0 %', (scores) => scores.imageOfText),
    row('both, unseen pairs of colour and object', '1.0 %', (scores) => scores.unseenPairs),
    ...Object.keys(swaps).map((kind) =>
      row(`swapped ${kind}`, '50 %', (scores) => scores.swaps[kind] ?? { right: 0, of: 0 }),
    ),
    row('**swapped, all**', '50 %', (scores) => sumOf(Object.values(scores.swaps))),
    '',
    '- R@1: of all captions (pictures), its own is the most similar; no caption is true of another picture.',
    '- Swapped: the right caption is more similar than the same caption with another colour, another count or the relation reversed. A tie is wrong.',
    '- Mean colour: the mean colour of the picture against the colours that the caption names, without learning.',
  ].join('\n');
}

/** Pictures and their copies, which are compared by the fixed descriptor, without learned weights. */
export function copiesReport(results: readonly CopyResult[], { command, date }: ReportContext): string {
  const all = sumOf(results.map(({ first, queries }) => ({ right: first, of: queries })));
  const wrong = results.flatMap((result) => result.wrong);
  return [
    '## Similarity of images and their copies',
    '',
    `Of ${all.of} copies ${all.right} find their own picture first (chance ${(100 / (results[0]?.queries ?? 1)).toFixed(1)} %). Each is compared with all ${results[0]?.queries} pictures of a gallery of photos and rendered pages by the fixed descriptor, which has no learned weights. ${date}. Command: \`${command}\``,
    '',
    imageImageTable(results),
    ...(wrong.length > 0 ? ['', `Lost: ${wrong.join('; ')}.`] : []),
  ].join('\n');
}
