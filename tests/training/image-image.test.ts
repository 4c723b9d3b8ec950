/** A copy of a picture finds that picture first, always: the promise of GetImageToImagesSimilarity. */
import { beforeAll, expect, it } from 'vitest';
import { copies, type GalleryPicture, galleryOf, imageImage } from '#training/eval/similarity/image-image';

let gallery: readonly GalleryPicture[];
beforeAll(async () => {
  // Pages are alike, as are the two textures: the harder part of what the evaluation compares.
  const chosen = ['astronaut', 'grass', 'gravel', 'page 0', 'page 1', 'page 2'];
  gallery = (await galleryOf(3)).filter(({ name }) => chosen.includes(name));
});

it.each(Object.entries(copies))('%s', async (name, copy) => {
  expect(gallery.length).toBe(6);
  const [result] = await imageImage(gallery, { [name]: copy });
  expect(result).toMatchObject({ queries: gallery.length, first: gallery.length, wrong: [] });
  expect(result?.margin).toBeGreaterThan(0);
});
