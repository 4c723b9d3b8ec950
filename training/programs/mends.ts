/** Calls that fail and are mended: a name that the detector does not know, a wrong image, an expression with words. */
import { readTurn } from '#edge/run/read-turn';
import { calculateHandler } from '#edge/tools/calculate';
import { turnText } from '#shared/prompt';
import { advertisedToolSpecs } from '#shared/tools/index';
import { localized, wellKnownNames } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import { drawableNames } from '../pictures/glyphs.ts';
import type { Random } from '../random.ts';
import { receipt } from '../scenes/purchases.ts';
import { plainMoney } from '../scenes/values.ts';
import { observe } from '../traces/observed.ts';
import { ask, Chain, number, type Program, pictureSource, seedOf, text } from './chain.ts';
import { lookFor, namesOf, slots } from './objects.ts';
import { mendWordings } from './wordings/mends.ts';
import { objectWordings } from './wordings/objects.ts';

const SOURCE = 'mended';
const advertised = advertisedToolSpecs.map(({ name }) => name as string);

/** What people say, and the name that the detector knows it by. */
// biome-ignore format: words
const otherwise: Readonly<Record<string, string>> = {
  hound: 'dog', feline: 'cat', sedan: 'car', jet: 'airplane', blossom: 'rose', steed: 'horse', trainers: 'shoe', lantern: 'light bulb', smartwatch: 'watch', rucksack: 'backpack', spectacles: 'glasses', bloom: 'tulip', clipper: 'sailboat', chopper: 'helicopter', swine: 'pig', serpent: 'snake', toadstool: 'mushroom', telly: 'television', pooch: 'dog', bucks: 'banknote', blaze: 'fire', lorries: 'truck', bunting: 'bird',
};

/** The tool says which names it knows; the next call uses one of them. */
const renamed: Program = (random) => {
  const words = Object.keys(otherwise).filter((word) => wellKnownNames().includes(otherwise[word] ?? ''));
  if (words.length === 0) return undefined;
  const word = random.pick(words);
  const name = otherwise[word] ?? '';
  const count = random.int(1, 4);
  const type = random.pick(['count', 'exists'] as const);
  const others = namesOf(random, 2).filter((one) => one !== name);
  const picture = objectsOf(random, [...Array.from({ length: count }, () => name), ...others]);
  if (!picture) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const question = ask(random, objectWordings[type], slots(word));
  const known = drawableNames().slice(0, random.int(20, 60));
  const listed = [...new Set([...random.sample(known, 12), name])].sort();
  chain.localize(
    lookFor(random, [word]),
    0,
    [word],
    [],
    `Not known here: ${word}. Known are: ${listed.join(', ')} and ${346 - listed.length} more.`,
  );
  const regions = localized(picture, [{ asked: name, stands: [name] }], random);
  chain.localize(`${word} is not known; a ${word} is a ${name}.`, 0, [name], regions);
  if (type === 'count' ? regions.length !== count : regions.length === 0) return undefined;
  const head = { source: SOURCE, type: `mended-${type}`, question };
  return type === 'count'
    ? chain.end({ ...head, truth: number(count) }, `There are ${count}.`, String(count))
    : chain.end({ ...head, truth: text('yes') }, `It is found with ${regions[0]?.score}.`, 'Yes');
};

function billOf(random: Random) {
  const { scene, facts } = receipt(random);
  if (facts.type !== 'purchase' || facts.total === undefined) return undefined;
  const seen = observe(scene, random);
  const total = plainMoney(facts.total, facts.decimals);
  const row = seen.rows.findLast(
    (one) =>
      /total|due|pay|sum|amount/i.test(one) && one.replace(/\D/g, '').endsWith(total.replace(/\D/g, '')),
  );
  return row === undefined ? undefined : { scene, seen, total, row };
}

/** The loop answers a call of an image that is not there; the right one is taken then. */
const wrongImage: Program = (random) => {
  const bill = billOf(random);
  if (!bill) return undefined;
  const chain = new Chain([{ type: 'scene', scene: bill.scene, seed: seedOf(random), split: 'train' }]);
  const turn = {
    thought: 'I read the text.',
    actions: [{ name: 'OCR', arguments: { image: `image-${random.int(1, 3)}` } }],
  };
  const move = readTurn(turnText(turn), turn, advertised, 1);
  if (move.kind !== 'mend') return undefined;
  chain.call(turn.thought, 'OCR', turn.actions[0]?.arguments ?? {}, move.observation);
  chain.read('There is only image-0. I read that.', 0, bill.seen.text);
  return chain.end(
    {
      source: SOURCE,
      type: 'mended-image',
      question: ask(random, mendWordings.first),
      truth: number(Number(bill.total)),
    },
    `${bill.row}.`,
    bill.total,
  );
};

/** Words in an expression are refused; the number itself is not. */
const wrongExpression: Program = (random) => {
  const bill = billOf(random);
  if (!bill) return undefined;
  const expression = random.pick([`2 * total`, `total + total`, `2 * (total)`, `2 * bill`]);
  const observation = calculateHandler({ expression });
  if (!('error' in observation)) return undefined;
  const chain = new Chain([{ type: 'scene', scene: bill.scene, seed: seedOf(random), split: 'train' }]);
  chain.read('I read the text.', 0, bill.seen.text);
  chain.call('I double the total.', 'Calculate', { expression }, observation);
  const value = chain.calculate(`It takes numbers only. ${bill.row}.`, `2 * ${bill.total}`);
  const said = Number.isInteger(value) ? String(value) : value.toFixed(2);
  return chain.end(
    {
      source: SOURCE,
      type: 'mended-expression',
      question: ask(random, mendWordings.double),
      truth: number(value),
    },
    `The result is ${value}.`,
    said,
  );
};

export const mendPrograms = { renamed, wrongImage, wrongExpression } as const satisfies Record<
  string,
  Program
>;
