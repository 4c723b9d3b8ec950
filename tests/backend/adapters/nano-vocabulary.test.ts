/** The words of the embedded detector: what they stand for, and which of them a place is given. */
import { describe, expect, it } from 'vitest';
import { objectsOf } from '#backend/tools/adapters/nano-objects';
import { parseVocabulary, singularsOf } from '#backend/tools/adapters/nano-vocabulary';
import { vocabulary, vocabularyOf, words } from './nano-words.ts';
import { floats } from './support.ts';

describe('words', () => {
  it.each([
    ['dog', ['dog']],
    ['  The  DOGS ', ['dog']],
    ['puppies', ['dog']],
    ['kitties', ['cat']],
    ['wolves', ['wolf']],
    ['men', ['man']],
    ['gentlemen', ['man']],
    ['a fire engine', ['fire engine']],
    ['fire trucks', ['fire engine']],
    ['cherries', ['cherry']],
    ['glasses', ['glasses']],
    ['pets', ['dog', 'cat']],
    ['animals', ['dog', 'cat', 'wolf']],
    ['people', ['man']],
    ['red dog', []],
    ['dogma', []],
    ['constructor', []],
    ['', []],
  ])('%j means %j', (word, names) => {
    expect(vocabulary.placesOf(word).map((place) => vocabulary.names[place])).toEqual(names);
  });

  it('a word is tried as it stands before it is taken for a plural', () => {
    expect(singularsOf('glasses')[0]).toBe('glasses');
    expect(singularsOf('the buses')).toEqual(['buses', 'bus', 'buse']);
    expect(singularsOf('s')).toEqual(['s']);
  });

  it.each([
    ['no JSON', '{'],
    ['a threshold of 1', JSON.stringify(vocabularyOf(1))],
    ['no names', JSON.stringify({ threshold: 0.5, names: [] })],
    ['a short vector', JSON.stringify({ threshold: 0.5, names: [{ ...words[0], vector: [1, 2] }] })],
  ])('a file with %s is refused', (_, text) => {
    expect(() => parseVocabulary(text)).toThrow(expect.objectContaining({ code: 'model_invalid' }));
  });
});

describe('names', () => {
  const all = words.map(({ name }, place) => ({ name, places: [place] }));
  const box = [0.1, 0.1, 0.4, 0.5] as const;
  const look = (logits: number[], score = 1) => ({ box, score, logits: Float32Array.from(logits) });
  const named = (word: string) => ({ name: word, places: vocabulary.placesOf(word) });
  const dog = [5, 3, 0, 0, 0, 0, 0];

  it('are what a plain formulation says, best first', () => {
    const sure = floats(60, 55, 1, 0);
    const looks = Array.from({ length: 60 }, (_, at) =>
      look([...floats(words.length, 70 + at, 9)], sure[at]),
    );
    const plain = looks
      .map(({ logits, score }) => {
        const row = [...logits];
        const sum = row.reduce((total, value) => total + Math.exp(value), 0);
        return {
          name: words[row.indexOf(Math.max(...row))]?.name,
          score: (score * Math.exp(Math.max(...row))) / sum,
        };
      })
      .filter(({ score }) => score >= 0.3)
      .sort((a, b) => b.score - a.score);
    const found = objectsOf(looks, all, 0.3);
    expect(plain.length).toBeGreaterThan(10);
    expect(found.map(({ name }) => name)).toEqual(plain.map(({ name }) => name));
    expect(found.map(({ score }) => score)).toEqual(plain.map(({ score }) => expect.closeTo(score, 6)));
  });

  it('what stands there is not taken for another thing that was asked for', () => {
    expect(objectsOf([look(dog)], [named('cat')], 0.3)).toEqual([]);
    expect(objectsOf([look(dog)], [], 0.3)).toEqual([]);
  });

  it('a wider word has the shares of all its names; a narrower one that is nearly as likely is told instead', () => {
    const shared = (places: number[]) =>
      places.reduce((sum, place) => sum + Math.exp(dog[place] as number), 0);
    const [found] = objectsOf([look(dog)], [named('animals')], 0.3);
    expect(found).toMatchObject({ name: 'animals', box });
    expect(found?.score).toBeCloseTo(shared([0, 1, 2]) / shared([0, 1, 2, 3, 4, 5, 6]), 6);
    const both = [named('animals'), named('dogs')];
    expect(objectsOf([look([9, 0, 0, 0, 0, 0, 0])], both, 0.3)[0]?.name).toBe('dogs');
    expect(objectsOf([look([5, 5, 0, 0, 0, 0, 0])], both, 0.3)[0]?.name).toBe('animals');
  });

  it('values that are no numbers name nothing', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
    for (const one of [
      look([nan, 0, 0, 0, 0, 0, 0]),
      look([infinite, 0, 0, 0, 0, 0, 0]),
      look(dog, nan),
      look([]),
    ])
      expect(objectsOf([one], all, 0.1)).toEqual([]);
  });
});
