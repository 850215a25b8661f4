/** What every function of this package throws: what went wrong, which stage noticed, and at which byte. */
export class FidelogError extends Error {
  constructor(message, kind, stage, offset) {
    super(message);
    this.name = "FidelogError";
    this.kind = kind;
    this.stage = stage;
    this.offset = offset;
  }
}
