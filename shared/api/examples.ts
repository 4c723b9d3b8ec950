/** Examples of requests and replies. Tests send every request to the real Worker and check every reply. */
import type { Examples, Json } from './operation.ts';

const IMAGE_ID = `img_${'5b1f'.repeat(16)}`;
const RUN_ID = `run_${'0123456789abcdef'.repeat(2)}`;
/** A PNG of 3 x 2 pixels. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

const storedImage = { type: 'image_id', image_id: IMAGE_ID };
const base64Image = { type: 'base64', media_type: 'image/png', data: PNG };

export const ids = { run: RUN_ID, image: IMAGE_ID } as const;
/** Behind the run above, in a list of runs. */
export const CURSOR = 'WzE3OTU0MjI2MDAwMDAsInJ1bl8wMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiJd';

export const runRequests: Examples = {
  uploaded: {
    summary: 'About a photo that was uploaded before',
    value: { question: 'What is the total?', images: [storedImage] },
  },
  inline: {
    summary: 'About an image in the request itself, with few tools and steps',
    value: {
      question: 'What does it say?',
      images: [base64Image],
      tools: ['OCR'],
      max_steps: 4,
      metadata: { ticket: 'A-17' },
    },
  },
  background: {
    summary: 'Answered at once with 202; poll the run or watch its events',
    value: { question: 'What is the total?', images: [storedImage], background: true, cache: 'no-store' },
  },
};

export const runSteps: Json = [
  {
    index: 0,
    thought: 'I read the text first.',
    actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
    observation: { text: 'TOTAL 24.25' },
    ms: 412,
    tool_ms: 655,
    cached: false,
  },
  {
    index: 1,
    thought: 'The total is 24.25.',
    actions: [{ name: 'Terminate', arguments: { answer: '24.25' } }],
    ms: 388,
    cached: false,
  },
];

const started = {
  id: RUN_ID,
  object: 'run',
  question: 'What is the total?',
  images: [IMAGE_ID],
  created_at: '2026-11-23T08:30:00.000Z',
  expires_at: '2026-11-24T08:30:00.000Z',
};

export const runUsage: Json = {
  steps: 2,
  tool_calls: 1,
  input_tokens: 1030,
  cached_tokens: 871,
  output_tokens: 48,
  cost_units: 2,
};

export const nothingUsed: Json = {
  steps: 0,
  tool_calls: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  cost_units: 0,
};

export const finishedRun: Examples = {
  succeeded: {
    summary: 'A run that has its answer',
    value: {
      ...started,
      status: 'succeeded',
      answer: '24.25',
      steps: runSteps,
      usage: runUsage,
      finished_at: '2026-11-23T08:30:01.480Z',
    },
  },
};

export const runPage: Examples = {
  last: {
    summary: 'The last page',
    value: {
      object: 'list',
      data: [
        {
          id: RUN_ID,
          object: 'run',
          status: 'succeeded',
          question: 'What is the total?',
          answer: '24.25',
          usage: runUsage,
          created_at: '2026-11-23T08:30:00.000Z',
          finished_at: '2026-11-23T08:30:01.480Z',
          expires_at: '2026-11-24T08:30:00.000Z',
        },
      ],
    },
  },
};

export const queuedRun: Examples = {
  queued: {
    summary: 'A run that has not begun',
    value: {
      ...started,
      status: 'queued',
      steps: [],
      usage: nothingUsed,
    },
  },
};

export const imageUploads: Examples = {
  base64: { summary: 'A small image as base64', value: base64Image },
};

export const uploadedImage: Examples = {
  photo: {
    summary: 'A photo that was turned upright',
    value: {
      id: IMAGE_ID,
      object: 'image',
      media_type: 'image/jpeg',
      width: 1536,
      height: 2048,
      bytes: 412_803,
      orientation_applied: true,
      expires_at: '2026-11-24T08:30:00.000Z',
    },
  },
};

/** The path of each names the tool: `Calculate` is the example of the parameter. */
export const toolCalls: Examples = {
  calculate: { summary: 'Calculate', value: { arguments: { expression: '2 * 4.50 + 3.20' } } },
};

export const toolResults: Examples = {
  result: { summary: 'A result', value: { observation: { result: 12.2 }, ms: 0.4, cached: false } },
  failed: {
    summary: 'A tool that could not work on its input',
    value: {
      observation: { error: { code: 'division_by_zero', message: 'the divisor of 1 / 0 is 0' } },
      ms: 0.2,
      cached: false,
    },
  },
};

export const healthy: Examples = {
  ok: {
    summary: 'All is well',
    value: {
      status: 'ok',
      keys: 'ok',
      backends: [
        {
          status: 'ok',
          contract: 1,
          device: 'cpu',
          planner: { model: 'nano', version: '1' },
          tools: [{ name: 'OCR', version: '1' }],
        },
      ],
    },
  },
};
