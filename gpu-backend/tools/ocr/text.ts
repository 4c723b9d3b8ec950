/** Cleaning of recognised characters: full-width forms to ASCII, and nothing that hides or steers. */

/** Forms that compatibility normalisation leaves alone, though they stand for ASCII in Latin text. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ['。', '.'],
  ['、', ','],
  ['【', '['],
  ['】', ']'],
  ['〔', '('],
  ['〕', ')'],
  ['′', "'"],
  ['″', '"'],
  ['－', '-'],
  ['─', '-'],
  ['‧', '·'],
  ['∶', ':'],
  ['│', '|'],
]);

/** Letters, digits and signs of Latin text, Latin Extended-B included. */
const LATIN = /^[\u0020-\u007e\u00a1-\u024f€£¥°•–—‘’“”…×÷‰™☆★]+$/u;

/** The Latin form of one label of the dictionary, or null where it has none. */
export function latinForm(label: string): string | null {
  const form = LOOKALIKES.get(label) ?? label.normalize('NFKC');
  const kept = LATIN.test(label) ? label : form;
  return LATIN.test(kept) ? kept : null;
}

/** Control, format (zero-width, bidirectional, tag), private and unassigned characters, and lone surrogates. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|\p{Variation_Selector}|\u034f|\u115f|\u1160|\u3164|\uffa0/gu;

/** One line without hidden characters, its runs of white space made one space. */
export function cleanLine(text: string): string {
  return text.replace(UNSAFE, '').replace(/\s+/gu, ' ').trim();
}

/** A number with a decimal or time mark in which some figures were read as the letters they look like. */
const NUMBER_TOKEN = /^[$£€¥(+-]?[\dSOolI]+(?:[.,:][\dSOolI]+)+[%)]?$/u;
const FIGURES: ReadonlyMap<string, string> = new Map([
  ['S', '5'],
  ['O', '0'],
  ['o', '0'],
  ['l', '1'],
  ['I', '1'],
]);
/** Letters that stand at a price where its currency sign was: the dictionary lacks two of these signs. */
const PRICE_MARK = /^[fFEeS](?=\d+[.,]\d\d$)|(?<=^\d+[.,]\d\d)[Ee]$/u;
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ['f', '£'],
  ['F', '£'],
  ['E', '€'],
  ['e', '€'],
  ['S', '$'],
]);
/** No English word starts so in lower case, but many do with a capital I: Ice, In, Iron, Is, It. */
const WORD_INITIAL_L = /(?<![\p{L}\p{N}])l(?=[cfmnrst])/gu;
/** A multiplication sign needs something on its right. */
const TIMES_AS_LETTER = /×(?=\s*(?:[-+=*/)?]|$))/gu;
/** "2 x Tea": which of the three marks is read is chance, so a count before a word gets the plain letter. */
const COUNT_MARK = /(?<=^\d{1,3}\s?)[×X](?=\s*\p{L}{2})/gu;
/** A lone capital X in an equation is its unknown. */
const LETTER_OF_EQUATION = /(?<![\p{L}])X(?=[^\p{L}]*=)|(?<==[^\p{L}]*)X(?![\p{L}])/gu;

/** Figures and capitals that shape alone does not tell from letters, by the token they stand in. */
export function settleLookalikes(line: string): string {
  return line
    .replace(WORD_INITIAL_L, 'I')
    .replace(TIMES_AS_LETTER, 'x')
    .replace(COUNT_MARK, 'x')
    .replace(LETTER_OF_EQUATION, 'x')
    .split(' ')
    .map((token) => {
      const price = token.replace(PRICE_MARK, (mark) => CURRENCIES.get(mark) ?? mark);
      const digits = price.match(/\d/gu)?.length ?? 0;
      const letters = price.match(/[SOolI]/gu)?.length ?? 0;
      if (letters === 0 || digits <= letters || !NUMBER_TOKEN.test(price)) return price;
      return price.replace(/[SOolI]/gu, (letter) => FIGURES.get(letter) ?? letter);
    })
    .join(' ');
}

/** A drawn line read as text. */
const RULE = /^[-–—_.·…|~=\s]{2,}$/u;

/** Most characters of a page must be Latin for its odd ones out to be specks, rules and edges misread. */
const LATIN_PAGE_SHARE = 0.8;
const STRAY_CHARS_MAX = 2;

/** Whether a line is a drawn rule, or one or two signs of another script on a page of Latin text. */
export function isStray(line: string, page: readonly string[]): boolean {
  if (RULE.test(line)) return true;
  const characters = [...line];
  if (characters.length > STRAY_CHARS_MAX || characters.some((label) => latinForm(label) !== null))
    return false;
  const all = page.flatMap((text) => [...text]);
  return all.filter((label) => latinForm(label) !== null).length >= LATIN_PAGE_SHARE * all.length;
}
