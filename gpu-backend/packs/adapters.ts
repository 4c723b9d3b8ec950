/** Which adapter reads which pack, role by role. What is not in these tables is not opened. */
import { createHash } from 'node:crypto';
import type { Device } from '#backend/engine/runtime';
import { keptWithImage } from '#backend/images/kept';
import { depthAnything } from '#backend/tools/adapters/depth-anything';
import { openGroundingDino } from '#backend/tools/adapters/grounding-dino';
import { openHaar } from '#backend/tools/adapters/haar';
import { openNanoDepth } from '#backend/tools/adapters/nano-depth';
import { openNanoObjects } from '#backend/tools/adapters/nano-objects';
import { openNanoSimilarity } from '#backend/tools/adapters/nano-similarity';
import { openOwlv2 } from '#backend/tools/adapters/owlv2';
import { openRam } from '#backend/tools/adapters/ram';
import { openScrfd } from '#backend/tools/adapters/scrfd';
import { clip, siglip, twoTowers } from '#backend/tools/adapters/two-towers';
import { openYunet } from '#backend/tools/adapters/yunet';
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

/** Versions 5 and 6 differ in the input of the classifier alone; the space is the last class in all. */
const ppocr5 = async (pack: VerifiedPack): Promise<OcrModelFiles> => ({
  ...(await ppocr(pack)),
  halfTurnInput: { width: 160, height: 80 },
});

const ocrAdapters: Adapters<OcrModelFiles> = new Map([
  ['ppocr', ppocr],
  ['ppocr-v5', ppocr5],
]);

type VisionRole = keyof Roles & PackRole;

const adapters: { readonly [Role in VisionRole]: Adapters<NonNullable<Roles[Role]>> } = {
  depth: new Map([
    ['nano-depth', openNanoDepth],
    ['depth-anything-v2', depthAnything(2)],
    ['depth-anything-3', depthAnything(3)],
  ]),
  objects: new Map([
    ['nano-objects', openNanoObjects],
    ['grounding-dino', openGroundingDino],
    ['owlv2', openOwlv2],
  ]),
  tags: new Map([['ram-plus', openRam]]),
  similarity: new Map([
    ['nano-similarity', openNanoSimilarity],
    ['clip', twoTowers(clip)],
    ['siglip', twoTowers(siglip)],
  ]),
  faces: new Map([
    ['yunet', openYunet],
    ['scrfd', openScrfd],
    ['haar', openHaar],
  ]),
};

export type VisionModels = {
  readonly roles: Roles;
  readonly ocr?: OcrModelFiles;
  readonly reports: readonly PackReport[];
  /** Another text whenever another model, or the same one with other weights, may answer. */
  readonly version: string;
};

/** Opens what fills the roles of the vision process. Never rejects for what is wrong with a pack. */
export async function openVisionModels(
  options: AdapterOptions & { readonly packs?: PackSettings },
): Promise<VisionModels> {
  const settings = options.packs ?? defaultPackSettings();
  const reports: PackReport[] = [];
  const digests: string[] = [];
  const open = async <Model>(role: PackRole, table: Adapters<Model>): Promise<Model | undefined> => {
    const opened = await openRole(role, settings, (pack) => adapterOf(table, pack)(pack, options));
    if (opened.report) reports.push(opened.report);
    if (opened.digest !== undefined) digests.push(opened.digest);
    return opened.model;
  };
  const ocr = await open('ocr', ocrAdapters);
  const roles: Record<string, unknown> = {};
  for (const role of Object.keys(adapters) as VisionRole[]) {
    const model = await open(role, adapters[role] as Adapters<unknown>);
    if (model !== undefined) roles[role] = model;
  }
  // The table above gives each role a model of its own type.
  return {
    roles: keptWithImages(roles as Roles),
    reports,
    version: versionOf(digests),
    ...(ocr ? { ocr } : {}),
  };
}

/** Of objects only an adapter knows what does not depend on the names that are asked for. */
function keptWithImages({ depth, tags, similarity, faces, ...rest }: Roles): Roles {
  return {
    ...rest,
    ...(depth ? { depth: { estimate: keptWithImage(depth.estimate) } } : {}),
    ...(tags ? { tags: { tags: keptWithImage(tags.tags) } } : {}),
    ...(similarity ? { similarity: { ...similarity, image: keptWithImage(similarity.image) } } : {}),
    ...(faces ? { faces: { detect: keptWithImage(faces.detect) } } : {}),
  };
}

function versionOf(digests: readonly string[]): string {
  return createHash('sha256').update(digests.join()).digest('hex').slice(0, 12);
}

function adapterOf<Model>(table: Adapters<Model>, { pack }: VerifiedPack) {
  const adapter = table.get(pack.adapter);
  if (adapter) return adapter;
  throw new PackError(
    'adapter_unknown',
    `The pack ${pack.name} wants the adapter ${pack.adapter}; the role ${pack.role} has ${[...table.keys()].join(', ') || 'none'}.`,
  );
}
