/** How each kind of scene may look. Styles marked `heldout` are for the test pictures only. */
import type { SceneKind } from '#training/scenes/scene';
import type { FontRole, Split } from './fonts.ts';
import type { SurfaceRole } from './surfaces.ts';

export type Palette = { readonly paper: string; readonly ink: string; readonly accent: string };

export type Style = {
  readonly name: string;
  readonly split: Split;
  readonly fonts: readonly FontRole[];
  readonly palettes: readonly Palette[];
  /**
   * Where the cells of a row stand: `stretch` the last at the right edge, `even` spread out,
   * `joined` in the middle side by side, `grid` in the columns of a table.
   */
  readonly columns: 'stretch' | 'even' | 'joined' | 'grid';
  /** Chance of dots between the last two cells of a row. */
  readonly leaders?: number;
  readonly rule: 'solid' | 'dashed' | 'dotted' | 'double';
  readonly grid?: 'lines' | 'rows' | 'zebra' | 'header';
  readonly ground?: 'plain' | 'lined' | 'squared';
  readonly frame?: 'none' | 'border' | 'double' | 'wood' | 'band';
  readonly edge?: 'straight' | 'zigzag' | 'rounded';
  /** Line pitch relative to the text size. */
  readonly pitch: readonly [number, number];
  /** Extra width relative to the widest row. */
  readonly spread: readonly [number, number];
  /** Margin in body sizes. */
  readonly margin: readonly [number, number];
  /** Extra space between letters, in em. */
  readonly tracking?: readonly [number, number];
  /** Pale ink patches and fold lines, as on old till paper. */
  readonly worn?: boolean;
  readonly surface: SurfaceRole;
  /** Text height relative to that of a document, in pixels. */
  readonly scale?: readonly [number, number];
};

const paper = (...inks: string[]): Palette[] =>
  ['#fdfdfb', '#f6f3ea', '#fffdf5', '#eef0f2'].flatMap((page) =>
    inks.map((ink) => ({ paper: page, ink, accent: ink })),
  );
const till = paper('#2b2b2e', '#3a3944', '#26262b');
const deskPage = { pitch: [1.3, 1.6], margin: [1.5, 3], surface: 'desk' } as const;

// biome-ignore format: one line a style
const styles: Readonly<Record<SceneKind, readonly Style[]>> = {
  receipt: [
    { name: 'thermal', split: 'train', fonts: ['mono'], palettes: till, columns: 'stretch', rule: 'dashed', edge: 'zigzag', pitch: [1.2, 1.5], spread: [0.02, 0.4], margin: [1, 2], worn: true, surface: 'desk' },
    { name: 'till-narrow', split: 'train', fonts: ['condensed', 'sans'], palettes: till, columns: 'stretch', rule: 'solid', pitch: [1.25, 1.5], spread: [0.1, 0.6], margin: [1.2, 2.5], worn: true, surface: 'desk' },
    { name: 'bill-leaders', split: 'train', fonts: ['serif', 'sans', 'rounded'], palettes: till, columns: 'stretch', leaders: 0.7, rule: 'double', pitch: [1.3, 1.6], spread: [0.2, 0.6], margin: [1.5, 3], surface: 'desk' },
    { name: 'torn-roll', split: 'heldout', fonts: ['mono', 'condensed'], palettes: paper('#30303a', '#343432'), columns: 'stretch', rule: 'dotted', edge: 'zigzag', pitch: [1.25, 1.55], spread: [0.05, 0.5], margin: [1, 2.2], worn: true, surface: 'desk' },
    { name: 'guest-check', split: 'heldout', fonts: ['slab', 'sans'], palettes: [{ paper: '#f2f7ee', ink: '#22303c', accent: '#5b8a68' }], columns: 'stretch', rule: 'solid', frame: 'border', pitch: [1.35, 1.6], spread: [0.15, 0.5], margin: [1.5, 2.5], surface: 'desk' },
  ],
  menu: [
    { name: 'card', split: 'train', fonts: ['serif', 'sans', 'slab'], palettes: paper('#2a2320', '#1d2a33'), columns: 'stretch', leaders: 0.4, rule: 'solid', frame: 'border', pitch: [1.4, 1.9], spread: [0.2, 0.7], margin: [2, 3.5], surface: 'desk' },
    { name: 'slate', split: 'train', fonts: ['hand', 'rounded', 'sans'], palettes: [{ paper: '#23282a', ink: '#f3f1e8', accent: '#e9c46a' }, { paper: '#1e2b26', ink: '#eef2e6', accent: '#f4a261' }], columns: 'stretch', rule: 'dotted', frame: 'wood', pitch: [1.4, 1.8], spread: [0.2, 0.6], margin: [2, 3], surface: 'wall' },
    { name: 'poster', split: 'train', fonts: ['condensed', 'sans'], palettes: [{ paper: '#f7e9d0', ink: '#5a1f1b', accent: '#b23a2e' }, { paper: '#dfeef0', ink: '#12343b', accent: '#2d6a73' }], columns: 'even', rule: 'solid', pitch: [1.4, 1.8], spread: [0.1, 0.4], margin: [2, 4], surface: 'wall' },
    { name: 'bistro', split: 'heldout', fonts: ['serif', 'slab'], palettes: [{ paper: '#fbf7ef', ink: '#3b2a1e', accent: '#7a4b2a' }, { paper: '#f4efe6', ink: '#2f3e34', accent: '#55755f' }], columns: 'stretch', leaders: 0.5, rule: 'double', frame: 'double', pitch: [1.45, 1.9], spread: [0.2, 0.6], margin: [2.5, 4], surface: 'desk' },
    { name: 'counter-panel', split: 'heldout', fonts: ['rounded', 'sans', 'hand'], palettes: [{ paper: '#2b2118', ink: '#fff4df', accent: '#ffc857' }, { paper: '#17324d', ink: '#f4f8fb', accent: '#9bd1e5' }], columns: 'stretch', rule: 'solid', edge: 'rounded', pitch: [1.5, 1.9], spread: [0.2, 0.5], margin: [2, 3], surface: 'wall' },
  ],
  board: [
    { name: 'led', split: 'train', fonts: ['mono'], palettes: [{ paper: '#0c0c0e', ink: '#ffb000', accent: '#ffb000' }, { paper: '#101214', ink: '#7dff9b', accent: '#ffffff' }], columns: 'even', rule: 'solid', edge: 'rounded', pitch: [1.5, 1.9], spread: [0.05, 0.2], margin: [1.5, 2.5], tracking: [0.02, 0.1], surface: 'wall', scale: [1, 1.3] },
    { name: 'chalk', split: 'train', fonts: ['hand', 'rounded'], palettes: [{ paper: '#26352d', ink: '#f4f4ee', accent: '#ffe08a' }, { paper: '#2a2c30', ink: '#efeff4', accent: '#a8d8ff' }], columns: 'even', rule: 'solid', frame: 'wood', pitch: [1.5, 2], spread: [0.05, 0.3], margin: [2, 3], surface: 'wall', scale: [1, 1.3] },
    { name: 'station', split: 'train', fonts: ['sans', 'condensed'], palettes: [{ paper: '#123a7a', ink: '#ffffff', accent: '#ffd400' }, { paper: '#ffffff', ink: '#1b1b1b', accent: '#0b5fa5' }], columns: 'even', rule: 'solid', frame: 'band', grid: 'rows', pitch: [1.6, 2], spread: [0.05, 0.25], margin: [1.5, 2.5], surface: 'wall', scale: [1, 1.3] },
    { name: 'terminal-screen', split: 'heldout', fonts: ['sans', 'condensed', 'mono'], palettes: [{ paper: '#0a1e3c', ink: '#f2f6ff', accent: '#ffcc33' }, { paper: '#161616', ink: '#f5e663', accent: '#ffffff' }], columns: 'even', rule: 'solid', grid: 'zebra', edge: 'rounded', pitch: [1.6, 2], spread: [0.05, 0.2], margin: [1.5, 2.5], surface: 'wall', scale: [1, 1.3] },
    { name: 'painted-board', split: 'heldout', fonts: ['slab', 'hand'], palettes: [{ paper: '#3c2f2f', ink: '#fdf0d5', accent: '#e0a458' }, { paper: '#1f3d36', ink: '#f1efe4', accent: '#d9c27e' }], columns: 'even', rule: 'dashed', frame: 'border', pitch: [1.5, 2], spread: [0.1, 0.3], margin: [2, 3], surface: 'wall', scale: [1, 1.3] },
  ],
  sign: [
    { name: 'enamel', split: 'train', fonts: ['sans', 'condensed'], palettes: [{ paper: '#0b4f9c', ink: '#ffffff', accent: '#ffffff' }, { paper: '#b3201f', ink: '#ffffff', accent: '#ffffff' }, { paper: '#0f6b45', ink: '#ffffff', accent: '#ffffff' }, { paper: '#f7d117', ink: '#1a1a1a', accent: '#1a1a1a' }], columns: 'even', rule: 'solid', frame: 'border', edge: 'rounded', pitch: [1.35, 1.7], spread: [0.02, 0.2], margin: [1.5, 3], surface: 'wall', scale: [1.3, 2.2] },
    { name: 'shop-window', split: 'train', fonts: ['serif', 'slab', 'rounded'], palettes: [{ paper: '#fbfaf6', ink: '#1f2933', accent: '#8a5a44' }, { paper: '#efe6d8', ink: '#3d2c29', accent: '#a44a3f' }], columns: 'stretch', rule: 'solid', frame: 'double', pitch: [1.4, 1.8], spread: [0.1, 0.4], margin: [2, 3], surface: 'wall', scale: [1.1, 1.8] },
    { name: 'hand-made', split: 'train', fonts: ['hand'], palettes: paper('#14213d', '#101010', '#7b1e1e'), columns: 'even', rule: 'solid', pitch: [1.3, 1.7], spread: [0.05, 0.3], margin: [2, 3], surface: 'wall', scale: [1.3, 2] },
    { name: 'street-plate', split: 'heldout', fonts: ['sans', 'condensed', 'rounded'], palettes: [{ paper: '#183a2c', ink: '#f6f4ec', accent: '#f6f4ec' }, { paper: '#5b2333', ink: '#fbeff2', accent: '#fbeff2' }, { paper: '#f5f5f0', ink: '#12304f', accent: '#12304f' }], columns: 'even', rule: 'solid', frame: 'double', edge: 'rounded', pitch: [1.35, 1.7], spread: [0.02, 0.2], margin: [1.5, 3], surface: 'wall', scale: [1.3, 2.2] },
    { name: 'door-card', split: 'heldout', fonts: ['slab', 'serif', 'hand'], palettes: [{ paper: '#fffdf8', ink: '#30323d', accent: '#4d5061' }, { paper: '#ffe8a3', ink: '#2f2504', accent: '#2f2504' }], columns: 'stretch', rule: 'dotted', frame: 'band', pitch: [1.4, 1.8], spread: [0.1, 0.4], margin: [2, 3], surface: 'wall', scale: [1.1, 1.8] },
  ],
  table: [
    { name: 'ruled', split: 'train', fonts: ['sans', 'serif', 'condensed'], palettes: paper('#1b1d22', '#20242c'), columns: 'grid', rule: 'solid', grid: 'lines', spread: [0, 0.2], ...deskPage },
    { name: 'zebra', split: 'train', fonts: ['sans', 'rounded', 'slab'], palettes: [{ paper: '#ffffff', ink: '#1f2937', accent: '#3b82c4' }, { paper: '#fcfcfa', ink: '#26331f', accent: '#5d8a3f' }], columns: 'grid', rule: 'solid', grid: 'zebra', spread: [0, 0.3], ...deskPage },
    { name: 'plain-columns', split: 'train', fonts: ['mono', 'sans'], palettes: paper('#202124'), columns: 'grid', rule: 'dashed', spread: [0.05, 0.4], ...deskPage },
    { name: 'header-bar', split: 'heldout', fonts: ['sans', 'slab', 'condensed'], palettes: [{ paper: '#fdfefe', ink: '#22303c', accent: '#6c3f8f' }, { paper: '#fffefa', ink: '#2c2a26', accent: '#b1642a' }], columns: 'grid', rule: 'solid', grid: 'header', spread: [0, 0.3], ...deskPage },
    { name: 'row-lines', split: 'heldout', fonts: ['serif', 'rounded', 'mono'], palettes: paper('#1f2328', '#2b1d3d'), columns: 'grid', rule: 'double', grid: 'rows', spread: [0.05, 0.4], ...deskPage },
  ],
  equation: [
    { name: 'squared', split: 'train', fonts: ['hand', 'sans'], palettes: [{ paper: '#fdfdfa', ink: '#1c3d8f', accent: '#b8cde0' }, { paper: '#fcfcf7', ink: '#26262a', accent: '#c9d6cf' }], columns: 'joined', rule: 'solid', ground: 'squared', pitch: [1.5, 2.2], spread: [0.2, 1], margin: [2, 4], surface: 'desk', scale: [1.2, 2] },
    { name: 'whiteboard', split: 'train', fonts: ['hand', 'rounded'], palettes: [{ paper: '#f4f6f7', ink: '#1d4ed8', accent: '#999999' }, { paper: '#f7f7f5', ink: '#b91c1c', accent: '#999999' }], columns: 'joined', rule: 'solid', frame: 'border', pitch: [1.5, 2.2], spread: [0.3, 1.2], margin: [2, 5], surface: 'wall', scale: [1.2, 2] },
    { name: 'textbook', split: 'train', fonts: ['serif', 'slab'], palettes: paper('#151515'), columns: 'joined', rule: 'solid', pitch: [1.5, 2.2], spread: [0.2, 1], margin: [2, 4], surface: 'desk', scale: [1.2, 2] },
    { name: 'exercise-card', split: 'heldout', fonts: ['serif', 'sans', 'rounded'], palettes: [{ paper: '#fff7e6', ink: '#26211a', accent: '#d9b36c' }, { paper: '#eef6ff', ink: '#142a43', accent: '#7aa5d2' }], columns: 'joined', rule: 'solid', edge: 'rounded', frame: 'border', pitch: [1.5, 2.2], spread: [0.2, 0.9], margin: [2, 4], surface: 'desk', scale: [1.2, 2] },
    { name: 'exercise-book', split: 'heldout', fonts: ['hand', 'slab'], palettes: [{ paper: '#fbfbf8', ink: '#2b2b52', accent: '#c4d3e6' }], columns: 'joined', rule: 'solid', ground: 'lined', pitch: [1.6, 2.2], spread: [0.3, 1], margin: [2, 4], surface: 'desk', scale: [1.2, 2] },
  ],
  note: [
    { name: 'sticky', split: 'train', fonts: ['hand', 'sans'], palettes: [{ paper: '#fff3a3', ink: '#26241c', accent: '#26241c' }, { paper: '#ffd3e0', ink: '#2e1a22', accent: '#2e1a22' }], columns: 'even', rule: 'solid', pitch: [1.35, 1.7], spread: [0.05, 0.4], margin: [1.5, 3], surface: 'desk' },
    { name: 'lined', split: 'train', fonts: ['hand', 'rounded', 'serif'], palettes: [{ paper: '#fdfdf9', ink: '#1d2b64', accent: '#b9cbe4' }], columns: 'stretch', rule: 'solid', ground: 'lined', pitch: [1.5, 1.8], spread: [0.1, 0.6], margin: [2, 3.5], surface: 'desk' },
    { name: 'letter', split: 'train', fonts: ['serif', 'sans', 'mono'], palettes: paper('#1f1f24'), columns: 'stretch', rule: 'solid', pitch: [1.3, 1.7], spread: [0.05, 0.5], margin: [2, 4], surface: 'desk' },
    { name: 'index-card', split: 'heldout', fonts: ['hand', 'slab', 'mono'], palettes: [{ paper: '#fffef7', ink: '#232a3b', accent: '#d98f8f' }, { paper: '#eaf5e3', ink: '#1f2d1c', accent: '#9cc28a' }], columns: 'stretch', rule: 'solid', ground: 'lined', frame: 'none', edge: 'rounded', pitch: [1.45, 1.8], spread: [0.1, 0.5], margin: [2, 3], surface: 'desk' },
    { name: 'notice', split: 'heldout', fonts: ['sans', 'serif', 'rounded'], palettes: paper('#26262a', '#1b2a41'), columns: 'even', rule: 'solid', frame: 'border', pitch: [1.35, 1.7], spread: [0.05, 0.4], margin: [2, 3.5], surface: 'wall' },
  ],
  blank: [
    { name: 'scenery', split: 'train', fonts: ['sans'], palettes: paper('#808080'), columns: 'even', rule: 'solid', pitch: [1.4, 1.4], spread: [0, 0], margin: [0, 0], surface: 'desk' },
    { name: 'still-life', split: 'heldout', fonts: ['sans'], palettes: paper('#808080'), columns: 'even', rule: 'solid', pitch: [1.4, 1.4], spread: [0, 0], margin: [0, 0], surface: 'desk' },
  ],
};

export const styleTable = styles;

/** The styles of a kind that a split may use; at least one. */
export function stylesFor(kind: SceneKind, split: Split): readonly Style[] {
  return styles[kind].filter((style) => style.split === split);
}
