/** Reads tab-separated tables as pandas writes them: quoted fields may hold tabs, line feeds and doubled quotes. */
import { createReadStream } from 'node:fs';

export class TableError extends Error {
  override readonly name = 'TableError';
}

export type TableRow = Readonly<Record<string, string>>;

/** Row by row, so that a file of gigabytes of pictures needs the memory of one row. Throws TableError. */
export async function* readTable(path: string): AsyncGenerator<TableRow> {
  let header: readonly string[] | undefined;
  let number = 0;
  for await (const fields of recordsOf(path)) {
    number++;
    if (!header) {
      header = fields.map((name) => name.trim());
      continue;
    }
    if (fields.length === 1 && fields[0] === '') continue;
    if (fields.length !== header.length)
      throw new TableError(
        `${path}, record ${number}: expected ${header.length} fields, found ${fields.length}`,
      );
    yield Object.fromEntries(header.map((name, index) => [name, fields[index] ?? '']));
  }
  if (!header) throw new TableError(`${path}: expected a first line with the names of the columns`);
}

async function* recordsOf(path: string): AsyncGenerator<string[]> {
  const scanner = new Scanner();
  for await (const chunk of createReadStream(path, 'utf8')) yield* scanner.take(String(chunk));
  yield* scanner.end(path);
}

/** Whole records out of pieces of text. A field is quoted where its first character is a quote. */
class Scanner {
  #fields: string[] = [];
  #parts: string[] = [];
  #state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  #blank = true;

  take(text: string): string[][] {
    const records: string[][] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (this.#state === 'quoted') {
        const quote = text.indexOf('"', at);
        if (quote < 0) break;
        this.#parts.push(text.slice(from, quote));
        [at, from] = [quote, quote + 1];
        this.#state = 'closed';
        continue;
      }
      const character = text[at];
      this.#blank = false;
      if (character === '"' && this.#state === 'start') [this.#state, from] = ['quoted', at + 1];
      else if (character === '"' && this.#state === 'closed') {
        // A doubled quote: the second one is text, and the field goes on.
        this.#state = 'quoted';
        from = at;
      } else if (character === '\t' || character === '\n') {
        this.#parts.push(text.slice(from, at));
        this.#field();
        from = at + 1;
        if (character === '\n') records.push(this.#record());
      } else if (this.#state === 'start') this.#state = 'bare';
    }
    this.#parts.push(text.slice(from));
    return records;
  }

  end(path: string): string[][] {
    if (this.#state === 'quoted') throw new TableError(`${path}: a quoted field has no end`);
    if (this.#blank) return [];
    this.#field();
    return [this.#record()];
  }

  #field(): void {
    const text = this.#parts.join('');
    this.#fields.push(text.endsWith('\r') ? text.slice(0, -1) : text);
    this.#parts = [];
    this.#state = 'start';
  }

  #record(): string[] {
    const fields = this.#fields;
    this.#fields = [];
    this.#blank = true;
    return fields;
  }
}
