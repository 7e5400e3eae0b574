// A table that sorts, turns pages and becomes a CSV file.
// Columns: { name, value(row) for sorting and CSV, show(row) for people, kind: 'number' | 'when' | 'wide', order for the server }.
import { el, notice } from '../page/element.js';
import { csvOf, download } from './csv.js';
import { nothing } from './shown.js';

const ROWS = 25, MOST = 5000;
let made = 0;

// Rows that are here already: sorted in the browser.
export function table(name, columns, rows, { empty = 'Nothing here.', csv = true } = {}) {
  const box = el('div');
  let sorted = null, down = false;
  const draw = () => {
    const shown = sorted == null ? rows : [...rows].sort((a, b) => (down ? -1 : 1) * compare(columns[sorted].value(a), columns[sorted].value(b)));
    const sort = (index) => { down = sorted === index ? !down : false; sorted = index; draw(); box.querySelectorAll('thead th')[index].querySelector('button')?.focus(); };
    box.replaceChildren(rows.length ? drawn(name, columns, shown, { sorted, down, sort }) : nothing(empty),
      rows.length && csv ? el('p', { class: 'pager' }, csvButton(name, columns, async () => shown)) : '');
  };
  draw();
  return box;
}

// Rows that the server pages: `load({ first, after, sort })` answers a connection. Sorting is the server's (columns with `order`).
export function paged(name, columns, load, { empty = 'Nothing here.', order = null } = {}) {
  const box = el('div', { 'aria-live': 'off' });
  let before = [], after = null, sort = order;
  const turn = async (focus) => {
    box.setAttribute('aria-busy', 'true');
    try {
      const page = await load({ first: ROWS, after, sort });
      const rows = page.edges.map((edge) => edge.node), seen = before.length * ROWS;
      const at = columns.findIndex((column) => column.order && [column.order].flat().includes(sort));
      const by = (index) => {
        const ways = [columns[index].order].flat();
        sort = ways[(ways.indexOf(sort) + 1) % ways.length];
        before = []; after = null;
        turn(() => box.querySelectorAll('thead th')[index].querySelector('button').focus());
      };
      const down = at >= 0 && [columns[at].order].flat().indexOf(sort) === 0;
      const previous = el('button', { class: 'quiet', disabled: !before.length, onclick: () => { after = before.pop(); turn(); } }, 'Previous');
      const next = el('button', { class: 'quiet', disabled: !page.pageInfo.hasNextPage,
        onclick: () => { before.push(after); after = page.pageInfo.endCursor; turn(); } }, 'Next');
      const places = rows.length ? `${seen + 1} to ${seen + rows.length}${page.totalCount == null ? '' : ` of ${page.totalCount}`}` : '';
      box.replaceChildren(rows.length || before.length ? drawn(name, columns, rows, { sorted: at, down, sort: by, serverSorted: true }) : nothing(empty),
        rows.length || before.length ? el('p', { class: 'pager' }, previous, next, el('span', { role: 'status' }, places), csvButton(name, columns, () => all(load, sort))) : '');
      focus?.();
    } catch (error) {
      box.replaceChildren(el('div', { class: 'failed-box', role: 'alert' }, el('p', {}, error.message), el('button', { class: 'quiet', onclick: () => turn() }, 'Try again')));
    }
    box.removeAttribute('aria-busy');
  };
  box.again = (start = true) => { if (start) { before = []; after = null; } return turn(); };
  box.ready = turn();
  return box;
}

async function all(load, sort) {
  const rows = [];
  for (let after = null; rows.length < MOST;) {
    const page = await load({ first: 100, after, sort });
    rows.push(...page.edges.map((edge) => edge.node));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  return rows;
}

function csvButton(name, columns, rows) {
  const kept = columns.filter((column) => column.value);
  const button = el('button', { class: 'quiet', onclick: async () => {
    button.disabled = true;
    try { download(name.toLowerCase().replaceAll(' ', '-'), csvOf(kept.map((c) => c.name), (await rows()).map((row) => kept.map((c) => c.value(row))))); } catch (error) { notice(error.message); }
    button.disabled = false;
  } }, 'Download CSV');
  return button;
}

function drawn(name, columns, rows, { sorted, down, sort, serverSorted = false }) {
  const id = `t${made += 1}`;
  const head = columns.map((column, index) => {
    const can = serverSorted ? column.order : column.value && sort;
    const now = index === sorted;
    const order = can && now ? (down ? 'descending' : 'ascending') : null;
    return el('th', { scope: 'col', class: column.kind === 'number' ? 'number' : null, 'aria-sort': order },
      can ? el('button', { type: 'button', onclick: () => sort(index) }, column.name, now ? el('span', { 'aria-hidden': 'true' }, down ? ' ▾' : ' ▴') : '')
        : column.hidden ? el('span', { class: 'hear' }, column.name) : column.name);
  });
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': id },
    el('table', {}, el('caption', { id }, name), el('thead', {}, el('tr', {}, head)),
      el('tbody', {}, rows.map((row) => el('tr', {}, columns.map((column, index) => {
        const shown = column.show ? column.show(row) : column.value(row) ?? '–';
        return el(index ? 'td' : 'th', { class: column.kind, scope: index ? null : 'row' }, ...[shown].flat());
      }))))));
}

const compare = (a, b) => (a == null) - (b == null) || (typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '').localeCompare(String(b ?? '')));
