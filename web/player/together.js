// Listening together: opens a room from what plays now, comes into one, and shows it beside the pages. The bar at the
// foot plays the room then, and a song that is chosen goes into its queue.
import { chatRows, fill, itemRows, memberRows, titleOf } from '/web/room/faces.js';
import { RoomSeat } from '/web/room/seat.js';
import { currentOf } from '/web/room/state.js';
import { ask as query, signedIn } from './api.js';
import { el, icon, notice } from './element.js';
import { roomLink } from './invitation.js';
import { ask, isOpen, onEvent, onLoss, whenOpen } from './live.js';
import * as player from './player.js';

const MINE = '{ myRooms { id name members { isPresent } currentItem { song { title } } } }';
const CREATE = 'mutation($name: String!, $songs: [ID!]) { createRoom(name: $name, songIds: $songs) { room { id } } }';
const RETURN = 'mutation($id: ID!) { joinRoom(roomId: $id) { room { id } } }';
const SONGS_AT_ONCE = 100, NAME_CHARACTERS = 100;
const opener = document.getElementById('together'), panel = document.getElementById('company');
let seat = null, ticking = null, parts = null;

export function start() {
  opener.addEventListener('click', () => (panel.hidden ? open() : close({ back: true })));
  document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') close({ back: true }); });
  whenOpen(() => seat?.follow());
  onEvent((event) => seat?.hear(event));
  onLoss(() => { if (seat) sync('The connection was lost. The music goes on; coming back…'); });
}

export function reset(somebody) {
  opener.hidden = !somebody;
  if (seat) seat.end('You are signed out.');
  close();
}

export async function open(roomId = null) {
  panel.hidden = false;
  opener.setAttribute('aria-expanded', 'true');
  if (seat) drawRoom(); else await drawDoor(roomId);
  panel.querySelector('h2')?.focus();
}

function close({ back = false } = {}) {
  if (panel.hidden) return;
  panel.hidden = true;
  opener.setAttribute('aria-expanded', 'false');
  if (back) opener.focus();
}

const heading = (text) => el('header', {}, el('h2', { tabindex: '-1' }, text),
  el('button', { class: 'link', onclick: () => close({ back: true }) }, 'Close'));

// Outside any room: a new one, or one of theirs. `invited` is the room they came for.
async function drawDoor(invited = null) {
  const coming = player.upcoming(), playing = player.playing();
  const name = el('input', { value: `${signedIn().user.username}’s room`, maxlength: NAME_CHARACTERS, required: true, 'aria-label': 'Name of the room' });
  const begin = (event) => {
    event.preventDefault();
    busy(event.target, async () => {
      const songs = coming.slice(0, SONGS_AT_ONCE).map((song) => song.id);
      const { createRoom } = await query(CREATE, { name: name.value.trim(), songs });
      await enter(createRoom.room.id);
    });
  };
  const more = coming.length - 1;
  const with_ = !playing ? 'It begins empty: choose songs once you are in it.'
    : `It begins with ${playing.title}${more > 0 ? `, and ${more} more` : ''}.`;
  const rooms = el('div', {}, el('p', { class: 'empty' }, 'One moment…'));
  panel.replaceChildren(heading('Listen together'),
    el('p', { class: 'soft' }, 'The same music at the same moment, wherever you are.'),
    el('form', { class: 'new', onsubmit: begin }, name, el('p', { class: 'soft' }, with_), el('button', { class: 'primary' }, 'Start a room')),
    el('h3', {}, 'Your rooms'), rooms);
  try {
    const { myRooms } = await query(MINE);
    const first = myRooms.findIndex((room) => room.id === invited);
    if (first > 0) myRooms.unshift(...myRooms.splice(first, 1));
    rooms.replaceChildren(myRooms.length ? el('ul', { class: 'rooms' }, myRooms.map(mine)) : el('p', { class: 'empty' }, 'You are in none yet.'));
    if (first >= 0) rooms.querySelector('button').focus();
  } catch (error) { rooms.replaceChildren(el('p', { class: 'empty', role: 'alert' }, error.message)); }
}

function mine(room) {
  const here = room.members.filter((one) => one.isPresent).length;
  const facts = [!here ? 'Nobody is there' : here === 1 ? 'One is there' : `${here} are there`, room.currentItem?.song?.title].filter(Boolean).join(' · ');
  return el('li', {}, el('div', {}, el('strong', {}, room.name), el('span', {}, facts)),
    el('button', { class: 'quiet', 'aria-label': `Come into ${room.name}`, onclick: ({ target }) => busy(target.closest('li'), async () => {
      await query(RETURN, { id: room.id });
      await enter(room.id);
    }) }, 'Come in'));
}

async function busy(around, work) {
  for (const button of around.querySelectorAll('button')) button.disabled = true;
  try { await work(); } catch (error) { notice(error.message); }
  for (const button of around.querySelectorAll('button')) button.disabled = false;
}

async function enter(roomId) {
  if (!isOpen()) throw new Error('There is no connection just now. Try again in a moment.');
  const mine = new RoomSeat(ask, roomId, { changed: draw, over: (why) => { if (seat === mine) left(why); } });
  seat = mine;
  parts = null;
  player.handOver({
    toggle: () => act(mine.room?.anchor.playing || mine.room?.start ? 'pause' : 'play'),
    next: () => act('next'),
    seek: (positionMs) => act('seek', { positionMs }),
    loudness: (part) => mine.sound.loudness(part),
    add: (song) => mine.act('add', { songIds: [song.id] }).then(() => notice(`Added to the room: ${song.title}`), (error) => notice(error.message)),
  });
  ticking = setInterval(tick, 250);
  try { await mine.follow(); } catch (error) {
    left(error.message);
    throw error;
  }
}

const act = (op, members) => seat.act(op, members).catch((error) => notice(error.message));

function left(why) {
  seat?.stop();
  seat = parts = null;
  clearInterval(ticking);
  player.takeBack();
  opener.removeAttribute('data-in');
  delete document.body.dataset.skew;
  if (why) notice(why);
  if (!panel.hidden && signedIn()) drawDoor();
}

// Made once for each room that is shown; what changes is put into its parts.
function drawRoom() {
  const say = el('input', { maxlength: 500, 'aria-label': 'Say something', placeholder: 'Say something', autocomplete: 'off', required: true });
  parts = {
    name: el('h2', { tabindex: '-1' }), sync: el('p', { class: 'sync soft' }), members: el('ul', { class: 'people' }),
    items: el('ol', { class: 'queue' }), chat: el('ul', { class: 'chat', role: 'log', 'aria-label': 'Chat', tabindex: '0' }),
    talk: el('section', {}), invite: el('div', { class: 'invite' }),
    close: el('button', { class: 'quiet', onclick: ({ target }) => busy(target.parentNode, () => seat.act('close')) }, 'Close the room for all'),
  };
  const speak = async (event) => {
    event.preventDefault();
    try { await seat.act('chat', { text: say.value.trim() }); say.value = ''; } catch (error) { notice(error.message); }
  };
  const invite = el('button', { class: 'primary', onclick: ({ target }) => busy(target.parentNode, async () => {
    parts.invite.replaceChildren(await roomLink(seat.roomId));
    parts.invite.querySelector('input').focus();
  }) }, 'Invite by link or QR code');
  const leave = ({ target }) => busy(target.parentNode, async () => { await seat.act('leave'); left('You left the room.'); });
  parts.invite.append(invite);
  parts.talk.append(el('h3', {}, 'Chat'), parts.chat, el('form', { class: 'say', onsubmit: speak }, say, el('button', { class: 'quiet' }, 'Send')));
  panel.replaceChildren(el('header', {}, parts.name, el('button', { class: 'link', onclick: () => close({ back: true }) }, 'Hide')), parts.sync, parts.invite,
    el('h3', {}, 'Here'), parts.members, el('h3', {}, 'Coming up'), parts.items, parts.talk,
    el('div', { class: 'ways-out' }, el('button', { class: 'quiet', onclick: leave }, 'Leave'), parts.close));
  if (seat.room) draw(seat.room);
}

function draw(room) {
  opener.setAttribute('data-in', '');
  player.showTogether(currentOf(room), titleOf(currentOf(room)), room.name);
  if (panel.hidden) return;
  if (!parts) { drawRoom(); return; }
  const me = room.members.find((one) => one.id === signedIn()?.user.id);
  if (parts.name.textContent !== room.name) parts.name.textContent = room.name;
  fill(parts.members, memberRows(room, me?.id, seat.skews));
  fill(parts.items, itemRows(room));
  if (fill(parts.chat, chatRows(room))) parts.chat.scrollTop = parts.chat.scrollHeight;
  parts.talk.hidden = !room.settings.chat;
  parts.close.hidden = me?.role !== 'host';
  parts.invite.hidden = !['host', 'cohost'].includes(me?.role);
}

const sync = (text) => { if (parts && parts.sync.textContent !== text) parts.sync.textContent = text; };

function tick() {
  if (!seat?.room) return;
  player.showPosition(seat.positionMs(), seat.room.anchor.playing);
  document.body.dataset.skew = seat.sound.skewMs ?? '';
  if (isOpen()) sync(seat.syncText());
}
