/** The one place of the backend that reads the environment. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { type PackRole, packRoles } from '#backend/packs/manifest';
import type { PackSettings } from '#backend/packs/settings';
import { IMAGE_STORE_BYTES_MAX } from '#shared/limits';

const environment = z.object({
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
  readonly device: 'cpu' | 'cuda' | 'webgpu';
  /** Threads of one model run, in each of the two child processes. */
  readonly threads: number;
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
    device: values.DEVICE,
    threads: values.THREADS,
  };
}

function rolesOf(text: string | undefined): Partial<Record<PackRole, string>> {
  return Object.fromEntries(
    (text ?? '').split(',').flatMap((pair) => (pair === '' ? [] : [pair.split('=')])),
  );
}
