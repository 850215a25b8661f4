// Payloads from the clipboard or a file, decoded here: nothing of them is sent.
import { $ } from "./dom.js";

/** `open(payload, name)` shows a payload or throws. */
export function accept(open) {
  const problem = $("payload-problem");
  const attempt = async (payload, name) => {
    problem.hidden = true;
    try {
      await open(payload, name);
      $("payload").close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      if (!$("payload").open) $("payload").showModal();
    }
  };
  const file = async (file) => file && attempt(new Uint8Array(await file.arrayBuffer()), file.name);

  $("open-payload").addEventListener("click", () => $("payload").showModal());
  // Copied text often comes with line ends, and in the URL alphabet.
  const cleaned = () => $("payload-text").value.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
  $("payload-decode").addEventListener("click", () => attempt(cleaned(), "pasted payload"));
  $("payload-file").addEventListener("change", ({ target }) => file(target.files[0]).then(() => (target.value = "")));

  let depth = 0;
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  const hint = (change) => ($("drop-hint").hidden = (depth = change ? Math.max(depth + change, 0) : 0) === 0);
  addEventListener("dragenter", (event) => isFile(event) && hint(1));
  addEventListener("dragleave", (event) => isFile(event) && hint(-1));
  addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    hint(0);
    file(event.dataTransfer.files[0]);
  });
}
