/** The one place of the backend that reads the environment. */
import { resolve } from 'node:path';
import * as z from 'zod';
import type { LanguageEndpoint } from '#backend/language/hosted';
import { type PackRole, packRoles } from '#backend/packs/manifest';
import type { PackSettings } from '#backend/packs/settings';
import { IMAGE_STORE_BYTES_MAX } from '#shared/limits';

const environment = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(8788).describe('0 takes a free port'),
    HOST: z.string().min(1).default('127.0.0.1'),
    BACKEND_SECRET: z.string().min(16, 'at least 16 characters, the same as at the edge'),
    IMAGE_DIR: z.string().min(1).default('.state/backend/images'),
    IMAGE_STORE_BYTES: z.coerce.number().int().positive().default(IMAGE_STORE_BYTES_MAX),
    MODEL_DIR: z.string().min(1).optional(),
    PACKS: z
      .string()
      .regex(
        new RegExp(`^(${packRoles.join('|')})=[a-z0-9.-]+(,(${packRoles.join('|')})=[a-z0-9.-]+)*$`),
        `expected role=pack, with commas between; roles are ${packRoles.join(', ')}`,
      )
      .optional(),
    PACKS_FILE: z.string().min(1).default('models/packs.json'),
    PACKS_DIR: z.string().min(1).default('models/packs'),
    DEVICE: z.enum(['cpu', 'cuda', 'webgpu']).default('cpu'),
    THREADS: z.coerce.number().int().min(1).max(256).default(2),
    MODEL_NICENESS: z.coerce.number().int().min(0).max(19).default(5),
    LANGUAGE_URL: z
      .url({
        protocol: /^https?$/,
        error: 'expected the base URL of an OpenAI-compatible API, such as https://api.example/v1',
      })
      .refine(
        isBare,
        'expected a URL without user name, password, query and fragment; a key goes into LANGUAGE_KEY',
      )
      .optional(),
    LANGUAGE_MODEL: z.string().min(1).max(200).optional(),
    LANGUAGE_KEY: z
      .string()
      .regex(/^[!-~]{1,4096}$/, 'expected the key alone: printable ASCII without white space')
      .optional(),
  })
  .refine(({ LANGUAGE_URL: url, LANGUAGE_MODEL: model }) => (url === undefined) === (model === undefined), {
    path: ['LANGUAGE_MODEL'],
    error: 'LANGUAGE_URL and LANGUAGE_MODEL belong together: set both, or none',
  })
  .refine(({ LANGUAGE_URL: url, LANGUAGE_KEY: key }) => key === undefined || url !== undefined, {
    path: ['LANGUAGE_KEY'],
    error: 'expected LANGUAGE_URL, which the key is for',
  });

export type Config = {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly imageFolder: string;
  readonly imageStoreBytes: number;
  readonly modelFolder: string;
  readonly packs: PackSettings;
  /** Set by MODEL_DIR: a checkpoint of the operator's own, which no manifest vouches for. */
  readonly plannerFolder: string | undefined;
  /** The model that QueryLanguageModel asks; absent where the operator names none. */
  readonly language: LanguageEndpoint | undefined;
  readonly device: 'cpu' | 'cuda' | 'webgpu';
  /** Threads of one model run, in each of the two child processes. */
  readonly threads: number;
  /** How much less important the two are to the system's scheduler than the HTTP process. */
  readonly modelNiceness: number;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Throws ConfigError, whose message names each variable that is wrong and what was expected. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(`The environment of the backend is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  const values = parsed.data;
  return {
    host: values.HOST,
    port: values.PORT,
    secret: values.BACKEND_SECRET,
    imageFolder: resolve(values.IMAGE_DIR),
    imageStoreBytes: values.IMAGE_STORE_BYTES,
    modelFolder: resolve(values.MODEL_DIR ?? 'models/nano'),
    packs: {
      manifest: resolve(values.PACKS_FILE),
      pulled: resolve(values.PACKS_DIR),
      roles: rolesOf(values.PACKS),
    },
    plannerFolder: values.MODEL_DIR === undefined ? undefined : resolve(values.MODEL_DIR, 'planner'),
    language: languageOf(values),
    device: values.DEVICE,
    threads: values.THREADS,
    modelNiceness: values.MODEL_NICENESS,
  };
}

function isBare(text: string): boolean {
  const url = URL.parse(text);
  return !!url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function languageOf(values: z.output<typeof environment>): LanguageEndpoint | undefined {
  const { LANGUAGE_URL: url, LANGUAGE_MODEL: model, LANGUAGE_KEY: key } = values;
  if (url === undefined || model === undefined) return undefined;
  return { url: url.replace(/\/+$/, ''), model, ...(key === undefined ? {} : { key }) };
}

function rolesOf(text: string | undefined): Partial<Record<PackRole, string>> {
  return Object.fromEntries(
    (text ?? '').split(',').flatMap((pair) => (pair === '' ? [] : [pair.split('=')])),
  );
}
