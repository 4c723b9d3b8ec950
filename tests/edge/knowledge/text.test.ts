/** Texts as words, sentences and passages: what documents are found by, and what of them is shown. */
import { describe, expect, it } from 'vitest';
import { coverage, passageOf } from '#edge/tools/knowledge/passage';
import { firstSentences, sentenceEnds } from '#edge/tools/knowledge/sentences';
import { stemOf, termsOf, wordsOf } from '#edge/tools/knowledge/words';
import { queryKnowledgeBaseHandler } from '#edge/tools/query-knowledge-base';
import type { ContextDocument, EdgeToolContext } from '#edge/tools/tool';

describe('words', () => {
  it.each([
    // From the examples of steps 1a to 1c in Porter's paper.
    ['caresses', 'caress'],
    ['ponies', 'poni'],
    ['cats', 'cat'],
    ['feed', 'feed'],
    ['agreed', 'agree'],
    ['plastered', 'plaster'],
    ['bled', 'bled'],
    ['motoring', 'motor'],
    ['sing', 'sing'],
    ['conflated', 'conflate'],
    ['troubling', 'trouble'],
    ['sized', 'size'],
    ['hopping', 'hop'],
    ['falling', 'fall'],
    ['hissing', 'hiss'],
    ['filing', 'file'],
    ['happy', 'happi'],
    ['sky', 'sky'],
    ['b2b', 'b2b'],
    ['цены', 'цены'],
  ])('%s has the stem %s', (word, stem) => expect(stemOf(word)).toBe(stem));

  it('one word however it is written', () => {
    const forms = ['Café', 'cafe', 'CAFÉ', 'cafe\u0301', 'ｃａｆｅ', "café's", 'cafés'];
    expect(new Set(forms.map((form) => wordsOf(form)[0]?.stem))).toEqual(new Set(['cafe']));
  });

  it('knows where each stands', () => {
    const text = 'Tea, 4.20 — naïve 🍵 x';
    expect(wordsOf(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'Tea',
      '4',
      '20',
      'naïve',
      'x',
    ]);
  });

  it('takes scripts without spaces as pairs, so that a part of a row is found', () => {
    expect(termsOf('東京駅', 9)).toEqual(['東京', '京駅']);
    expect(termsOf('駅', 9)).toEqual(['駅']);
    const text = '明日は東京駅で';
    expect(coverage(text, termsOf('東京駅', 9))).toBe(1);
  });

  it('looks for stop words only where there is nothing else, each word once, and bounded', () => {
    expect(termsOf('What is the price of the green tea, and of green teas?', 9)).toEqual([
      'price',
      'green',
      'tea',
    ]);
    expect(termsOf('who is who', 9)).toEqual(['who', 'is']);
    expect(termsOf('" * ( ) : ^ -', 9)).toEqual([]);
    expect(termsOf(Array.from({ length: 50 }, (_, index) => `w${index}`).join(' '), 16)).toHaveLength(16);
  });
});

describe('sentences', () => {
  it.each([
    ['One. Two. Three.', 'One. Two.'],
    ['No end', 'No end'],
    [
      'Dr. C. G. Smith, approx. 3 m tall, lives in the U.S. today. Yes! No?',
      'Dr. C. G. Smith, approx. 3 m tall, lives in the U.S. today. Yes!',
    ],
    ['It costs 4.20 now. So?\nLine', 'It costs 4.20 now. So?'],
    ['He said “Stop.” Then he went. Far.', 'He said “Stop.” Then he went.'],
    ['一つ。二つ。三つ。', '一つ。二つ。'],
    ['', ''],
  ])('the first two of %j', (text, expected) => expect(firstSentences(text, 2)).toBe(expected));

  it('ends ascend to the end of the text', () => {
    for (const text of ['', 'a', 'a. b\n\nc!', '...', '\n\n', 'x'.repeat(5_000)]) {
      const ends = sentenceEnds(text);
      expect(ends.at(-1)).toBe(text.length);
      expect([...ends].sort((a, b) => a - b)).toEqual(ends);
    }
  });
});

describe('a passage', () => {
  const text = `First line of all.\nThe garden is open. ${'Nothing here. '.repeat(30)}A pot of green tea is 4.20. Cups are free. ${'Nothing there. '.repeat(30)}`;

  it('is the part that speaks most of what was asked, in whole sentences', () => {
    const passage = passageOf(text, termsOf('pot green tea', 9), 80);
    expect(passage).toContain('A pot of green tea is 4.20.');
    expect(passage).toMatch(/^… .* …$/);
    expect(passage.length).toBeLessThanOrEqual(84);
  });

  it('is the beginning where nothing of it is said, and the whole where that is short', () => {
    expect(passageOf(text, ['zebra'], 40)).toBe('First line of all.\nThe garden is open. …');
    expect(passageOf('Short.', ['zebra'], 40)).toBe('Short.');
  });

  it('stays bounded and never cuts a character in two, in a text without an end', () => {
    const endless = `${'🍵'.repeat(2_000)} tea ${'🍵'.repeat(2_000)}`;
    const passage = passageOf(endless, ['tea'], 1_200);
    expect(passage.length).toBeLessThanOrEqual(1_204);
    expect(passage).toContain('tea');
    expect(passage.isWellFormed()).toBe(true);
  });
});

describe('documents', () => {
  const documents: readonly ContextDocument[] = [
    { id: 'menu', title: 'Menu', text: 'A pot of green tea is 4.20.', url: 'https://cafe.example/menu' },
    { id: 'hours', title: 'Opening hours', text: 'Open from 9 to 18.' },
  ];
  /** Keeps what was asked; matches by stems as the index does. */
  function contextOf(asked: string[]): EdgeToolContext {
    return {
      documents: async (stems, join, limit) => {
        asked.push(`${join} ${stems.join(' ')}`);
        const has = ({ title, text }: ContextDocument) => {
          const share = coverage(`${title}\n${text}`, stems);
          return join === 'all' ? share === 1 : share > 0;
        };
        return documents.filter(has).slice(0, limit);
      },
    };
  }

  it('with all words come first; else one that has half of them', async () => {
    const asked: string[] = [];
    const find = (query: string) => queryKnowledgeBaseHandler({ query }, contextOf(asked));
    expect(await find('green tea')).toMatchObject({ document_id: 'menu' });
    expect(asked).toEqual(['all green tea']);
    expect(await find('green tea price')).toMatchObject({ document_id: 'menu' });
    expect(asked.slice(1)).toEqual(['all green tea price', 'any green tea price']);
    // One word of four says nothing of the subject.
    expect(await find('green zebra crossing rules')).toHaveProperty('error.code', 'not_found');
    // A single word that no document has is not asked for twice.
    asked.length = 0;
    expect(await find('zebra')).toHaveProperty('error.code', 'not_found');
    expect(asked).toEqual(['all zebra']);
  });

  it('leaves out the URL of a document that has none', async () => {
    expect(await queryKnowledgeBaseHandler({ query: 'opening hour' }, contextOf([]))).toEqual({
      title: 'Opening hours',
      summary: 'Open from 9 to 18.',
      source: 'documents',
      document_id: 'hours',
    });
  });
});
