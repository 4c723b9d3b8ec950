/** POST /v1/images: the body is the file itself. The same bytes get the same id, so a retry is free. */

import { readBytes } from '#edge/body';
import { takeImage } from '#edge/images/intake';
import type { Route } from '#edge/route';
import { IMAGE_BYTES_MAX } from '#shared/limits';

export const postImages: Route = {
  method: 'POST',
  path: '/v1/images',
  scope: 'images',
  handler: async (c) => {
    const bytes = await readBytes(c, IMAGE_BYTES_MAX);
    const { public: image } = await takeImage(c.var.settings, c.var.principal.tenant, bytes, 'body');
    return c.json(image, 201, { location: `/v1/images/${image.id}` });
  },
};
