/** A command ends with `lines` on standard error and this exit code: 1, the thing asked about is wrong; 2, the usage is. */
export class CommandFailure extends Error {
  readonly lines: readonly string[];
  readonly exitCode: 1 | 2;

  constructor(lines: readonly string[], exitCode: 1 | 2) {
    super(lines.join('\n'));
    this.name = 'CommandFailure';
    this.lines = lines;
    this.exitCode = exitCode;
  }
}
