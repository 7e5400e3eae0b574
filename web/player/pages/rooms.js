// Listening together: a new room, and the rooms one belongs to.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { go } from '../frame/router.js';
import { cover } from '../parts/cover.js';
import { icon } from '../parts/icon.js';
import { notice } from '../parts/notice.js';
import { queue, song } from '../playing/player.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { room as seated } from '../together/seated.js';

const MINE = '{ myRooms { id name members { isPresent } currentItem { song { title coverImage } } } }';
const CREATE = 'mutation($name: String!, $songs: [ID!]) { createRoom(name: $name, songIds: $songs) { room { id } } }';
const SONGS_AT_ONCE = 100;

async function load({ abort }) {
  const { myRooms } = await ask(MINE, {}, { abort });
  return { rooms: myRooms, name: signal(t('together.name-of', { name: person.value.username })), busy: signal(false) };
}

async function create({ name, busy }) {
  if (busy.value) return;
  busy.value = true;
  try {
    const songs = song.value ? queue.value.slice(0, SONGS_AT_ONCE).map(({ id }) => id) : [];
    const { createRoom } = await ask(CREATE, { name: name.value.trim(), songs });
    go(`/room/${createRoom.room.id}`);
  } catch (error) { notice(error.message); busy.value = false; }
}

function begins() {
  if (!song.value) return t('together.begins-empty');
  const more = Math.min(SONGS_AT_ONCE, queue.value.length) - 1;
  return more > 0 ? t('together.begins-with-more', { name: song.value.title, n: more }) : t('together.begins-with', { name: song.value.title });
}

const row = (room) => {
  const here = room.members.filter(({ isPresent }) => isPresent).length;
  return html`<li class="kept"><a class="kept-head" href="/room/${room.id}">${cover(room.currentItem?.song?.coverImage, 64)}
    <span class="kept-words"><strong>${room.name}</strong><span class="facts small">${t('together.here', { n: here })}${room.currentItem?.song ? ` · ${room.currentItem.song.title}` : ''}</span></span>
    <span class="button">${t(seated.value?.roomId === room.id ? 'together.go-back' : 'together.come-in')}</span></a></li>`;
};

export const page = {
  areas: ['together'],
  needs: 'listener',
  skeleton: 'rows',
  load,
  title: () => t('together.title'),
  view: (data) => html`<div class="together-door">
    <section><h1>${t('together.title')}</h1><p class="facts">${t('together.words')}</p>
      <form class="room-form" @submit=${(event) => { event.preventDefault(); create(data); }}>
        <label class="field"><span>${t('together.room-name')}</span><input .value=${data.name.value} required maxlength="100" @input=${({ target }) => { data.name.value = target.value; }}>
          <span class="hint">${begins()}</span></label>
        <button class="button main" ?disabled=${data.busy.value}>${icon('people')}${t('together.start')}</button></form></section>
    <section aria-labelledby="t-mine"><h2 id="t-mine">${t('together.mine')}</h2>
      ${data.rooms.length ? html`<ul class="kept-list">${data.rooms.map(row)}</ul>` : html`<p class="facts">${t('together.none')}</p>`}</section>
    ${nothing}</div>`,
};
