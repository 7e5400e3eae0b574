// Short notices at the foot of the page. They go by themselves, unless there is something to do about them.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { icon } from './icon.js';

const STAYS_MS = 6000, MOST = 3;
const there = signal([]);
let count = 0;

// `act` is [words, what to do]: a notice with it stays until it is used or dismissed.
export function notice(words, act = null) {
  const id = count += 1;
  there.value = [...there.value, { id, words, act }].slice(-MOST);
  if (!act) setTimeout(() => dismiss(id), STAYS_MS);
  return () => dismiss(id);
}

const dismiss = (id) => { there.value = there.value.filter((one) => one.id !== id); };

export const notices = () => html`<div class="notices" role="status" aria-live="polite">${there.value.map(({ id, words, act }) => html`
  <p class="notice">${words}
    ${act ? html`<button class="link" @click=${() => { dismiss(id); act[1](); }}>${act[0]}</button>` : nothing}
    <button class="round-button" aria-label=${t('frame.dismiss')} @click=${() => dismiss(id)}>${icon('close')}</button></p>`)}</div>`;
