// Takes text out of the page: to the clipboard, or into a file.
import { element } from "../shared/dom.js";

export function copyButton(text, words = "Copy") {
  const said = element("span", { role: "status", class: "said" });
  const button = element("button", {
    type: "button",
    onclick: async () => {
      said.textContent = (await copied(text)) ? "copied" : "select the text and copy it by hand";
      setTimeout(() => { said.textContent = ""; }, 3000);
    },
  }, words);
  return element("span", { class: "copy" }, button, said);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return oldWay(text); // no clipboard without https, except on this machine
  }
}

function oldWay(text) {
  const field = element("textarea", { class: "outside", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

export function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveButton(name, text, words = "Download") {
  return element("button", { type: "button", onclick: () => save(name, text, "text/plain;charset=utf-8") }, words);
}
