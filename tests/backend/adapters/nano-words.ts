/** A small closed vocabulary with synonyms, wider words and vectors. */
import { parseVocabulary, VECTOR } from '#backend/tools/adapters/nano-vocabulary';
import { floats } from './support.ts';

export const words = [
  { name: 'dog', synonyms: ['puppy'], groups: ['animal', 'pet'] },
  { name: 'cat', synonyms: ['kitty'], groups: ['animal', 'pet'] },
  { name: 'wolf', synonyms: [], groups: ['animal'] },
  { name: 'man', synonyms: ['gentleman'], groups: ['person'] },
  { name: 'fire engine', synonyms: ['fire truck'], groups: ['vehicle'] },
  { name: 'cherry', synonyms: [], groups: [] },
  { name: 'glasses', synonyms: ['eyeglasses'], groups: [] },
];
export const vectors = words.map((_, index) => Array.from(floats(VECTOR, 40 + index)));
export const vocabularyOf = (threshold = 0.3) => ({
  threshold,
  names: words.map((word, index) => ({ ...word, vector: vectors[index] })),
});
export const vocabulary = parseVocabulary(JSON.stringify(vocabularyOf()));
