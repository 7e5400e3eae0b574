// Figures over days as a chart, with a sentence that says the same and the figures as a table behind it.
import { effect } from '@preact/signals-core';
import { html } from 'lit-html';
import { AsyncDirective, directive } from 'lit-html/async-directive.js';
import { look } from '../look/theme.js';
import { day, number, shortDay, t } from '../language/language.js';

// A colour of the look as it is in this shade: a canvas knows no custom properties.
function tint(element, name) {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}
const HEIGHT = 220;

// Bars by day, drawn by uPlot, which is fetched with the first chart.
class Drawing extends AsyncDirective {
  render() { return null; }

  update({ element }, [rows]) {
    this.rows = rows;
    this.element = element;
    this.resize ??= new ResizeObserver(() => this.fit());
    this.resize.observe(element);
    // Drawn anew in another shade.
    this.stop ??= effect(() => { look.value; queueMicrotask(() => this.draw()); });
    return null;
  }

  async draw() {
    const { default: uPlot } = await import('uplot');
    if (!this.isConnected) return;
    this.plot?.destroy();
    const axis = { stroke: tint(this.element, '--soft'), grid: { stroke: tint(this.element, '--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    const accent = tint(this.element, '--accent');
    this.plot = new uPlot({
      width: Math.max(200, this.element.clientWidth), height: HEIGHT, legend: { show: false }, cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      series: [{}, { fill: accent, stroke: accent, paths: uPlot.paths.bars({ size: [0.7, 40], radius: 0.2 }), points: { show: false } }],
      axes: [{ ...axis, space: 70, values: (_, moments) => moments.map((moment) => byItself(shortDay(moment * 1000))) }, { ...axis, size: 56, values: (_, values) => values.map((value) => number(value)) }],
      scales: { y: { range: (_, low, high) => [0, Math.max(1, high ?? 1)] } },
    }, [this.rows.map(({ day: each }) => Date.parse(`${each}T00:00:00Z`) / 1000), this.rows.map(({ value }) => value)], this.element);
    for (const part of this.element.children) part.setAttribute('aria-hidden', 'true');
  }

  fit() {
    if (this.plot && this.element.clientWidth) this.plot.setSize({ width: Math.max(200, this.element.clientWidth), height: HEIGHT });
  }

  disconnected() { this.stop?.(); this.resize?.disconnect(); this.plot?.destroy(); this.plot = this.stop = null; }

  reconnected() { this.resize = null; }
}

// The drawing runs from left to right in every language; a day in it reads as its own language does.
const byItself = (words) => `\u2068${words}\u2069`;

const drawn = directive(Drawing);

// `rows` are [{ day: '2026-01-31', value }]; `show` makes a value readable, `label` names the values.
export function chart({ title, label, rows, show = number }) {
  const most = rows.reduce((best, row) => (row.value > best.value ? row : best), rows[0]);
  const sum = most?.value ? t('frame.chart-most', { value: show(most.value), day: day(most.day) }) : t('frame.chart-nothing');
  return html`<figure class="chart">
    <figcaption><strong>${title}</strong> <span class="facts">${sum}</span></figcaption>
    <div class="chart-drawing" role="img" aria-label="${title}. ${sum}" ${drawn(rows)}></div>
    <details><summary>${t('frame.chart-table')}</summary>
      <table><thead><tr><th scope="col">${t('frame.chart-day')}</th><th scope="col">${label}</th></tr></thead>
        <tbody>${rows.map((row) => html`<tr><th scope="row">${day(row.day)}</th><td>${show(row.value)}</td></tr>`)}</tbody></table>
    </details>
  </figure>`;
}

// A row of bars without axes, for a few named values: hours of a day, kinds of music. `rows` are [{ name, value, words }].
export const bars = ({ label, rows }) => {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return html`<ul class="bars" aria-label=${label}>${rows.map(({ name, value, words }) => html`
    <li><span class="bars-name">${name}</span><meter min="0" max=${most} .value=${value} aria-label=${typeof name === 'string' ? name : label}>${words}</meter><span class="facts">${words}</span></li>`)}</ul>`;
};
