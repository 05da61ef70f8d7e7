/** What the codes of a task list are called, and which of its tasks and triggers stand on the first screen. */

const MOST_TILES = 24;
const MOST_TRIGGERS = 8;

/** What stands on a button. */
export const short = (one) => one.short || one.label;

/** @param {any} pad as from GET /api/v1/clinics/{slug}/pad */
export function names(pad) {
  const byCode = (list) => new Map((list ?? []).map((one) => [one.code, one]));
  const [tasks, triggers, counters] = [byCode(pad.tasks), byCode(pad.triggers), byCode(pad.counters)];
  const categories = new Map(pad.categories.map((category, n) => [category.code, { ...category, n }]));
  const label = (map, code) => map.get(code)?.label ?? code;
  return {
    pad,
    task: (code) => label(tasks, code),
    short: (code) => (tasks.has(code) ? short(tasks.get(code)).replace('\n', ' ') : code),
    trigger: (code) => label(triggers, code),
    counter: (code) => label(counters, code),
    category: (code) => categories.get(code) ?? { label: code, n: 5 },
    firstTasks: firsts(pad.tasks, MOST_TILES),
    firstTriggers: firsts(pad.triggers, MOST_TRIGGERS),
  };
}

/** What is marked first, in the list's order; one place stays free for the button that opens all. */
function firsts(list, most) {
  const marked = list.filter((one) => one.first);
  return marked.slice(0, marked.length < list.length ? most - 1 : most);
}
