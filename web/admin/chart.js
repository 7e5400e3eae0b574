// A line chart over days with a sentence that says the same, and the figures as a table.
import { el } from '../page/element.js';
import { onLeave } from './frame.js';
import { table } from './table.js';

// The library is installed beside the pages (make web); without it the figures are shown and nothing is drawn.
let library = null;
const uplot = () => (library ??= import('/web/node_modules/uplot/dist/uPlot.esm.js').then((module) => module.default));

const tint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

// `rows` are [{ day: '2026-01-31', … }]; `lines` are [[name of the field, label]]; `show` makes a value readable.
export function chart(title, rows, lines, { show = String } = {}) {
  const sum = summary(rows, lines, show), drawing = el('div', { class: 'drawing', role: 'img', 'aria-label': `${title}. ${sum}` });
  const figure = el('figure', { class: 'chart' }, el('figcaption', {}, el('strong', {}, title), el('span', { class: 'soft' }, sum)), rows.length ? drawing : '',
    el('details', {}, el('summary', {}, 'The figures'), table(title, [{ name: 'Day', value: (row) => row.day }, ...lines.map(([field, label]) => ({ name: label, kind: 'number', value: (row) => row[field], show: (row) => (row[field] == null ? '–' : show(row[field])) }))], rows)));
  if (!rows.length) return figure;
  let plot = null, uPlot = null;
  const draw = () => {
    if (!uPlot) return;
    plot?.destroy();
    const axis = { stroke: tint('--soft'), grid: { stroke: tint('--line'), width: 1 }, ticks: { stroke: tint('--line') } };
    const colours = [tint('--accent'), tint('--text'), tint('--soft'), tint('--warn')];
    plot = new uPlot({ width: Math.max(200, drawing.clientWidth), height: 220, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      series: [{ value: '{YYYY}-{MM}-{DD}' }, ...lines.map(([, label], index) => ({ label, stroke: colours[index % 4], width: 2, dash: DASHES[index % 4], value: (_, value) => (value == null ? '–' : show(value)) }))],
      axes: [axis, { ...axis, size: 70, values: (_, values) => values.map((value) => show(value)) }], scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] } },
    }, [rows.map((row) => Date.parse(`${row.day}T00:00:00Z`) / 1000), ...lines.map(([field]) => rows.map((row) => row[field] ?? null))], drawing);
    // What the mouse shows is in the table too, so the legend is not read out.
    for (const part of drawing.children) part.setAttribute('aria-hidden', 'true');
  };
  const shades = matchMedia('(prefers-color-scheme: light)');
  const wide = new ResizeObserver(() => (plot ? plot.setSize({ width: Math.max(200, drawing.clientWidth), height: 220 }) : draw()));
  uplot().then((found) => { uPlot = found; wide.observe(drawing); }).catch(() => { drawing.remove(); figure.querySelector('details').open = true; });
  shades.addEventListener('change', draw);
  onLeave(() => { wide.disconnect(); shades.removeEventListener('change', draw); plot?.destroy(); });
  return figure;
}

function summary(rows, lines, show) {
  if (!rows.length) return 'Nothing in these days.';
  const [field, label] = lines[0], known = rows.filter((row) => row[field] != null);
  if (!known.length) return 'Nothing in these days.';
  const most = known.reduce((best, row) => (row[field] > best[field] ? row : best)), last = known.at(-1);
  return `${label}: ${show(known[0][field])} on ${known[0].day}, ${show(last[field])} on ${last.day}; the most ${show(most[field])} on ${most.day}.`;
}
