/** Images: putting them in and getting them back. */
import { ids, uploadedImage } from '../examples.ts';
import { BACKEND_ERRORS, file, json, type Operation } from '../operation.ts';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;

export const imageOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/v1/images',
    operationId: 'uploadImage',
    tag: 'images',
    scope: 'images',
    summary: 'Upload an image',
    description:
      'The body is the file itself. The same bytes get the same id, so a repeated upload does no harm. Scale photos to 2048 pixels on the long side before: more is not seen by the models.',
    body: file(...IMAGE_TYPES),
    replies: {
      201: {
        description: 'The image is stored for a day.',
        content: [json('Image', uploadedImage)],
        headers: ['Location'],
      },
    },
    errors: [
      'body_too_large',
      'unsupported_media_type',
      'image_too_large',
      'image_undecodable',
      ...BACKEND_ERRORS,
    ],
  },
  {
    method: 'GET',
    path: '/v1/images/{id}',
    operationId: 'getImage',
    tag: 'images',
    scope: 'images',
    summary: 'Get the bytes of an image',
    description: 'Of one that you uploaded, or that a tool made in one of your runs.',
    parameters: [
      { in: 'path', name: 'id', description: 'Id of the image.', schema: 'ImageId', example: ids.image },
    ],
    replies: { 200: { description: 'The file.', content: file(...IMAGE_TYPES) } },
    errors: ['not_found'],
  },
];
