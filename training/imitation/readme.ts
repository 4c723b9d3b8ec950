/** The measured numbers as a page. */
import type { ImitationModel } from './model.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function readmeOf(
  { objects, faces, similarity, captions, depth }: ImitationModel,
  count: number,
): string {
  const rates = Object.values(objects.names);
  const shown = rates.reduce((sum, rate) => sum + rate.shown, 0);
  const found = rates.reduce((sum, rate) => sum + rate.shown * rate.found, 0) / shown;
  const often = rates.filter(({ found: share }) => share >= 0.6).length;
  return `# What the tools say of drawn pictures

Written by \`node training/imitation/fit.ts ${count}\`: training pictures, looked at with the real tools. A million traces
cannot be looked at one by one; the programs draw what a tool says from these numbers (\`find.ts\`, \`measured.ts\`), and
\`npm run cota -- filter --pictures SHARE\` calls the real tools on a share of the traces.

| tool | measured | imitated as |
|---|---|---|
| LocalizeObjects | ${shown} things of ${rates.length} names: ${percent(found)} found when asked for, each name with a rate of its own; ${percent(objects.falseFinds)} of the names that are not shown are found | found by the rate of its name; score: its mean ± ${objects.scoreSpread}; each edge ± ${objects.edgeSpread}; no false finds |
| GetObjects | names ${percent(objects.listed)} of what LocalizeObjects finds; ${objects.falseNames} false names a picture | the same share; no false names |
| DetectFaces | ${percent(faces.found)} of drawn faces; ${faces.falseFinds} false finds a picture | the same rate; score ${faces.scoreMean} ± ${faces.scoreSpread}; no false finds |
| GetImageToImagesSimilarity | the same scene as another file ${similarity.same.mean} ± ${similarity.same.spread}, another scene ${similarity.other.mean} ± ${similarity.other.spread} | drawn from these |
| GetImageToTextsSimilarity, GetTextToImagesSimilarity | ${captions.measured ? `the right one of three captions is best for ${percent(captions.right)} of pictures of two things; right ${captions.fits.mean} ± ${captions.fits.spread}, others ${captions.other.mean} ± ${captions.other.spread}` : 'no model was there'} | drawn from these, each on its own |
| EstimateRegionDepth, EstimateObjectDepth | ${depth.measured ? `${percent(depth.order)} of the pairs of bodies in the right order; told = ${depth.offset} + ${depth.slope} x true, ± ${depth.spread}` : 'no model was there'} | ${depth.measured ? 'this line and deviation' : `true value ± ${depth.spread}, a guess`} |
| OCR | [training/noise](../noise/README.md) | there |

Programs ask for names that are found at least 6 times in 10 (${often} of ${rates.length}). Traces whose answer the imitated
observation does not carry are not written: as in the paper, what is learnt from are traces that end right.
`;
}
