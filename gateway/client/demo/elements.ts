/** The page's elements, typed: those the document has, and new ones. Text is always set as text, never as markup. */

/** The element of the document with this id. Throws when the document and its script do not belong together. */
export function byId<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the document has no ${type.name} #${id}`);
  return found;
}

/** A new element with a class and a text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** A whole number for reading: thousands stand apart, tens of thousands are rounded. */
export function spaced(value: number): string {
  if (value >= 9999.5) return `${(value / 1000).toFixed(1)}\u2009k`;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** Milliseconds for reading: a decimal only where it says something. */
export function inMs(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
