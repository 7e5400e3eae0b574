// A form that keeps what was typed when the house refuses, says why at the field it is about, and is sent once.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { person } from '../session/session.js';
import { watched } from './watched.js';

// `fields`: { name, words, type ('text', 'password', 'select', 'check', 'area', …), value, complete, hint, options ([value, words]), required,
// max, more }. `act(values)` does the work; what it gives back is done with by itself. Gives back what draws the form.
export function form({ id, fields, button, act, kind = 'main', extra = null }) {
  const busy = signal(false), failed = signal(null);
  const send = async (event) => {
    event.preventDefault();
    if (busy.value) return;
    const values = {};
    for (const { name, type, empty = null } of fields) {
      const part = event.target.elements[name];
      values[name] = type === 'check' ? part.checked : type === 'number' ? (Number.isNaN(part.valueAsNumber) ? null : part.valueAsNumber) : part.value || empty;
    }
    busy.value = true;
    failed.value = null;
    try { if (await act(values, event.target) !== false) event.target.querySelectorAll('[type=password]').forEach((one) => { one.value = ''; }); } catch (error) {
      failed.value = { message: error.message, field: fields.find(({ name, about }) => (about ?? name) === error.field)?.name ?? null };
      event.target.elements[failed.value.field ?? fields[0]?.name]?.focus?.();
    }
    busy.value = false;
  };
  return () => watched(() => html`<form class="form" @submit=${send} novalidate=${nothing}>
    ${fields.some(({ complete }) => /-password$/.test(complete)) && person.value ? html`<input type="text" autocomplete="username" .value=${person.value.username} hidden readonly>` : nothing}
    ${fields.map((one) => field(id, one, failed.value?.field === one.name ? failed.value.message : null))}
    ${failed.value && !failed.value.field ? html`<p class="failed" role="alert">${failed.value.message}</p>` : nothing}
    <p class="acts"><button class="button ${kind}" ?disabled=${busy.value}>${button}</button>${extra ? extra() : nothing}</p></form>`);
}

function field(id, { name, words, type = 'text', value = '', complete = 'off', hint = null, options = [], required = false, max = 200, rows = 4, more = nothing, input = null }, refusal) {
  const at = `${id}-${name}`, attributes = { wrong: refusal ? 'true' : nothing, by: refusal || hint ? `${at}-more` : nothing };
  const told = html`<span id="${at}-more">${refusal ? html`<span class="failed" role="alert">${refusal}</span>` : hint ? html`<span class="hint">${hint}</span>` : nothing}</span>${more}`;
  if (type === 'check') return html`<div class="field"><label class="check"><input type="checkbox" name=${name} ?checked=${value} aria-describedby=${attributes.by}>${words}</label>${told}</div>`;
  const control = type === 'select'
    ? html`<select id=${at} name=${name} aria-describedby=${attributes.by} aria-invalid=${attributes.wrong}>${options.map(([each, text]) => html`<option value=${each} ?selected=${each === value}>${text}</option>`)}</select>`
    : type === 'area' ? html`<textarea id=${at} name=${name} rows=${rows} maxlength=${max} aria-describedby=${attributes.by} aria-invalid=${attributes.wrong}>${value}</textarea>`
      : html`<input id=${at} name=${name} type=${type} value=${value ?? ''} autocomplete=${complete} ?required=${required} maxlength=${max} aria-describedby=${attributes.by} aria-invalid=${attributes.wrong} @input=${input ?? nothing}>`;
  return html`<div class="field"><label for=${at}>${words}</label>${control}${told}</div>`;
}

// A choice that is kept as soon as it is made; it goes back when the house refuses.
export const choice = ({ id, words, hint = null, value, options, act }) => html`<div class="field"><label for=${id}>${words}</label>
  <select id=${id} aria-describedby=${hint ? `${id}-more` : nothing} @change=${async ({ target }) => { if (await act(target.value) === false) target.value = value; }}>
    ${options.map(([each, text]) => html`<option value=${each} ?selected=${each === value}>${text}</option>`)}</select>${hint ? html`<span class="hint" id="${id}-more">${hint}</span>` : nothing}</div>`;

export const check = ({ id, words, hint = null, value, act }) => html`<div class="field"><label class="check"><input type="checkbox" id=${id} .checked=${value} aria-describedby=${hint ? `${id}-more` : nothing}
  @change=${async ({ target }) => { if (await act(target.checked) === false) target.checked = !target.checked; }}>${words}</label>${hint ? html`<span class="hint" id="${id}-more">${hint}</span>` : nothing}</div>`;
