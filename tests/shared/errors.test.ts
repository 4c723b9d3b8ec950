import { expect, test } from 'vitest';
import { ApiError, errorTable, problemOf } from '#shared/errors';

test.each(Object.entries(errorTable))('%s has a status of its kind and a title', (_code, row) => {
  expect(row.status >= 500).toBe(row.type === 'api_error');
  expect(row.status).toBeGreaterThanOrEqual(400);
  expect(row.title).not.toBe('');
});

test('a problem says what was wrong in both dialects and cannot be overwritten by its extras', () => {
  const error = new ApiError('images_missing', 'put these first', {
    errors: [{ path: '/images/0', message: 'not stored' }],
    extra: { missing: ['ab'], status: 200, code: 'fine' },
    cause: new Error('secret'),
  });
  const problem = problemOf(error, 'req-1');
  expect(problem).toEqual({
    missing: ['ab'],
    type: 'urn:taco-edge:error:images_missing',
    title: 'Images must be stored first',
    status: 409,
    detail: 'put these first',
    code: 'images_missing',
    request_id: 'req-1',
    errors: [{ path: '/images/0', message: 'not stored' }],
    error: {
      message: 'put these first',
      type: 'invalid_request_error',
      param: '/images/0',
      code: 'images_missing',
    },
  });
  expect(JSON.stringify(problem)).not.toContain('secret');
});
