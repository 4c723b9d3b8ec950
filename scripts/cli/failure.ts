/** A failure that the user can mend: its message is all that is shown. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 1: the work failed; 2: the command was not written right. */
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
