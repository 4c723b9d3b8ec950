/** Questions whose answer is not in the picture: what is read is looked up, in documents or with a language model. */

import type { Random } from '../random.ts';
import { center, type Scene } from '../scenes/scene.ts';
import { commonWords, inventedWord, personName, recase } from '../scenes/words.ts';
import { ask, Chain, type Draft, number, type Program, readRows, seedOf, text } from './chain.ts';
import { knowledgeWordings, worldWordings } from './wordings/knowledge.ts';

const SOURCE = 'scene/knowledge';

const capitalised = (word: string): string => recase.title(word);

function properName(random: Random): string {
  const kind = random.pick([
    'Tower',
    'Museum',
    'Bridge',
    'Hall',
    'Castle',
    'Library',
    'Theatre',
    'Gallery',
    'Institute',
    'Society',
  ]);
  return `${capitalised(random.chance(0.5) ? inventedWord(random) : random.pick(commonWords))} ${kind}`;
}

type Fact = {
  readonly key: 'year' | 'person' | 'height' | 'phone';
  readonly sentence: string;
  readonly value: string;
};

function factsOf(random: Random, name: string): Fact[] {
  const year = String(random.int(1100, 1999));
  const person = `${personName(random)} ${capitalised(inventedWord(random))}`;
  const height = String(random.int(12, 390));
  const phone = `${random.int(100, 999)}-${random.int(1000, 9999)}`;
  return [
    {
      key: 'year',
      value: year,
      sentence: random.pick([
        `${name} was built in ${year}.`,
        `${name} opened in ${year}.`,
        `Work on ${name} was finished in ${year}.`,
      ]),
    },
    {
      key: 'person',
      value: person,
      sentence: random.pick([
        `It was designed by ${person}.`,
        `Its architect was ${person}.`,
        `${person} drew the plans.`,
      ]),
    },
    {
      key: 'height',
      value: height,
      sentence: random.pick([`It is ${height} metres high.`, `Its height is ${height} metres.`]),
    },
    {
      key: 'phone',
      value: phone,
      sentence: random.pick([`The office can be called at ${phone}.`, `Telephone: ${phone}.`]),
    },
  ];
}

const signOf = (name: string, random: Random): Scene => ({
  kind: 'sign',
  rows: [
    { cells: [center(random.chance(0.3) ? name.toUpperCase() : name, 1.5)] },
    ...(random.chance(0.5)
      ? [
          {
            cells: [
              center(
                random.pick(['Entrance', 'Tickets inside', 'Welcome', 'Open daily', 'Visitors please ring']),
              ),
            ],
          },
        ]
      : []),
  ],
});

/** As `edge/tools/query-knowledge-base.ts` says it. */
const missing = (query: string): string =>
  `no document is about ${JSON.stringify(query)}. Try the name alone or other words, or go on without it. Documents are stored by PUT /v1/knowledge/{id}.`;

/** Reads a name and looks it up; now and then nobody knows it, and the answer says so. */
const documents: Program = (random) => {
  const name = properName(random);
  const scene = signOf(name, random);
  const seen = readRows(scene.rows, random);
  const read = seen.seen(scene.rows[0]?.cells[0]?.text ?? '');
  if (read === undefined || read.toLowerCase() !== name.toLowerCase()) return undefined;
  const facts = factsOf(random, name);
  const fact = random.pick(facts);
  const chain = new Chain([{ type: 'scene', scene, seed: seedOf(random), split: 'train' }]);
  chain.read('I read the sign.', 0, seen.text);
  const known = random.chance(0.75);
  const told = known ? random.sample(facts, random.int(2, 4)) : [];
  const question = ask(random, knowledgeWordings[fact.key]);
  const head = { source: SOURCE, type: `knowledge-${fact.key}`, question };
  const look = `The sign says ${read}. I look it up.`;
  if (!known) {
    chain.call(
      look,
      'QueryKnowledgeBase',
      { query: read },
      { error: { code: 'not_found', message: missing(read) } },
    );
    return chain.end(
      { ...head, truth: { type: 'unknown' } },
      'Nothing is known of it.',
      'I cannot tell: nothing was found about it.',
    );
  }
  const summary = told.map(({ sentence }) => sentence).join(' ');
  chain.call(look, 'QueryKnowledgeBase', { query: read }, { title: name, summary, source: 'documents' });
  const hit = told.find(({ key }) => key === fact.key);
  if (!hit)
    return chain.end(
      { ...head, truth: { type: 'unknown' } },
      'The passage does not say it.',
      'I cannot tell: the passage does not say.',
    );
  const truth: Draft['truth'] =
    fact.key === 'person'
      ? text(fact.value)
      : fact.key === 'phone'
        ? { type: 'digits', value: fact.value }
        : number(Number(fact.value));
  return chain.end({ ...head, truth }, hit.sentence, fact.value);
};

// biome-ignore format: facts of the world that any language model knows
const world: readonly (readonly [printed: string, asked: keyof typeof worldWordings, query: string, answer: string])[] = [
  ['Paris', 'country', 'Which country is Paris in?', 'France'],
  ['Madrid', 'country', 'Which country is Madrid in?', 'Spain'],
  ['Oslo', 'country', 'Which country is Oslo in?', 'Norway'],
  ['Cairo', 'country', 'Which country is Cairo in?', 'Egypt'],
  ['Lima', 'country', 'Which country is Lima in?', 'Peru'],
  ['Kyoto', 'country', 'Which country is Kyoto in?', 'Japan'],
  ['Tunis', 'country', 'Which country is Tunis in?', 'Tunisia'],
  ['Japan', 'capital', 'What is the capital of Japan?', 'Tokyo'],
  ['Italy', 'capital', 'What is the capital of Italy?', 'Rome'],
  ['Canada', 'capital', 'What is the capital of Canada?', 'Ottawa'],
  ['Kenya', 'capital', 'What is the capital of Kenya?', 'Nairobi'],
  ['Greece', 'capital', 'What is the capital of Greece?', 'Athens'],
  ['NaCl', 'substance', 'What is NaCl called in everyday life?', 'salt'],
  ['H2O', 'substance', 'What is H2O called?', 'water'],
  ['Fe', 'metal', 'Which metal has the sign Fe?', 'iron'],
  ['Au', 'metal', 'Which metal has the sign Au?', 'gold'],
  ['Hamlet', 'author', 'Who wrote the play Hamlet?', 'William Shakespeare'],
  ['Faust', 'author', 'Who wrote the play Faust?', 'Johann Wolfgang von Goethe'],
  ['Bonjour', 'language', 'In which language does one say Bonjour?', 'French'],
  ['Gracias', 'meaning', 'What does the Spanish word gracias mean in English?', 'thank you'],
  ['Danke', 'meaning', 'What does the German word danke mean in English?', 'thank you'],
  ['1 mile', 'metres', 'How many metres are there in one mile?', '1609'],
  ['1 dozen', 'pieces', 'How many pieces are in one dozen?', '12'],
  ['Leap year', 'days', 'How many days does a leap year have?', '366'],
];

/** What is printed is read and the question is asked anew, so that it stands on its own. */
const models: Program = (random) => {
  const [printed, asked, query, answer] = random.pick(world);
  const scene = signOf(printed, random);
  const seen = readRows(scene.rows, random);
  if (!seen.text.toLowerCase().includes(printed.toLowerCase())) return undefined;
  const chain = new Chain([{ type: 'scene', scene, seed: seedOf(random), split: 'train' }]);
  chain.read('I read the sign.', 0, seen.text);
  const said = random.pick([
    answer,
    `${capitalised(answer)}.`,
    `It is ${answer}.`,
    `The answer is ${answer}.`,
  ]);
  chain.call(`It says ${printed}. I ask for what I need.`, 'QueryLanguageModel', { query }, { result: said });
  const truth = /^\d+$/.test(answer) ? number(Number(answer)) : text(answer);
  return chain.end(
    {
      source: SOURCE,
      type: 'knowledge-model',
      question: ask(random, worldWordings[asked]),
      truth,
    },
    said,
    answer,
  );
};

export const knowledgePrograms = { documents, models } as const satisfies Record<string, Program>;
