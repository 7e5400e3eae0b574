// The devices as a list, on their page and in a dialogue: which there are, which plays, and playing on another.
import { html, nothing } from 'lit-html';
import { ago, t } from '../../language/language.js';
import { confirmed, openDialog } from '../../parts/dialog.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { watched } from '../../parts/watched.js';
import { playing, playOn } from '../player.js';
import { line } from '../queue/following.js';
import { devices, forget, rename } from './devices.js';
import { deviceId } from './here.js';

const SIGNS = { computer: 'computer', phone: 'phone', speaker: 'speaker', tv: 'tv', web: 'web', other: 'note' };

function state(device) {
  if (device.id === line.value?.deviceId) return t(playing.value ? 'playing.plays-there' : 'playing.waits-there');
  return device.online ? t('playing.online') : t('playing.seen', { when: ago(device.seenAt) });
}

async function renamed(device) {
  const name = await openDialog({ title: t('playing.rename-device'), draw: (close) => html`
    <form @submit=${(event) => { event.preventDefault(); close(new FormData(event.target).get('name').trim()); }}>
      <label class="field"><span>${t('playing.device-name')}</span><input name="name" required maxlength="60" .value=${device.name} autofocus></label>
      <p class="dialog-acts"><button class="button main">${t('playing.save')}</button></p></form>` });
  if (name) rename(device.id, name);
}

async function forgotten(device) {
  if (await confirmed({ title: t('playing.forget-title', { name: device.name }), words: t('playing.forget-why'), act: t('playing.forget') })) forget(device.id);
}

function row(device) {
  const here = device.id === deviceId.value, current = device.id === line.value?.deviceId;
  return html`<li class="device ${current ? 'is-here' : ''}">
    <span class="device-sign">${icon(SIGNS[device.kind] ?? 'note')}</span>
    <span class="device-words"><strong id="device-name-${device.id}">${device.name}</strong>
      <span>${here ? html`<b>${t('playing.this-one')}</b> · ` : nothing}${state(device)}</span></span>
    ${current || !device.online ? nothing : html`<button class="button" id="play-on-${device.id}" aria-labelledby="play-on-${device.id} device-name-${device.id}" @click=${() => playOn(device.id)}>
      ${t(here ? 'playing.play-here' : 'playing.play-there')}</button>`}
    ${menu({ id: `device-${device.id}`, label: t('frame.more-of', { name: device.name }), items: () => [
      [t('playing.rename'), 'edit', () => renamed(device)],
      device.online ? null : [t('playing.forget'), 'bin', () => forgotten(device)],
    ] })}
  </li>`;
}

export const deviceList = () => html`<ul class="device-list">${devices.value?.map(row) ?? nothing}</ul>`;

// Only those that are there; the page has the others too.
const present = () => html`<ul class="device-list">${devices.value?.filter((device) => device.online || device.id === line.value?.deviceId).map(row) ?? nothing}</ul>
  <p class="dialog-acts"><a class="link" href="/devices" @click=${({ target }) => target.closest('dialog').close()}>${t('playing.all-devices')}</a></p>`;

export const openDevices = () => openDialog({ title: t('playing.where-to'), draw: () => html`${watched(present)}` });
