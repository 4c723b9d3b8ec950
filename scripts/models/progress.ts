/** How far a pull is: one line that is written over on a terminal, a line for every tenth elsewhere. */

export type ProgressLine = {
  show(name: string, bytes: number, total: number): void;
  end(): void;
};

const REDRAW_MS = 100;

export function progressLine(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  now: () => number,
): ProgressLine {
  let name = '';
  let tenth = -1;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    show: (file, bytes, total) => {
      const isNew = file !== name;
      const share = Math.floor((10 * bytes) / total);
      const due = stream.isTTY
        ? bytes === total || now() - drawnAt >= REDRAW_MS
        : share !== tenth && bytes > 0;
      if (!isNew && !due) return;
      if (isNew && stream.isTTY && name !== '') stream.write('\n');
      [name, tenth, drawnAt] = [file, isNew ? 0 : share, now()];
      const text = `${file}  ${megabytes(bytes)} of ${megabytes(total)} MB  ${Math.floor((100 * bytes) / total)} %`;
      stream.write(stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    },
    end: () => {
      if (stream.isTTY && name !== '') stream.write('\n');
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
