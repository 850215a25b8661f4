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

const KINDS = { checksum: "damaged (checksum)", limit: "over the limit", schema: "invalid schema" };

/** What the module throws. */
export function moduleError(detail, kind, stage, offset) {
  return new FidelogError(`${KINDS[kind] ?? kind}: ${stage} at byte ${offset}: ${detail}`, kind, stage, offset);
}
