/**
 * Image bytes in R2, under `<tenant>/<image id>`. The id is a hash of tenant and content: the same
 * bytes get the same id again, and another tenant's id names nothing here.
 */
import * as z from 'zod';
import type { Image } from '#shared/api';
import type { StoredImage } from '#shared/contract';
import { mediaType } from '#shared/contract';
import { IMAGE_RETENTION_MS } from '#shared/limits';
import { sha256Hex } from './digest.ts';

export type ImageStore = Pick<R2Bucket, 'get' | 'head' | 'put' | 'delete'>;

export type OwnedImage = { readonly public: Image; readonly sha256: string };

const metadata = z.object({
  sha256: z.string(),
  width: z.coerce.number(),
  height: z.coerce.number(),
  media_type: mediaType,
  orientation_applied: z.enum(['true', 'false']),
  expires_at: z.iso.datetime(),
});

export async function imageIdOf(tenant: string, sha256: string): Promise<string> {
  return `img_${await sha256Hex(`${tenant}\n${sha256}`)}`;
}

/** Keeps an image for IMAGE_RETENTION_MS from `now`; storing it again starts that time anew. */
export async function storeImage(
  store: ImageStore,
  tenant: string,
  image: StoredImage & { readonly orientationApplied: boolean },
  bytes: Uint8Array,
  now: number,
): Promise<OwnedImage> {
  const id = await imageIdOf(tenant, image.sha256);
  const expiresAt = new Date(now + IMAGE_RETENTION_MS).toISOString();
  await store.put(`${tenant}/${id}`, bytes, {
    customMetadata: {
      sha256: image.sha256,
      width: String(image.width),
      height: String(image.height),
      media_type: image.media_type,
      orientation_applied: String(image.orientationApplied),
      expires_at: expiresAt,
    },
  });
  return {
    sha256: image.sha256,
    public: {
      id,
      object: 'image',
      media_type: image.media_type,
      width: image.width,
      height: image.height,
      bytes: bytes.byteLength,
      orientation_applied: image.orientationApplied,
      expires_at: expiresAt,
    },
  };
}

/** The image of that id if this tenant has it and it has not expired. */
export async function findImage(
  store: ImageStore,
  tenant: string,
  id: string,
  now: number,
): Promise<OwnedImage | undefined> {
  const object = await store.head(`${tenant}/${id}`);
  return object ? ownedImage(object, id, now) : undefined;
}

export async function readImage(
  store: ImageStore,
  tenant: string,
  id: string,
  now: number,
): Promise<{ image: OwnedImage; body: R2ObjectBody } | undefined> {
  const body = await store.get(`${tenant}/${id}`);
  const image = body ? ownedImage(body, id, now) : undefined;
  return body && image ? { image, body } : undefined;
}

/** Deletes images of a tenant; those that are not there are no error. */
export async function dropImages(store: ImageStore, tenant: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await store.delete(ids.map((id) => `${tenant}/${id}`));
}

function ownedImage(object: R2Object, id: string, now: number): OwnedImage | undefined {
  const { sha256, expires_at, orientation_applied, ...shape } = metadata.parse(object.customMetadata);
  if (Date.parse(expires_at) <= now) return undefined;
  return {
    sha256,
    public: {
      id,
      object: 'image',
      ...shape,
      bytes: object.size,
      orientation_applied: orientation_applied === 'true',
      expires_at,
    },
  };
}
