// From one day to another: two fields and some usual lengths. Which day it is in the house, the house says (`tell`).
import { el } from '../page/element.js';

const DAY = 86_400_000;
const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
let today = iso(Date.now());
export const since = (days, last = iso(Date.now())) => ({ from: iso(Date.parse(last) - (days - 1) * DAY), to: last });

export function dates(range, changed) {
  const { from, to } = range ?? { from: '', to: '' };
  const first = el('input', { type: 'date', name: 'from', value: from, max: iso(Date.now()) }), last = el('input', { type: 'date', name: 'to', value: to, max: iso(Date.now()) });
  const tell = () => { if (first.value && last.value && first.value <= last.value) { first.setCustomValidity(''); changed(); } else { first.setCustomValidity('The first day is after the last.'); first.reportValidity(); } };
  first.onchange = last.onchange = tell;
  const length = (days) => el('button', { type: 'button', class: 'quiet', onclick: () => { ({ from: first.value, to: last.value } = since(days, today)); tell(); } }, `${days} days`);
  return {
    box: el('div', { class: 'tools', role: 'group', 'aria-label': 'Days' }, el('label', {}, 'From', first), el('label', {}, 'To', last), length(7), length(30), length(90)),
    from: () => first.value, to: () => last.value,
    tell: (told) => { first.value = told.from; last.value = today = first.max = last.max = told.to; },
    since: () => `${first.value}T00:00:00Z`, until: () => new Date(Date.parse(`${last.value}T00:00:00Z`) + DAY).toISOString(),
  };
}
