/** Which adapter reads which pack, role by role. What is not in these tables is not opened. */
import type { Device } from '#backend/engine/runtime';
import type { OcrModelFiles } from '#backend/tools/ocr/models';
import type { Roles } from '#backend/tools/roles';
import type { PackRole } from './manifest.ts';
import { openRole, type PackReport } from './open.ts';
import { PackError } from './pack-error.ts';
import { defaultPackSettings, type PackSettings } from './settings.ts';
import type { VerifiedPack } from './verify.ts';

export type AdapterOptions = { readonly device: Device; readonly threads: number };

type Adapters<Model> = ReadonlyMap<string, (pack: VerifiedPack, options: AdapterOptions) => Promise<Model>>;

/** `llava` is opened by the planner's process. */
export const plannerAdapters: readonly string[] = ['llava'];

const ppocr = async ({ file }: VerifiedPack): Promise<OcrModelFiles> => ({
  detection: file('detection.onnx'),
  recognition: file('recognition.onnx'),
  dictionary: file('dictionary.txt'),
  halfTurn: file('half-turn.onnx'),
});

const ocrAdapters: Adapters<OcrModelFiles> = new Map([['ppocr', ppocr]]);

type VisionRole = keyof Roles & PackRole;

const adapters: { readonly [Role in VisionRole]: Adapters<NonNullable<Roles[Role]>> } = {
  depth: new Map(),
  objects: new Map(),
  tags: new Map(),
  similarity: new Map(),
  faces: new Map(),
};

export type VisionModels = {
  readonly roles: Roles;
  readonly ocr?: OcrModelFiles;
  readonly reports: readonly PackReport[];
};

/** Opens what fills the roles of the vision process. Never rejects for what is wrong with a pack. */
export async function openVisionModels(
  options: AdapterOptions & { readonly packs?: PackSettings },
): Promise<VisionModels> {
  const settings = options.packs ?? defaultPackSettings();
  const reports: PackReport[] = [];
  const open = async <Model>(role: PackRole, table: Adapters<Model>): Promise<Model | undefined> => {
    const opened = await openRole(role, settings, (pack) => adapterOf(table, pack)(pack, options));
    if (opened.report) reports.push(opened.report);
    return opened.model;
  };
  const ocr = await open('ocr', ocrAdapters);
  const roles: Record<string, unknown> = {};
  for (const role of Object.keys(adapters) as VisionRole[]) {
    const model = await open(role, adapters[role] as Adapters<unknown>);
    if (model !== undefined) roles[role] = model;
  }
  // The table above gives each role a model of its own type.
  return { roles: roles as Roles, reports, ...(ocr ? { ocr } : {}) };
}

function adapterOf<Model>(table: Adapters<Model>, { pack }: VerifiedPack) {
  const adapter = table.get(pack.adapter);
  if (adapter) return adapter;
  throw new PackError(
    'adapter_unknown',
    `The pack ${pack.name} wants the adapter ${pack.adapter}; the role ${pack.role} has ${[...table.keys()].join(', ') || 'none'}.`,
  );
}
