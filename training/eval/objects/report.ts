/** The figures of the objects evaluation as markdown. */
import {
  type AtThreshold,
  atThreshold,
  count,
  meanAveragePrecision,
  placesFound,
  recallAtOneAlarm,
  type Seen,
} from './measure.ts';
import type { Part } from './pictures.ts';

export type PartResult = {
  readonly part: Part;
  readonly seen: readonly Seen[];
  /** Finds at the threshold when a picture is asked for its own names and ten others. */
  readonly told: readonly Seen[];
  readonly baseline: readonly Seen[];
  /** Finds at the threshold when names were asked for that no object of the picture has. */
  readonly absentAlarms: number;
};

export type ReportContext = {
  readonly threshold: number;
  readonly names: number;
  readonly model: string;
  readonly command: string;
  readonly date: string;
  readonly ms: number;
};

const titles: Readonly<Record<Part, string>> = {
  known: 'unseen scenes, glyph sets of training (Noto, Fluent flat, Twemoji)',
  artist: 'held-out artist (Streamline)',
  line: 'held-out line art (Symbola)',
  without: 'no object (shapes, words, textures)',
};

/** Finds a picture that are looked at for their place alone. */
export const PLACES_MOST = 20;

const share = (value: number): string => value.toFixed(2);

export function reportOf(results: readonly PartResult[], context: ReportContext): string {
  const rows = results.map(({ part, seen, told: finds, baseline, absentAlarms }) => {
    const told: AtThreshold = atThreshold(finds, context.threshold);
    const cells =
      count(seen) === 0
        ? ['-', '-', '-', '-', '-']
        : [
            `**${share(meanAveragePrecision(seen))}** (${share(meanAveragePrecision(baseline))})`,
            share(recallAtOneAlarm(seen)),
            `${share(placesFound(seen, PLACES_MOST))} (${share(placesFound(baseline, PLACES_MOST))})`,
            share(told.recall),
            share(told.precision),
          ];
    return `| ${[titles[part], seen.length, count(seen), ...cells, share(told.alarms), share(absentAlarms), share(atThreshold(seen, context.threshold).alarms)].join(' | ')} |`;
  });
  return [
    '## Named objects',
    '',
    `${results.reduce((sum, { seen }) => sum + seen.length, 0)} composed pictures, ${context.model}, ${context.names} names, one thread, ${context.date}. Command: \`${context.command}\``,
    '',
    '| pictures of | n | objects | mAP50 (baseline) | recall at 1 false alarm a picture | places found (baseline) | recall told | precision told | false alarms a picture | for absent names alone | for all names |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    '- mAP50: average precision at an intersection over union of 0.5, mean over the names that are shown; every picture is asked for all names at once. Many names are shown once or twice.',
    `- Told: finds at the shipped threshold of ${context.threshold} when a picture is asked for its own names and ten others. It was chosen on pictures of training glyphs and of a set (OpenMoji) that takes part in neither training nor these pictures.`,
    '- Absent names: each picture is asked for the ten others alone, which none of its objects has; what is told then is false. All names: it is asked for the whole vocabulary, of which GetObjects tells only scores from 0.5 on.',
    `- Places found: share of the objects whose box is among the ${PLACES_MOST} surest of the picture, whatever the name.`,
    '- Baseline: connected regions that stand out from the border, all under the name that these pictures show most.',
    `- Median time of a picture with resizing and settling of overlaps: ${Math.round(context.ms)} ms.`,
    '- None of it is a photograph: these figures say nothing of photographs.',
  ].join('\n');
}
