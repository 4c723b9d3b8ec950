/** What stands in a picture, before any pixel: rows of cells, and the facts that questions ask for. */
export type Cell = {
  readonly text: string;
  readonly align: 'left' | 'center' | 'right';
  readonly bold?: boolean;
  /** Relative to the body text, 0.6..3. */
  readonly size?: number;
};

/** One visual row; cells stand left to right; in a table every row has the same number of cells. */
export type Row = {
  readonly cells: readonly Cell[];
  readonly rule?: 'above' | 'below';
  /** Empty body lines before this row. */
  readonly gap?: number;
};

export type SceneKind = 'receipt' | 'menu' | 'board' | 'sign' | 'table' | 'equation' | 'note' | 'blank';
export type Scene = { readonly kind: SceneKind; readonly rows: readonly Row[] };

/** A priced line. Money is in hundredths of the currency. */
export type Item = {
  readonly name: string;
  readonly cents: number;
  readonly count?: number;
  readonly unit?: string;
};

export type Facts =
  | {
      readonly type: 'purchase';
      readonly shop: string;
      readonly items: readonly Item[];
      /** 2: prices are printed as 4.50; 0: as whole numbers. */
      readonly decimals: 0 | 2;
      readonly subtotal?: number;
      readonly tax?: number;
      readonly total?: number;
      readonly fields: readonly Field[];
    }
  | { readonly type: 'sign'; readonly fields: readonly Field[]; readonly hours: readonly Hours[] }
  | {
      readonly type: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly { readonly name: string; readonly values: readonly string[] }[];
      /** Whether the values are numbers that can be added and compared. */
      readonly numeric: boolean;
    }
  /** `rows` are the printed equations or the one printed sum; a sum has no unknown. */
  | { readonly type: 'equation'; readonly rows: readonly string[]; readonly unknown?: string }
  | { readonly type: 'blank' };

/** A labelled fact such as platform 7; `subject` is what wordings are chosen by. */
export type Field = { readonly subject: Subject; readonly value: string };
export type Subject =
  | 'shop'
  | 'date'
  | 'time'
  | 'phone'
  | 'platform'
  | 'gate'
  | 'room'
  | 'message'
  | 'order'
  | 'address'
  | 'password'
  | 'speed'
  | 'name'
  | 'website'
  | 'seat'
  | 'flight'
  | 'floor'
  | 'bus'
  | 'table';
/** Times of one printed row, which may stand for several days; closed days have none. */
export type Hours = {
  readonly days: readonly string[];
  readonly label: string;
  readonly open?: string;
  readonly close?: string;
};

export type LabelledScene = { readonly scene: Scene; readonly facts: Facts };

/** The text that a perfect OCR reads. */
export function idealText(scene: Scene): string {
  return scene.rows.map((row) => row.cells.map((cell) => cell.text).join(' ')).join('\n');
}

export const left = (text: string): Cell => ({ text, align: 'left' });
export const center = (text: string, size = 1): Cell => ({ text, align: 'center', size });
export const right = (text: string): Cell => ({ text, align: 'right' });
