/* The summary: a mark of a drawing that is touched tells its figures, which its title holds for mouse and reader. */

const tip = document.createElement('p');
tip.className = 'tip';

addEventListener('click', ({ target }) => {
  const mark = target.closest('figure .chart g');
  const said = mark?.querySelector('title')?.textContent;
  const again = said === tip.textContent && tip.isConnected;
  tip.remove();
  if (!said || again) return;
  const figure = mark.closest('figure');
  const [outer, inner] = [figure, mark].map((one) => one.getBoundingClientRect());
  tip.textContent = said;
  figure.append(tip);
  const left = inner.left + inner.width / 2 - outer.left - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(0, Math.min(left, outer.width - tip.offsetWidth))}px`;
  tip.style.top = `${Math.max(0, inner.top - outer.top - tip.offsetHeight - 6)}px`;
});

/* Other filters bring other figures, but leave open what was open. */
let opened = [];
addEventListener('htmx:before:swap', () => {
  opened = [...document.querySelectorAll('.fold[open]')].map(({ id }) => id);
});
addEventListener('htmx:after:swap', () => {
  for (const fold of document.querySelectorAll('.fold')) fold.open ||= opened.includes(fold.id);
});

/* On paper folds stand open; a browser that cannot be told so in CSS is told here. */
if (!CSS.supports('selector(::details-content)')) {
  addEventListener('beforeprint', () => document.querySelectorAll('.fold').forEach((fold) => { fold.open = true; }));
}
