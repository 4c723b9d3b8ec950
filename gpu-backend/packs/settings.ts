/** Which pack fills which role: by configuration, else the one that this repository holds. */
import { fileURLToPath } from 'node:url';
import { type Manifest, type Pack, type PackRole, packNamed } from './manifest.ts';
import { PackError } from './pack-error.ts';

export type PackSettings = {
  /** The manifest; embedded packs lie in its folder. */
  readonly manifest: string;
  /** Where pulled packs lie. */
  readonly pulled: string;
  /** `none` leaves a role empty. A role that is not named takes the pack that the repository holds. */
  readonly roles: Readonly<Partial<Record<PackRole, string>>>;
};

export const NO_PACK = 'none';

/** Those of this checkout. */
export function defaultPackSettings(): PackSettings {
  const inModels = (name: string): string => fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
  return { manifest: inModels('packs.json'), pulled: inModels('packs'), roles: {} };
}

/** Undefined where nothing fills the role. Throws PackError: pack_unknown, role_mismatch. */
export function choosePack(
  manifest: Manifest,
  role: PackRole,
  { roles }: Pick<PackSettings, 'roles'>,
): Pack | undefined {
  const wish = roles[role];
  if (wish === NO_PACK) return undefined;
  if (wish === undefined)
    return manifest.packs.find((pack) => pack.role === role && pack.source.kind !== 'hub');
  const pack = packNamed(manifest, wish);
  if (pack.role !== role)
    throw new PackError('role_mismatch', `The pack ${wish} is for the role ${pack.role}, not for ${role}.`);
  return pack;
}
