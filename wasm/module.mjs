// A WebAssembly module's life: started once, called, and given up when its memory ran out.
import { FidelogError } from "./error.mjs";

/** `starter` makes an `init` that takes the module from `load()` unless its caller gives one; `call` calls into it. */
export function lifeOf(start) {
  let ready = false;
  let starting;

  const starter = (load) => (source) =>
    (starting ??= (async () => {
      try {
        await start({ module_or_path: await (source ?? load()) });
        ready = true;
      } catch (error) {
        starting = undefined;
        throw error;
      }
    })());

  function call(work) {
    if (!ready) fail("await init() before the first call", 0);
    try {
      return work();
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      // The instance is in no state to go on from.
      ready = false;
      throw new FidelogError("the module ran out of memory; reload the page or start a new worker", "limit", "container", 0);
    }
  }

  return { starter, call };
}

export function fail(detail, offset) {
  throw new FidelogError(detail, "malformed", "container", offset);
}

/** Bytes of any kind as an array of them. */
export function viewOf(bytes) {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return undefined;
}
