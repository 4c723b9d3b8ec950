/**
 * POST /v1/images: the body is the file itself, a form with the file as its only part that is one, or JSON
 * with base64 or a URL. The same bytes get the same id, so a retry is free.
 */

import { readUpload } from '#edge/images/upload';
import type { Route } from '#edge/route';

export const postImages: Route = {
  method: 'POST',
  path: '/v1/images',
  handler: async (c) => {
    const { public: image } = await readUpload(c);
    return c.json(image, 201, { location: `/v1/images/${image.id}` });
  },
};
