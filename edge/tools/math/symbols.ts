/** Typographic, LaTeX and full-width signs to plain ASCII, before anything is read. */

const plainForms: ReadonlyArray<readonly [RegExp, string]> = [
  [/\\(?:times|cdot)(?![a-z])|[×✕✖⋅·∙•∗]/gu, '*'],
  [/\\div(?![a-z])|[÷⁄∕]/gu, '/'],
  [/\\(?:left|right)(?![a-z])/gu, ''],
  [/[−–—‐‑‒]/gu, '-'],
  [/[\s\u{200b}\u{feff}]/gu, ' '],
  [/≤/gu, '<='],
  [/≥/gu, '>='],
  [/≠/gu, '!='],
  [/\|([^|]+)\|/gu, ' abs($1)'],
  [/π/gu, ' pi '],
  [/τ/gu, ' tau '],
];

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const vulgarFractions: Readonly<Record<string, string>> = {
  '½': '1/2',
  '⅓': '1/3',
  '⅔': '2/3',
  '¼': '1/4',
  '¾': '3/4',
  '⅚': '5/6',
  '⅕': '1/5',
  '⅖': '2/5',
  '⅗': '3/5',
  '⅘': '4/5',
  '⅙': '1/6',
  '⅛': '1/8',
  '⅜': '3/8',
  '⅝': '5/8',
  '⅞': '7/8',
};

/** `×` to `*`, `−` to `-`, `x²` to `x^(2)`, `2½` to `(2+1/2)`, `＋` to `+`, and the like. */
export function plainSymbols(text: string): string {
  const ascii = text
    .replace(/[\u{ff01}-\u{ff5e}]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/⁻?[⁰¹²³⁴-⁹]+/gu, (power) => {
      const digits = [...power].map((sign) => (sign === '⁻' ? '-' : SUPERSCRIPTS.indexOf(sign)));
      return `^(${digits.join('')})`;
    })
    .replace(/(\d*)([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])/gu, (_, whole: string, sign: string) => {
      const fraction = vulgarFractions[sign] ?? sign;
      return whole === '' ? `(${fraction})` : `(${whole}+${fraction})`;
    });
  return plainForms.reduce((value, [pattern, plain]) => value.replace(pattern, plain), ascii);
}
