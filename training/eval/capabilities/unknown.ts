/** Questions about open-domain photographs that no tool here can answer: the planner has to own up. */
import type { ImageSource } from '#training/cota/trace';
import { photos } from '../photos/index.ts';
import type { Row, Setting } from './made.ts';

const photoOf = ({ random }: Setting): ImageSource => ({
  type: 'file',
  path: new URL(`../photos/${random.pick(photos).name}.jpg`, import.meta.url).pathname,
});

// biome-ignore format: wordings
export const unknown: Readonly<Record<string, Row>> = {
  'open-domain': { count: 40, dev: ['Who took this photo?', 'What mood does it have?'],
    heldout: ['Tell me the name of whoever is behind this photograph.', 'Which holiday was being celebrated here?', 'On what date was the shutter pressed?', 'Guess the profession of the person who owns this.', 'How loud was it at this place?', 'Would my grandmother like this?', 'In whose garden could this be?', 'Which exhibition displayed this?', 'What was said right before?', 'Name the street where this was shot.', 'How many years old is what we see?', 'For which magazine was this made?', 'What will be here in ten years?', 'Which lens was mounted?', 'Does the one shown prefer tea?', 'What was the temperature?'],
    make: (setting) => ({ images: [photoOf(setting)], values: {}, truth: { type: 'unknown' } }) },
};
