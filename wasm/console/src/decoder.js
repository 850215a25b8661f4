// The page's side of worker.js: every call is a promise.

// The one script address that this page ever makes.
const policy = globalThis.trustedTypes?.createPolicy("fidelog", {
  createScriptURL: (url) => {
    if (url !== "worker.js") throw new TypeError("only the worker is a script");
    return url;
  },
});
const worker = new Worker(policy?.createScriptURL("worker.js") ?? "worker.js", { type: "module" });
const waiting = new Map();
let last = 0;

worker.onmessage = ({ data: { id, value, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  error ? reject(Object.assign(new Error(error.message), error)) : resolve(value);
};

worker.onerror = () => {
  for (const { reject } of waiting.values()) reject(new Error("The decoder did not start; reload the page."));
  waiting.clear();
};

export const decoder = new Proxy({}, {
  get: (_, name) => (...args) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      // Bytes go over as they are: to copy megabytes would keep the page.
      worker.postMessage({ id: last, name, args }, args.filter((arg) => arg instanceof Uint8Array).map((bytes) => bytes.buffer));
    }),
});
