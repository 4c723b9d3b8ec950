/** Questions on several pictures. */
import { listed, localized } from '../imitation/find.ts';
import { alike, fitting } from '../imitation/measured.ts';
import { objectsOf } from '../pictures/compose.ts';
import type { Objects } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { receipt } from '../scenes/purchases.ts';
import { plainMoney } from '../scenes/values.ts';
import { observe } from '../traces/observed.ts';
import { ask, Chain, type Draft, number, type Program, pictureSource, seedOf, text } from './chain.ts';
import { lookFor, namesOf, slots } from './objects.ts';
import { oneOf } from './wordings/nouns.ts';
import { severalWordings } from './wordings/several.ts';

const SOURCE = 'picture/several';

const nameOf = (at: number): string => `image-${at}`;
/** Ways to name a picture, the first being its name. */
const spoken = (at: number): Draft['truth'] =>
  text(nameOf(at), ['the first', 'the second', 'the third', 'the fourth'][at] ?? nameOf(at));

function scenes(random: Random, lists: readonly (readonly string[])[]): Objects[] | undefined {
  const made = lists.map((names) => objectsOf(random, names));
  return made.every((one) => one !== undefined) ? (made as Objects[]) : undefined;
}

/** Each picture is looked at until the thing is found. */
const which: Program = (random) => {
  const names = namesOf(random, 7);
  const [asked = '', ...others] = names;
  const count = random.int(2, 3);
  const right = random.int(0, count - 1);
  const lists = Array.from({ length: count }, (_, at) => [
    ...others.slice(2 * at, 2 * at + 2),
    ...(at === right ? [asked] : []),
  ]);
  const pictures = scenes(random, lists);
  if (!pictures) return undefined;
  const chain = new Chain(pictures.map((one) => pictureSource(one, random)));
  const question = ask(random, severalWordings.which, slots(asked));
  const byList = random.chance(0.4);
  for (const [at, picture] of pictures.entries()) {
    const found = localized(picture, [{ asked, stands: [asked] }], random);
    const all = listed(picture, random);
    if (byList)
      chain.call(`I list what image-${at} shows.`, 'GetObjects', { image: nameOf(at) }, { objects: all });
    else chain.localize(lookFor(random, [asked]), at, [asked], found);
    const hit = byList ? all.includes(asked) : found.length > 0;
    if (hit !== (at === right)) return undefined;
    if (hit) break;
  }
  return chain.end(
    { source: SOURCE, type: 'several-which', question, truth: spoken(right) },
    `The ${asked} is in image-${right}.`,
    nameOf(right),
  );
};

const counting: Program = (random) => {
  const [x = '', y = ''] = namesOf(random, 2);
  const counts = random.sample([0, 1, 2, 3, 4], random.int(2, 3));
  const pictures = scenes(
    random,
    counts.map((count) => [...Array.from({ length: count }, () => x), y]),
  );
  if (!pictures) return undefined;
  const chain = new Chain(pictures.map((one) => pictureSource(one, random)));
  const most = random.chance(0.5);
  const question = ask(random, most ? severalWordings.most : severalWordings.sum, slots(x));
  for (const [at, picture] of pictures.entries()) {
    const found = localized(picture, [{ asked: x, stands: [x] }], random);
    chain.localize(`I look for ${x} in image-${at}.`, at, [x], found);
    if (found.length !== counts[at]) return undefined;
  }
  const told = counts.map((count, at) => `image-${at}: ${count}`).join(', ');
  if (most) {
    const best = counts.indexOf(Math.max(...counts));
    return chain.end(
      { source: SOURCE, type: 'several-most', question, truth: spoken(best) },
      `${told}.`,
      nameOf(best),
    );
  }
  const sum = chain.calculate(`${told}.`, counts.join(' + '));
  return chain.end(
    { source: SOURCE, type: 'several-sum', question, truth: number(sum) },
    `The result is ${sum}.`,
    String(sum),
  );
};

/** The first picture again, as another file, among others. */
const similar: Program = (random) => {
  const names = namesOf(random, 9);
  const [first, ...rest] = scenes(random, [names.slice(0, 3), names.slice(3, 6), names.slice(6, 9)]) ?? [];
  if (!first) return undefined;
  const right = random.int(1, 3);
  const all = [first, ...rest];
  all.splice(right, 0, first);
  const chain = new Chain(all.map((one) => pictureSource(one, random)));
  const scores = alike(
    all.slice(1).map((one) => one === first),
    random,
  );
  const best = scores.indexOf(Math.max(...scores));
  if (best + 1 !== right) return undefined;
  const others = all.slice(1).map((_, at) => nameOf(at + 1));
  chain.call(
    'I compare them.',
    'GetImageToImagesSimilarity',
    { image: 'image-0', other_images: others },
    { similarity: scores, best_image_index: best, best_image: nameOf(right) },
  );
  return chain.end(
    {
      source: SOURCE,
      type: 'several-similar',
      question: ask(random, severalWordings.similar),
      truth: spoken(right),
    },
    `${nameOf(right)} has ${scores[best]}.`,
    nameOf(right),
  );
};

const captionOf = (names: readonly string[]): string => names.map(oneOf).join(' and ');

/** A text among pictures, or a picture among texts. */
const captions: Program = (random) => {
  const names = namesOf(random, 6);
  const lists = [names.slice(0, 2), names.slice(2, 4), names.slice(4, 6)];
  const right = random.int(0, 2);
  const scores = fitting(lists.length, right, random);
  if (!scores) return undefined;
  if (random.chance(0.5)) {
    const pictures = scenes(random, lists);
    if (!pictures) return undefined;
    const chain = new Chain(pictures.map((one) => pictureSource(one, random)));
    const caption = captionOf(lists[right] ?? []);
    chain.call(
      'I compare the text with the images.',
      'GetTextToImagesSimilarity',
      { text: caption, images: pictures.map((_, at) => nameOf(at)) },
      { similarity: scores, best_image_index: right, best_image: nameOf(right) },
    );
    return chain.end(
      {
        source: 'picture/captions',
        type: 'caption-image',
        question: ask(random, severalWordings.caption, { t: caption }),
        truth: spoken(right),
      },
      `${nameOf(right)} fits best.`,
      nameOf(right),
    );
  }
  const picture = objectsOf(random, lists[right] ?? []);
  if (!picture) return undefined;
  const texts = lists.map(captionOf);
  const chain = new Chain([pictureSource(picture, random)]);
  const best = texts[right] ?? '';
  chain.call(
    'I compare the image with the texts.',
    'GetImageToTextsSimilarity',
    { image: 'image-0', texts },
    { similarity: scores, best_text_index: right, best_text: best },
  );
  return chain.end(
    {
      source: 'picture/captions',
      type: 'caption-text',
      question: ask(random, severalWordings.texts, { list: texts.join('; ') }),
      truth: text(best),
    },
    'The best text is this.',
    best,
  );
};

/** Two receipts: both are read, their totals compared. */
const receipts: Program = (random) => {
  const bills = [receipt(random), receipt(random)];
  const totals: string[] = [];
  const chain = new Chain(
    bills.map(({ scene }) => ({ type: 'scene', scene, seed: seedOf(random), split: 'train' }) as const),
  );
  const quotes: string[] = [];
  for (const [at, { scene, facts }] of bills.entries()) {
    if (facts.type !== 'purchase' || facts.total === undefined) return undefined;
    const seen = observe(scene, random);
    const total = plainMoney(facts.total, facts.decimals);
    const row = seen.rows.findLast(
      (one) =>
        /total|due|pay|sum|amount/i.test(one) && one.replace(/\D/g, '').endsWith(total.replace(/\D/g, '')),
    );
    if (row === undefined) return undefined;
    chain.read(`I read image-${at}.`, at, seen.text);
    totals.push(total);
    quotes.push(`image-${at}: ${row}.`);
  }
  const [a = '', b = ''] = totals;
  if (Number(a) === Number(b)) return undefined;
  const type = random.pick(['dearer', 'together', 'gap'] as const);
  const head = {
    source: 'scene/receipts',
    type: `receipts-${type}`,
    question: ask(random, severalWordings[type]),
  };
  if (type === 'dearer') {
    const gap = chain.calculate(quotes.join(' '), `${a} - ${b}`);
    const best = gap > 0 ? 0 : 1;
    const sign = gap > 0 ? 'above' : 'below';
    return chain.end({ ...head, truth: spoken(best) }, `${gap} is ${sign} 0: image-${best}.`, nameOf(best));
  }
  const result = chain.calculate(quotes.join(' '), type === 'together' ? `${a} + ${b}` : `abs(${a} - ${b})`);
  const said = Number.isInteger(result) ? String(result) : result.toFixed(2);
  return chain.end({ ...head, truth: number(result) }, `The result is ${result}.`, said);
};

const shared: Program = (random) => {
  const names = namesOf(random, 5);
  const [common = ''] = names;
  const lists = [
    [common, names[1] ?? '', names[2] ?? ''],
    [names[3] ?? '', common, names[4] ?? ''],
  ];
  const pictures = scenes(random, lists);
  if (!pictures) return undefined;
  const chain = new Chain(pictures.map((one) => pictureSource(one, random)));
  const seen = pictures.map((picture, at) => {
    const objects = listed(picture, random);
    chain.call(`I list what image-${at} shows.`, 'GetObjects', { image: nameOf(at) }, { objects });
    return objects;
  });
  if (!seen.every((one) => one.includes(common))) return undefined;
  return chain.end(
    {
      source: SOURCE,
      type: 'several-shared',
      question: ask(random, severalWordings.shared),
      truth: text(common),
    },
    `Both lists have ${common}.`,
    common,
  );
};

export const severalPrograms = {
  which,
  counting,
  similar,
  captions,
  receipts,
  shared,
} as const satisfies Record<string, Program>;
