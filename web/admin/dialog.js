// Asks before something that cannot be taken back; the answer, or null.
import { el } from '../page/element.js';

let asked = 0;

// `fields` are elements with a name; `act` does it, and its refusal is shown where the question is.
export function confirm({ title, text, button = 'Do it', danger = true, fields = [], act }) {
  return new Promise((done) => {
    const failed = el('p', { class: 'failed', role: 'alert' }), id = `d${asked += 1}`;
    const submit = el('button', { class: danger ? 'danger' : 'primary', type: 'submit' }, button);
    const form = el('form', { method: 'dialog', onsubmit: async (event) => {
      event.preventDefault();
      submit.disabled = true;
      failed.textContent = '';
      try { const answer = await act(new FormData(form)); dialog.close(); done(answer ?? true); } catch (error) { failed.textContent = error.message; submit.disabled = false; }
    } }, el('h2', { id }, title), text ? el('p', {}, text) : '', ...fields, failed,
    el('div', { class: 'buttons-row' }, el('button', { class: 'quiet', type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Cancel'), submit));
    const back = document.activeElement;
    const dialog = el('dialog', { 'aria-labelledby': id, onclose: () => { dialog.remove(); back?.focus?.(); done(null); } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const field = (label, input) => el('label', {}, label, input);
export const choice = (name, options, value = '') => el('select', { name }, options.map(([code, text]) => el('option', { value: code, selected: code === value }, text)));
