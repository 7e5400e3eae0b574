// What the host decides about a room.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { act } from '../../together/seated.js';

const CONTROLS = ['host', 'cohosts', 'everyone'], MODES = ['order', 'round_robin', 'votes'];

const choice = (name, now, values, words) => html`<label class="field"><span>${t(`together.${name}`)}</span><select name=${name}>
  ${values.map((value) => html`<option value=${value} ?selected=${value === now}>${words(value)}</option>`)}</select></label>`;

const check = (name, now) => html`<label class="check"><input type="checkbox" name=${name} ?checked=${now}>${t(`together.set-${name.toLowerCase()}`)}</label>`;

export function openSettings(where) {
  const { control, mode, waitForAll, chat, guests } = where.settings;
  return openDialog({ title: t('together.settings'), draw: (close) => html`<form @submit=${async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const done = await act('settings', { name: form.get('name').trim(), control: form.get('control'), mode: form.get('mode'), waitForAll: form.has('waitForAll'), chat: form.has('chat'), guests: form.has('guests') });
    if (done) close(true);
  }}>
    <label class="field"><span>${t('together.room-name')}</span><input name="name" required maxlength="100" value=${where.name}></label>
    ${choice('control', control, CONTROLS, (value) => t(`together.control-${value}`))} ${choice('mode', mode, MODES, (value) => t(`together.mode-${value.replace('_', '-')}`))}
    ${check('waitForAll', waitForAll)} ${check('chat', chat)} ${check('guests', guests)}
    <p class="dialog-acts"><button type="button" class="button" @click=${() => close()}>${t('frame.cancel')}</button><button class="button main">${t('together.save')}</button></p></form>` });
}
