// From one day to another, in UTC: two fields and some usual lengths.
import { el } from '../player/element.js';

const DAY = 86_400_000;
const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
export const since = (days) => ({ from: iso(Date.now() - (days - 1) * DAY), to: iso(Date.now()) });

export function dates({ from, to }, changed) {
  const first = el('input', { type: 'date', name: 'from', value: from, max: iso(Date.now()) }), last = el('input', { type: 'date', name: 'to', value: to, max: iso(Date.now()) });
  const tell = () => { if (first.value && last.value && first.value <= last.value) { first.setCustomValidity(''); changed(); } else { first.setCustomValidity('The first day is after the last.'); first.reportValidity(); } };
  first.onchange = last.onchange = tell;
  const length = (days) => el('button', { type: 'button', class: 'quiet', onclick: () => { ({ from: first.value, to: last.value } = since(days)); tell(); } }, `${days} days`);
  return {
    box: el('div', { class: 'tools', role: 'group', 'aria-label': 'Days' }, el('label', {}, 'From', first), el('label', {}, 'To', last), length(7), length(30), length(90)),
    from: () => first.value, to: () => last.value,
    since: () => `${first.value}T00:00:00Z`, until: () => new Date(Date.parse(`${last.value}T00:00:00Z`) + DAY).toISOString(),
  };
}
