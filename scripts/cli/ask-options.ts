/** The command line of `npm run ask`. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { sniffMediaType } from '#backend/images/sniff';
import type { MediaType } from '#shared/contract';
import { IMAGE_BYTES_MAX, IMAGES_PER_RUN_MAX, QUESTION_CHARS_MAX, STEPS_MAX } from '#shared/limits';
import { CommandError } from './failure.ts';

export const USAGE = `Usage: npm run ask -- PHOTO "QUESTION" [options]

  --image FILE      one more photo; may be repeated
  --max-steps N     at most so many steps, 1 to ${STEPS_MAX}
  --json            print the finished run as JSON, and nothing else
                    (npm run -s ask: without the two lines that npm itself prints)
  --url U --key K   ask a running server instead of starting one
  --keep            keep the state folder of the server that was started
  --help            show this`;

export type AskOptions = {
  readonly question: string;
  readonly files: readonly string[];
  readonly maxSteps: number | undefined;
  readonly json: boolean;
  readonly keep: boolean;
  readonly server: { readonly url: string; readonly key: string } | undefined;
};

/** Throws CommandError with exit code 2; undefined when help was asked for. */
export function readAskOptions(args: readonly string[]): AskOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const extra = values.image ?? [];
  const [first, second, ...rest] = positionals;
  // One word alone is the question when the photos come by --image.
  const question = second ?? (extra.length > 0 ? first : undefined);
  const files = second === undefined ? extra : [first ?? '', ...extra];
  if (question === undefined || rest.length > 0) {
    throw usage(
      rest.length > 0
        ? 'Put the question in quotes, and further photos behind --image.'
        : 'A photo and a question are needed.',
    );
  }
  if (question.trim() === '' || question.length > QUESTION_CHARS_MAX) {
    throw usage(`Expected a question of 1 to ${QUESTION_CHARS_MAX} characters, got ${question.length}.`);
  }
  if (files.length > IMAGES_PER_RUN_MAX)
    throw usage(`At most ${IMAGES_PER_RUN_MAX} photos can be asked about; ${files.length} came.`);
  return {
    question,
    files,
    maxSteps: maxStepsOf(values['max-steps']),
    json: values.json ?? false,
    keep: values.keep ?? false,
    server: serverOf(values.url, values.key),
  };
}

/** The bytes of a photo, and what they are. Throws CommandError of one sentence. */
export async function readPhoto(file: string): Promise<{ bytes: Uint8Array; mediaType: MediaType }> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'There is no file',
      EISDIR: 'A folder is no photo:',
      EACCES: 'Reading is not allowed:',
    };
    throw new CommandError(`${reasons[error.code ?? ''] ?? `${error.message}:`} ${file}`);
  });
  const mediaType = sniffMediaType(bytes);
  if (mediaType === undefined) throw new CommandError(`${file} is no JPEG, PNG or WebP image.`);
  if (bytes.length > IMAGE_BYTES_MAX) {
    throw new CommandError(
      `${file} has ${bytes.length} bytes; at most ${IMAGE_BYTES_MAX} can be sent. Scale it down first.`,
    );
  }
  return { bytes, mediaType };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        image: { type: 'string', multiple: true },
        'max-steps': { type: 'string' },
        json: { type: 'boolean' },
        url: { type: 'string' },
        key: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function maxStepsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const steps = Number(text);
  if (!/^\d+$/.test(text) || steps < 1 || steps > STEPS_MAX)
    throw usage(`Expected --max-steps from 1 to ${STEPS_MAX}, got ${text}.`);
  return steps;
}

function serverOf(url: string | undefined, key: string | undefined): AskOptions['server'] {
  if (url === undefined && key === undefined) return undefined;
  if (url === undefined || key === undefined)
    throw usage('--url and --key belong together: npm start prints both.');
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw usage(`Expected --url such as http://127.0.0.1:8787, got ${url}`);
  return { url, key };
}

function usage(message: string): CommandError {
  return new CommandError(`${message}\n\n${USAGE}`, 2);
}
