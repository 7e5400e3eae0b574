// What is kept on this device: how far it is, how much room it takes, and its songs, which play without a network.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, number, percent, t } from '../../language/language.js';
import { canKeep, downloads, openDownloads, remove, songsOf, syncAll } from '../../offline/downloads.js';
import { space } from '../../offline/keep.js';
import { online } from '../../offline/online.js';
import { confirmed } from '../../parts/dialog.js';
import { cover } from '../../parts/cover.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { songRows } from '../../parts/song_rows.js';
import { playSongs } from '../../playing/player.js';

const megabytes = (bytes) => (bytes >= 1e9 ? number(bytes / 1e9, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 })
  : number(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 }));

async function load({ onLeave }) {
  if (!downloads.value.length) await openDownloads();
  const room = signal(canKeep ? await space() : null), opened = signal(null), songs = signal([]);
  onLeave(downloads.subscribe(async () => { if (canKeep) room.value = await space(); }));
  const open = async (id) => {
    opened.value = opened.value === id ? null : id;
    songs.value = opened.value ? await songsOf(id) : [];
  };
  return { room, opened, songs, open };
}

const state = (one) => {
  if (one.state === 'stopped') return html`<p class="failed" role="alert">${one.why}</p>`;
  if (one.licence && Date.parse(one.licence.expiresAt) < Date.now()) return html`<p class="failed">${t('offline.expired')}</p>`;
  if (one.state === 'here') return html`<p class="facts small">${icon('downloaded')} ${t('frame.songs', { n: one.songCount })}${one.licence ? ` · ${t('offline.until', { day: day(one.licence.expiresAt) })}` : ''}</p>`;
  return html`<progress max="1" .value=${one.songCount ? (one.here + one.bytes) / one.songCount : 0} aria-label=${t('offline.progress-of', { name: one.title })}></progress>
    <p class="facts small">${t(one.state === 'fetching' ? 'offline.fetching' : 'offline.preparing', { here: one.here, n: one.songCount })}</p>`;
};

async function letGo(one) {
  if (await confirmed({ title: t('offline.remove-title', { name: one.title ?? t('offline.songs') }), words: t('offline.remove-words'), act: t('offline.remove') })) remove(one.id);
}

async function play(one) {
  const here = (await songsOf(one.id)).filter((song) => song.isHere);
  if (here.length) playSongs(here, 0, one.kind === 'SONGS' ? null : { kind: one.kind, id: one.targetId });
}

const row = (one, { opened, songs, open }) => html`<li class="kept">
  <div class="kept-head">
    <button class="row-play" aria-label=${t('frame.play-named', { name: one.title ?? t('offline.songs') })} @click=${() => play(one)}>${cover(one.coverImage, 64)}${icon('play')}</button>
    <div class="kept-words"><button class="kept-title" aria-expanded=${opened.value === one.id} @click=${() => open(one.id)}>${one.title ?? t('offline.songs')}</button>${state(one)}</div>
    ${menu({ id: `kept-${one.id}`, label: t('frame.more-of', { name: one.title ?? t('offline.songs') }), items: () => [
    one.place ? [t('offline.open'), 'disc', one.place] : null, [t('offline.remove'), 'close', () => letGo(one)]] })}
  </div>
  ${opened.value === one.id ? songRows(songs.value, { context: { kind: one.kind, id: one.targetId } }) : nothing}</li>`;

export const page = {
  areas: ['offline'],
  needs: 'listener',
  skeleton: 'rows',
  load,
  title: () => t('offline.title'),
  view: (data) => {
    if (!canKeep) return empty({ sign: 'download', title: t('offline.cannot'), words: t('offline.cannot-why') });
    const all = downloads.value, room = data.room.value;
    return html`<div class="page-head"><h1>${t('offline.title')}</h1>
      ${online.value ? html`<button class="button" @click=${syncAll} ?hidden=${!all.length}>${t('offline.sync')}</button>` : html`<p class="facts" role="status">${icon('offline')} ${t('offline.away')}</p>`}</div>
    ${room ? html`<p class="facts">${t('offline.room', { used: megabytes(room.used), allowed: megabytes(room.allowed), share: percent(room.used / room.allowed) })}</p>` : nothing}
    ${all.length ? html`<ul class="kept-list">${all.map((one) => row(one, data))}</ul>`
    : empty({ sign: 'download', title: t('offline.none'), words: t('offline.none-why'), way: ['/albums', t('offline.to-albums')] })}`;
  },
};
