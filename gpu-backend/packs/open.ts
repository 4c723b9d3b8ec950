/**
 * Opens the model of one role. A pack that is refused takes its role away and nothing else: the process
 * goes on, the log says what is wrong with which file, and the report which code it has.
 */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { type Manifest, type Pack, type PackRole, readManifest } from './manifest.ts';
import { PackError, type PackErrorCode } from './pack-error.ts';
import { choosePack, type PackSettings } from './settings.ts';
import { type VerifiedPack, verifyPack } from './verify.ts';

/** What `/healthz` tells of a role. It holds no paths: the edge shows it to everybody. */
export type PackReport = {
  readonly role: PackRole;
  readonly pack: string;
  readonly state: 'ready' | 'refused';
  readonly code?: PackErrorCode;
  readonly experimental?: string;
};

export type OpenedRole<Model> = {
  readonly model?: Model;
  /** Absent where no pack is chosen. */
  readonly report?: PackReport;
  /** Of every byte that answers; present with the model. */
  readonly digest?: string;
};

export async function openRole<Model>(
  role: PackRole,
  settings: PackSettings,
  open: (pack: VerifiedPack) => Promise<Model>,
  complain: (message: string) => void = console.error,
): Promise<OpenedRole<Model>> {
  let name = settings.roles[role] ?? role;
  try {
    const manifest: Manifest = await readManifest(settings.manifest);
    const pack = choosePack(manifest, role, settings);
    if (!pack) return {};
    name = pack.name;
    const verified = await verifyPack(pack, {
      embedded: dirname(settings.manifest),
      pulled: settings.pulled,
    });
    const { experimental } = pack;
    return {
      model: await open(verified),
      report: { role, pack: name, state: 'ready', ...(experimental ? { experimental } : {}) },
      digest: digestOf(pack),
    };
  } catch (error) {
    // The bytes are the right ones, but whatever reads them says no.
    const code = error instanceof PackError ? error.code : 'model_invalid';
    complain(`The pack ${name} for ${role} is refused: ${code}: ${messageOf(error)}`);
    return { report: { role, pack: name, state: 'refused', code } };
  }
}

function digestOf({ name, adapter, files }: Pack): string {
  return createHash('sha256')
    .update(JSON.stringify([name, adapter, files.map((file) => [file.path, file.sha256])]))
    .digest('hex');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
