// Everything that comes from a statement, a tactic or a message reaches the page as a text node, never as HTML.
export function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "style") made.style.cssText = value; // as an attribute a content security policy forbids it
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const count = new Intl.NumberFormat("en");

export function plural(number, one, many) {
  return `${count.format(number)} ${number === 1 ? one : many}`;
}

export function seconds(value) {
  if (value >= 7200) return `${(value / 3600).toFixed(1)} h`;
  if (value >= 600) return `${(value / 60).toFixed(0)} min`;
  if (value >= 100) return `${value.toFixed(0)} s`;
  if (value >= 1) return `${value.toFixed(1)} s`;
  return value >= 0.0005 ? `${(value * 1000).toFixed(0)} ms` : "< 1 ms";
}

export function toggleTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  document.dispatchEvent(new Event("theme"));
}
