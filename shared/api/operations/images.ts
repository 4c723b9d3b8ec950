/** Images: putting them in and getting them back. */
import { ids, imageUploads, uploadedImage } from '../examples.ts';
import { BACKEND_ERRORS, BODY_ERRORS, file, json, type Operation } from '../operation.ts';

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
      'The body is the file itself; a form with one file and JSON with base64 or a URL are taken too. The same bytes get the same id, so a repeated upload does no harm. Scale photos to 2048 pixels on the long side before: more is not seen by the models. Where and when a photo was taken is not kept.',
    body: [
      ...file(...IMAGE_TYPES),
      { type: 'multipart/form-data', schema: 'form' },
      json('ImageUpload', imageUploads),
    ],
    replies: {
      201: {
        description: 'The image is stored for a day.',
        content: [json('Image', uploadedImage)],
        headers: ['Location'],
      },
    },
    errors: [
      ...BODY_ERRORS,
      'invalid_multipart',
      'image_too_large',
      'image_undecodable',
      'url_not_allowed',
      'url_unreachable',
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
