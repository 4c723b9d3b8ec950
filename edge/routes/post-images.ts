/** POST /v1/images: the body is the file itself. The same bytes get the same id, so a retry is free. */

import { readBytes } from '#edge/body';
import { takeImage } from '#edge/images/intake';
import { admitted } from '#edge/limits/index';
import type { Route } from '#edge/route';
import { IMAGE_BYTES_MAX } from '#shared/limits';

export const postImages: Route = {
  method: 'POST',
  path: '/v1/images',
  scope: 'images',
  charges: 'itself',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const { public: image } = await admitted(c, { kind: 'image' }, async () =>
      takeImage(settings, principal.tenant, await readBytes(c, IMAGE_BYTES_MAX), 'body'),
    );
    return c.json(image, 201, { location: `/v1/images/${image.id}` });
  },
};
