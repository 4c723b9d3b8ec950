/** Words for a terminal: colours where they are wanted, text of models and photos made harmless. */

export type Style = {
  bold(text: string): string;
  dim(text: string): string;
  accent(text: string): string;
  good(text: string): string;
  bad(text: string): string;
};

const plain = (text: string): string => text;

/** Colours only on a terminal, and never when NO_COLOR is set (https://no-color.org). */
export function createStyle(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const coloured = stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const code = (start: number, end: number) =>
    coloured ? (text: string) => `\x1b[${start}m${text}\x1b[${end}m` : plain;
  return { bold: code(1, 22), dim: code(2, 22), accent: code(36, 39), good: code(32, 39), bad: code(31, 39) };
}

/** Drops escape sequences, control characters and marks that turn the direction of writing. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n\t]/gu, '');
}

/** Lines of at most `width` characters, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line.trimEnd();
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** 0.4 s, 12 ms, 1 min 5 s. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
