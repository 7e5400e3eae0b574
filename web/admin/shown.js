// How values are shown to people: times, sizes, counts, money, states.
import { el } from '../page/element.js';

const whole = new Intl.NumberFormat();
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const count = (value) => (value == null ? '–' : whole.format(value));
export const when = (text) => (text ? moment.format(new Date(text)) : '–');
export const time = (text) => (text ? el('time', { datetime: text }, when(text)) : '–');

export function bytes(value) {
  if (value == null) return '–';
  let size = value, unit = 0;
  while (size >= 1000 && unit < 5) { size /= 1000; unit += 1; }
  return `${unit && size < 100 ? size.toFixed(1) : Math.round(size)} ${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][unit]}`;
}

export function span(seconds) {
  if (!seconds) return '–';
  for (const [size, name] of [[86_400, 'day'], [3600, 'hour'], [60, 'minute']]) {
    if (seconds >= size) { const n = Math.round(seconds / size); return n === 1 ? `every ${name}` : `every ${n} ${name}s`; }
  }
  return `every ${Math.round(seconds)} seconds`;
}

export const ms = (value) => (value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`);
export const percent = (share) => (share == null ? '–' : `${(100 * share).toFixed(1)} %`);
export const words = (code) => (code ? code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ') : '–');

// Stripe's currencies count cents, but for some that have none.
export function money(minor, currency) {
  try {
    const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: currency.toUpperCase() });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch { return `${minor} ${currency}`; }
}

export const badge = (text, kind = '') => el('span', { class: `badge ${kind}` }, text);
export const nothing = (text) => el('p', { class: 'nothing' }, text);

export function figures(rows) {
  return el('dl', { class: 'figures' }, rows.map(([name, value, small]) => el('div', {}, el('dt', {}, name),
    el('dd', { class: small ? 'small' : null }, value))));
}

export function facts(rows) {
  return el('dl', { class: 'facts-list' }, rows.filter(Boolean).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value ?? '–')]));
}
