/** Second looks: print that is too small for a first reading, price labels beside things, poor readings. */
import { localized } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import { areaOf, type Bounds, type Objects } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { left, type Row } from '../scenes/scene.ts';
import { itemNames, personName, recase, shopName } from '../scenes/words.ts';
import { ask, Chain, number, type Program, pictureSource, readRows, text } from './chain.ts';
import { lookFor, namesOf } from './objects.ts';
import { lookWordings } from './wordings/looks.ts';

const rowOf = (text: string): Row => ({ cells: [left(text)] });

/** Things with a small label below each. */
function priced(
  random: Random,
  names: readonly string[],
): { picture: Objects; prices: string[] } | undefined {
  const bare = objectsOf(random, names);
  if (!bare) return undefined;
  const sign = random.pick(['$', '€', '£', '']);
  const prices = names.map(() => `${sign}${(random.int(20, 3999) / 100).toFixed(2)}`);
  const plates = bare.things.map(({ box: [x0, , x1, y1] }, index) => {
    const middle = (x0 + x1) / 2;
    const top = Math.min(y1 + 0.005, 0.955);
    return { text: prices[index] ?? '', box: [middle - 0.045, top, middle + 0.045, top + 0.04] as Bounds };
  });
  const hidden = plates.some(({ box }, at) =>
    bare.things.some(({ box: thing }, other) => other !== at && meet(box, thing)),
  );
  return hidden ? undefined : { picture: { ...bare, plates }, prices };
}

const meet = (a: Bounds, b: Bounds): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** ZoomIn shows a quarter of the box more on each side: enlarged alone, a thing shows the label below it, or does not. */
function showsLabel([x0, y0, x1, y1]: Bounds, { box: plate }: { readonly box: Bounds }): boolean {
  const [wide, high] = [(x1 - x0) / 4, (y1 - y0) / 4];
  return plate[0] > x0 - wide && plate[2] < x1 + wide && plate[3] < y1 + high;
}

/** Find the thing, enlarge its label, read it. */
const pricing: Program = (random) => {
  const names = namesOf(random, random.int(2, 4));
  const made = priced(random, names);
  if (!made) return undefined;
  const { picture, prices } = made;
  const two = random.chance(0.35);
  const asked = names.slice(0, two ? 2 : 1);
  const chain = new Chain([pictureSource(picture, random)]);
  const [x = '', y = ''] = asked;
  const question = ask(random, two ? lookWordings.both : lookWordings.price, { x, y });
  const regions = localized(
    picture,
    asked.map((name) => ({ asked: name, stands: [name] })),
    random,
  );
  chain.localize(lookFor(random, asked), 0, asked, regions);
  const amounts: string[] = [];
  for (const [index, name] of asked.entries()) {
    const region = regions.find(({ label }) => label === name);
    const price = prices[index] ?? '';
    const seen = readRows([rowOf(price)], random).text;
    const plate = picture.plates?.[index];
    if (!region || !plate || !showsLabel(region.bbox, plate)) return undefined;
    if (seen.replace(/[^\d.]/g, '') !== price.replace(/[^\d.]/g, '')) return undefined;
    const part = chain.zoom(`I enlarge the ${name} and its label.`, 0, region.bbox, 4);
    chain.read('I read the label.', part, seen);
    amounts.push(price.replace(/[^\d.]/g, ''));
  }
  const head = { source: 'picture/labels', question };
  if (!two)
    return chain.end(
      { ...head, type: 'label-price', truth: number(Number(amounts[0])) },
      `The label says ${amounts[0]}.`,
      amounts[0] ?? '',
    );
  const sum = chain.calculate(`${x} ${amounts[0]}. ${y} ${amounts[1]}.`, amounts.join(' + '));
  return chain.end(
    { ...head, type: 'label-sum', truth: number(sum) },
    `The result is ${sum}.`,
    sum.toFixed(2),
  );
};

const corners = {
  'top left': [0, 0, 0.4, 0.25],
  'top right': [0.6, 0, 1, 0.25],
  'bottom left': [0, 0.75, 0.4, 1],
  'bottom right': [0.6, 0.75, 1, 1],
  bottom: [0.2, 0.8, 0.8, 1],
  top: [0.2, 0, 0.8, 0.2],
} as const satisfies Record<string, readonly [number, number, number, number]>;

/** A corner or an edge with its noun, as people say it. */
function edgeOf(where: keyof typeof corners, random: Random): string {
  const noun = where.includes(' ')
    ? ['corner', 'corner', 'part', 'area']
    : ['edge', 'part', 'side', 'margin', 'end'];
  return random.pick([`${where} ${random.pick(noun)}`, `${where} ${random.pick(noun)} of the picture`]);
}

function smallPrint(random: Random): string {
  switch (random.weighted({ word: 3, two: 3, name: 2, number: 2, shop: 1 })) {
    case 'word':
      return itemNames(random, 1)[0] ?? 'tea';
    case 'two':
      return recase.sentence(itemNames(random, 1)[0] ?? 'tea');
    case 'name':
      return `by ${personName(random)}`;
    case 'number':
      return `No. ${random.int(10, 9999)}`;
    case 'shop':
      return shopName(random);
  }
}

/** Nothing, or next to nothing, is read at first; the part that the question names is enlarged. */
const smallPrints: Program = (random) => {
  const things = objectsOf(random, namesOf(random, random.int(1, 3)));
  if (!things) return undefined;
  const names = Object.keys(corners) as (keyof typeof corners)[];
  const where = random.pick(names);
  const area = corners[where];
  const print = smallPrint(random);
  if (print.length > 22) return undefined;
  const [width, height] = [print.length * 0.0075 + 0.02, 0.022];
  const x = (area[0] + area[2]) / 2 - width / 2;
  const y = (area[1] + area[3]) / 2;
  const plate: Bounds = [x, y, x + width, y + height];
  const picture: Objects = {
    ...things,
    things: things.things.filter(({ box }) => !meet(box, area)),
    plates: [{ text: print, box: plate }],
  };
  const chain = new Chain([pictureSource(picture, random)]);
  const question = ask(random, lookWordings.corner, { e: edgeOf(where, random) });
  if (random.chance(0.6)) {
    const first = random.weighted({ nothing: 5, broken: 3 }) === 'nothing' ? '' : broken(print, random);
    chain.read('I read the text.', 0, first);
  }
  const seen = readRows([rowOf(print)], random).text;
  const part = chain.zoom(`I enlarge the ${where}.`, 0, [...area], areaOf(area) > 0.11 ? 3 : 4);
  chain.read('I read it again.', part, seen);
  if (seen !== print) return undefined;
  return chain.end(
    { source: 'picture/small-print', type: 'small-print', question, truth: text(print) },
    'Now it can be read.',
    print,
  );
};

/** What is read of print of a few pixels: pieces. */
function broken(print: string, random: Random): string {
  return [...print]
    .filter(() => random.chance(0.55))
    .join('')
    .trim();
}

export const lookPrograms = { pricing, smallPrints } as const satisfies Record<string, Program>;
