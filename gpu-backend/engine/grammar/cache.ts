/** Grammars by what they permit: building one costs more than a turn's passes, and few differ at a time. */
import { GRAMMARS_MAX } from '#shared/limits';
import { Automaton } from './automaton.ts';
import { TokenGrammar } from './matcher.ts';
import { type TurnLanguage, turnPattern } from './turn-pattern.ts';
import type { Vocabulary } from './vocabulary.ts';

export class GrammarCache {
  readonly #vocabulary: Vocabulary;
  readonly #grammars = new Map<string, TokenGrammar>();

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  get(language: TurnLanguage): TokenGrammar {
    const key = JSON.stringify(language);
    const known = this.#grammars.get(key);
    if (known) return known;
    const grammar = new TokenGrammar(new Automaton(turnPattern(language)), this.#vocabulary);
    this.#grammars.set(key, grammar);
    if (this.#grammars.size > GRAMMARS_MAX)
      this.#grammars.delete(this.#grammars.keys().next().value as string);
    return grammar;
  }
}
