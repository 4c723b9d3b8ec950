/** A downscale hook for browsers. React Native and Node have libraries of their own for this. */
import type { Bytes } from './client.ts';

const JPEG_QUALITY = 0.85;

/** Scales photos whose long side is longer than `sideMax` pixels, upright, to JPEG. Others stay as they are. */
export function downscaleInBrowser(sideMax = 2048): (photo: Bytes) => Promise<Bytes> {
  return async (photo) => {
    const blob = photo instanceof Blob ? photo : new Blob([photo as BlobPart]);
    const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
    try {
      const scale = sideMax / Math.max(bitmap.width, bitmap.height);
      if (scale >= 1) return photo;
      const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return await canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
    } finally {
      bitmap.close();
    }
  };
}
