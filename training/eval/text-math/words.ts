/**
 * Names for the held-out pictures. Each holds a word that no list of the training programs has
 * (tests/training/heldout.test.ts checks it), and no wording is shared with them either.
 */
import type { Random } from '#training/random';
import { itemNames, personName, placeName, recase, shopName } from '#training/scenes/words';

export type Vocabulary = {
  items(random: Random, count: number): string[];
  persons(random: Random, count: number): string[];
  places(random: Random, count: number): string[];
  shop(random: Random): string;
  message(random: Random): readonly string[];
};

// biome-ignore format: word list
export const heldoutItems: readonly string[] = [
  'Cardamom bun', 'Oat cortado', 'Pear frangipane', 'Lentil pasty', 'Barley broth', 'Halloumi pitta', 'Fennel slaw',
  'Rhubarb fizz', 'Plum galette', 'Quinoa bowl', 'Sourdough slice', 'Elderflower spritz', 'Haddock chowder', 'Leek quiche',
  'Beetroot hummus', 'Pistachio swirl', 'Chai shortbread', 'Walnut loaf', 'Gooseberry fool', 'Aubergine bake',
  'Celeriac mash', 'Sesame flatbread', 'Turmeric latte', 'Rooibos pot', 'Cherry clafoutis', 'Polenta wedge',
  'Ricotta gnocchi', 'Chestnut torte', 'Mackerel plate', 'Kimchi toastie', 'Gherkin jar', 'Saffron rusk', 'Tofu skewer',
  'Marzipan stick', 'Apricot flapjack', 'Duvet cover', 'Trowel set', 'Bike pannier', 'Sketch easel', 'Wool beanie',
  'Linen apron', 'Garden twine', 'Compost sack', 'Backgammon board', 'Kite spool', 'Picnic hamper', 'Tent pegs', 'Oak trivet',
  'Beeswax taper', 'Umbrella stand', 'Thermos flask', 'Hiking gaiters', 'Nylon kneepads', 'Seed dibber', 'Paring peeler',
];

// biome-ignore format: word list
export const heldoutPersons: readonly string[] = [
  'Astrid', 'Benoit', 'Ciara', 'Dmitri', 'Eluned', 'Farida', 'Gwendal', 'Hamza', 'Ilse', 'Joaquim', 'Katarzyna', 'Lorcan',
  'Maeve', 'Nikhil', 'Odile', 'Pradeep', 'Ragnhild', 'Soren', 'Tamsin', 'Ulrich', 'Viggo', 'Wilhelmina', 'Xiomara',
  'Yannick', 'Zbigniew', 'Anouk', 'Bashir', 'Carys', 'Desmond', 'Esra',
];

// biome-ignore format: word list
export const heldoutPlaces: readonly string[] = [
  'Abergele', 'Blaenau', 'Crewkerne', 'Dunbarton', 'Ebbsworth', 'Fakenham', 'Gillmoss', 'Harrowgate', 'Inverlochy',
  'Kirkbride', 'Llandeilo', 'Market Rasen', 'Nantwich', 'Okehampton', 'Penrhyn', 'Quedgeley', 'Ravenglass', 'Shepperton',
  'Thornaby', 'Ullapool', 'Whitstable', 'Yarmouth Quay',
];

// biome-ignore format: word list
export const heldoutShops: readonly string[] = [
  'The Gilded Teapot', 'Finch & Thimble', 'Orchard Larder', 'Saltmarsh Pantry', 'Bluebell Tearoom', 'Hobson Ironmongers',
  'The Copper Ladle', 'Juniper Stationers', 'Wren & Sparrow', 'Kestrel Cycles', 'Mossbank Nursery', 'Tansy Apothecary',
  'The Quill Bindery', 'Bramble Creamery', 'Lantern Patisserie', 'Fernhill Greengrocer', 'The Daft Heron', 'Pebble Brasserie',
];

// biome-ignore format: word list
export const heldoutMessages: readonly (readonly string[])[] = [
  ['MIND THE LINTEL'], ['Wet varnish', 'Please do not touch'], ['NO PADDLING'], ['Ring the handbell', 'for assistance'],
  ['Beware of falling acorns'], ['Keep off the seedlings'], ['NO CYCLING', 'on the towpath'], ['Deliveries at the rear'],
  ['Shut the paddock gate'], ['Caution', 'Slippery flagstones'], ['Library upstairs', 'Lift on the left'],
  ['Do not feed the geese'], ['Queue at', 'the turnstile'], ['Goggles and gloves', 'must be worn'], ['Lost property', 'Ask at the kiosk'],
  ['Quiet carriage'],
];

const devMessages: readonly (readonly string[])[] = [
  ['No parking'],
  ['Wet floor'],
  ['Push to open'],
  ['Staff only'],
  ['Please wait', 'to be seated'],
  ['Sold out'],
];

/** Which words the held-out pictures use. */
export const heldoutVocabulary: Vocabulary = {
  items: (random, count) => random.sample(heldoutItems, count),
  persons: (random, count) => random.sample(heldoutPersons, count),
  places: (random, count) => random.sample(heldoutPlaces, count),
  shop: (random) => random.pick(heldoutShops),
  message: (random) => random.pick(heldoutMessages),
};

/** Words that also head a column; a person of that name would make the question ambiguous. */
const LABELS =
  /^(who|name|member|spring|summer|autumn|winter|mon|tue|wed|thu|march|april|may|june|goals|fouls|saves|plums|figs|quinces|north|south|east|swim|run|cycle)$/i;

/** The training programs' own names: for the development set, on which anything may be tuned. */
export const devVocabulary: Vocabulary = {
  items: (random, count) => itemNames(random, count).map(recase.sentence),
  persons: (random, count) =>
    distinct(count, () => personName(random)).map((name) => (LABELS.test(name) ? `${name}a` : name)),
  places: (random, count) => distinct(count, () => placeName(random)),
  shop: shopName,
  message: (random) => random.pick(devMessages),
};

function distinct(count: number, make: () => string): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(make());
  return [...found];
}
