/** GET /v1/images/{id}: the bytes of an image that the tenant uploaded or a tool made for it. */

import type { Route } from '#edge/route';
import { readImage } from '#edge/storage/images';
import { imageId } from '#shared/api';
import { ApiError } from '#shared/errors';

export const getImage: Route = {
  method: 'GET',
  path: '/v1/images/:id',
  scope: 'images',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const id = imageId.safeParse(c.req.param('id'));
    const found = id.success
      ? await readImage(settings.IMAGES, principal.tenant, id.data, Date.now())
      : undefined;
    if (!found) throw new ApiError('not_found', 'there is no such image, or it has expired');
    const { image, body } = found;
    return c.body(body.body, 200, {
      'content-type': image.public.media_type,
      'content-length': String(image.public.bytes),
      'content-disposition': 'inline',
    });
  },
};
