/** A run as it happens, for people: thought, action, observation, time, answer. */
import type { Run, RunEvent } from '#shared/api';
import type { Observation } from '#shared/conversation';
import type { Action } from '#shared/turn';
import { duration, harmless, type Style, wrap } from './terminal.ts';

export type TraceOptions = {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  print(line: string): void;
  /** Shows what is being written now, in place of what it showed before; '' takes it away. */
  live(text: string): void;
};

const INDENT = '   ';
const OBSERVATION_LINES_MAX = 14;
const VALUE_CHARS_MAX = 400;
const WIDTH_MAX = 110;
/** Fields that are shown by their number only: boxes and scores are for programs. */
const LONG_LIST = 4;

/** Takes the events of one run in order; those that it does not know are ignored. */
export function createTrace(options: TraceOptions): (event: RunEvent) => void {
  const { style, print, live } = options;
  const width = Math.max(40, Math.min(options.width, WIDTH_MAX)) - INDENT.length;
  let preview = '';

  const block = (text: string, mark: string, colour: (line: string) => string): void => {
    for (const line of wrap(harmless(text), width - mark.length))
      print(`${INDENT}${style.dim(mark)}${colour(line)}`);
  };

  return (event) => {
    switch (event.type) {
      case 'step.delta':
        preview = preview.slice(0, event.offset) + event.text;
        live(style.dim(`${INDENT}${harmless(preview).slice(-(width - 1))}`));
        return;
      case 'step.completed': {
        live('');
        preview = '';
        const [first = '', ...rest] = wrap(harmless(event.thought), width);
        print(`${style.bold(String(event.index + 1).padEnd(INDENT.length))}${first}`);
        for (const line of rest) print(`${INDENT}${line}`);
        const [action] = event.actions;
        if (action) print(`${INDENT}${actionLine(action, style, width)}  ${style.dim(duration(event.ms))}`);
        else print(`${INDENT}${style.dim(`no action  ${duration(event.ms)}`)}`);
        return;
      }
      case 'tool.completed': {
        const failed = 'error' in event.observation;
        block(observationText(event.observation), '│ ', failed ? style.bad : (line) => line);
        const image = event.image_id === undefined ? '' : 'a new image  ';
        print(`${INDENT}${style.dim(`└ ${image}${event.cached ? 'cached' : duration(event.ms)}`)}`);
        print('');
        return;
      }
      case 'run.completed':
      case 'run.failed':
      case 'run.canceled':
        live('');
        for (const line of summary(event.run, style, width)) print(line);
        return;
      default:
        return;
    }
  };
}

function actionLine(action: Action, style: Style, width: number): string {
  const values = Object.entries(action.arguments).map(([name, value]) => `${name}: ${short(value, width)}`);
  return `${style.accent(harmless(action.name))}${values.length > 0 ? '  ' : ''}${harmless(values.join('  '))}`;
}

/** What a person wants to see of an observation: text as it stands, lists by their length. */
export function observationText(observation: Observation): string {
  const error = Object(observation['error']) as { code?: unknown; message?: unknown };
  if ('error' in observation) return `${String(error.code)}: ${String(error.message)}`;
  const entries = Object.entries(observation);
  const lines = entries.flatMap(([name, value]): string[] => {
    if (name === 'text' && typeof value === 'string') return value === '' ? ['(no text)'] : value.split('\n');
    if (Array.isArray(value) && value.length > LONG_LIST) return [`${name}: ${value.length}`];
    return [
      entries.length === 1 ? short(value, VALUE_CHARS_MAX) : `${name}: ${short(value, VALUE_CHARS_MAX)}`,
    ];
  });
  if (lines.length <= OBSERVATION_LINES_MAX) return lines.join('\n');
  const shown = lines.slice(0, OBSERVATION_LINES_MAX - 1);
  return [...shown, `… ${lines.length - shown.length} more lines`].join('\n');
}

function short(value: unknown, charsMax: number): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text;
}

function summary(run: Run, style: Style, width: number): string[] {
  const seconds = duration(Date.parse(run.finished_at ?? run.created_at) - Date.parse(run.created_at));
  const { steps, output_tokens: tokens } = run.usage;
  const figures = style.dim(`${steps} ${steps === 1 ? 'step' : 'steps'}, ${tokens} tokens, ${seconds}`);
  if (run.answer !== undefined && run.status === 'succeeded') {
    const [first = '', ...rest] = wrap(harmless(run.answer), width);
    return [
      '',
      `${style.good('answer')}  ${style.bold(first)}`,
      ...rest.map((line) => `        ${line}`),
      `        ${figures}`,
    ];
  }
  const reason = run.error ? `${run.error.code}: ${run.error.message}` : run.status;
  return ['', `${style.bad('no answer')}  ${harmless(reason)}`, `           ${figures}`];
}
