// The page behind a room's link: a name at the door, then the room.
import { HouseClock } from '/web/player/clock.js';
import { clock as time, el } from '/web/player/element.js';
import { PlayerSocket } from './socket.js';
import { RoomSound } from './sound.js';
import { after, comingOf, currentOf } from './state.js';

const REPORT_EVERY_MS = 5000, NAME_KEY = 'tutti.guest-name';
const JOIN = 'mutation Join($token: String!, $name: String!) { joinRoomAsGuest(token: $token, name: $name) { token guestId roomId roomName } }';
const find = (id) => document.getElementById(id);
const ROLES = { host: 'host', cohost: 'co-host', member: '', guest: 'guest' };

let room = null, socket, sound, house, me;

function tell(text) {
  find('notice').textContent = text;
  find('notice').hidden = !text;
}

async function joined(name) {
  const token = decodeURIComponent(location.pathname.split('/').pop());
  const answer = await fetch('/graphql', {
    method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: JOIN, variables: { token, name } }),
  });
  const body = await answer.json();
  if (body.errors || !body.data?.joinRoomAsGuest) throw new Error(body.errors?.[0].message ?? body.error?.message ?? 'That did not work.');
  return body.data.joinRoomAsGuest;
}

find('name').value = localStorage.getItem(NAME_KEY) ?? '';
find('enter').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  try {
    const name = find('name').value.trim();
    me = await joined(name);
    localStorage.setItem(NAME_KEY, name);
    enter();
  } catch (error) { tell(error.message); } finally { button.disabled = false; }
});

function enter() {
  tell('');
  find('door').hidden = true;
  find('room').hidden = false;
  find('room-name').textContent = me.roomName;
  socket = new PlayerSocket({ room: me.token }, {
    opened: async () => { tell(''); house.start(); await follow(); },
    heard: (event) => { if (event.ev === 'room') take(event); else if (event.ev === 'unfollowed') over(event.error?.message); },
    lost: () => tell('The connection was lost. The music goes on; coming back…'),
    over,
  });
  house = new HouseClock((t0) => socket.ask('clock', { t0 }));
  sound = new RoomSound(house, {
    address: async (itemId) => (await socket.ask('room.sound', { roomId: me.roomId, itemId })).url,
    ready: (itemId) => socket.ask('room.ready', { roomId: me.roomId, itemId }).catch(() => {}),
  });
  sound.loudness(find('volume').value / 100);
  socket.connect();
  setInterval(report, REPORT_EVERY_MS);
  setInterval(tick, 250);
}

const follow = () => socket.ask('room.follow', { roomId: me.roomId, ...(room && { lastRev: room.rev, epoch: room.epoch }) });

// Shown out, or the room is over: the sound stops at once.
function over(reason) {
  sound.stop();
  socket.close();
  find('sync').textContent = '';
  tell(reason === 'it was closed.' ? 'This room was closed.' : 'You are not in this room any more.');
}

function take(event) {
  const next = after(room, event);
  if (next === null) { room = null; follow().catch(() => {}); return; }
  room = next;
  sound.show({ ...room, currentItemId: room.start?.itemId ?? room.currentItemId }, [currentOf(room), ...comingOf(room)]);
  if (room.closed) { over('it was closed.'); return; }
  draw();
}

function draw() {
  const current = currentOf(room);
  find('room-name').textContent = room.name;
  find('title').textContent = current ? current.title ?? 'A song you may not hear' : 'Nothing plays yet';
  find('credit').textContent = current?.credit ?? '';
  find('length').textContent = time((current?.durationMs ?? 0) / 1000);
  find('members').replaceChildren(...room.members.filter((one) => one.present).map((one) =>
    el('li', {}, el('strong', {}, one.name), one.id === me.guestId ? el('span', {}, 'you') : el('span', {}, ROLES[one.role]))));
  const coming = comingOf(room);
  find('items').replaceChildren(...(coming.length ? coming.slice(0, 30).map((item) =>
    el('li', {}, el('strong', {}, item.title ?? 'A song you may not hear'), el('span', {}, item.credit ?? ''))) : [el('li', {}, 'Nothing yet')]));
  find('chat').replaceChildren(...room.chat.slice(-50).map((line) => el('li', {}, el('strong', {}, line.name), ` ${line.text}`)));
  find('say').hidden = !room.settings.chat;
}

function tick() {
  const wanted = sound.wantedMs(), current = room && currentOf(room);
  const at = wanted ?? room?.anchor.positionMs ?? 0;
  find('elapsed').textContent = time(at / 1000);
  find('progress').value = current?.durationMs ? Math.min(1, at / current.durationMs) : 0;
  document.body.dataset.skew = sound.skewMs ?? '';
  if (!house.filter.known) find('sync').textContent = 'Finding the time…';
  else if (sound.skewMs === null) find('sync').textContent = room?.pausedBy ? 'Paused' : `In time to ± ${house.errorMs().toFixed(1)} ms`;
  else find('sync').textContent = `In time: ${Math.abs(sound.skewMs).toFixed(1)} ms ${sound.skewMs < 0 ? 'behind' : 'ahead'} ± ${house.errorMs().toFixed(1)}`;
}

function report() {
  if (!house.filter.known || !room) return;
  const skew = sound.skewMs === null ? {} : { skewMs: sound.skewMs };
  socket.ask('room.delay', { roomId: me.roomId, delayMs: house.filter.delayMs, warmUpMs: 50, ...skew }).catch(() => {});
}

find('volume').addEventListener('input', ({ target }) => sound?.loudness(target.value / 100));
find('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const line = find('line');
  if (!line.value.trim()) return;
  try {
    await socket.ask('room.chat', { roomId: me.roomId, text: line.value.trim() });
    line.value = '';
  } catch (error) { tell(error.message); }
});
