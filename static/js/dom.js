/** The few things that every widget does with the page. Elements are found by `data-` attributes. */

/** By `name` as in `data-name` or `data-name="value"`. @returns {any} */
export function find(name, within = document) {
  return within.querySelector(`[data-${name}]`);
}

export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...inside);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A symbol of icons.svg. */
export function icon(name, kind = 'icon') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', kind);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Sets a property only where it differs: what is set anew, if to the same, is reckoned and laid out anew. */
export function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

export const write = (element, text) => set(element, 'textContent', text);
export const hide = (element, away) => set(element, 'hidden', away);

/** Shows one of the page's views and hides the others. */
export function show(name) {
  for (const view of document.querySelectorAll('[data-view]')) view.hidden = view.dataset.view !== name;
}

/** Sheets close by their buttons, by Escape and by a tap beside them. */
export function readySheets() {
  for (const sheet of document.querySelectorAll('dialog')) {
    sheet.addEventListener('click', (event) => {
      if (event.target === sheet || event.target.closest('[data-close]')) sheet.close();
    });
  }
}
