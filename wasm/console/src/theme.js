// Dark or light: as the system says until the user does.
import { $ } from "./dom.js";

const KEY = "fidelog.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function apply() {
  const theme = chosen() ?? (system.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  $("theme").setAttribute("aria-pressed", String(theme === "dark"));
}

system.addEventListener("change", apply);
$("theme").addEventListener("click", () => {
  try {
    localStorage.setItem(KEY, document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  } catch {
    return;
  }
  apply();
});
apply();
