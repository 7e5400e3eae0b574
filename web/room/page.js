// The page behind a room's link: a name at the door, or one's account; then the room.
import { ask } from '/web/player/session/api.js';
import { person } from '/web/player/session/session.js';
import { clock as time } from '/web/page/element.js';
import { chatRows, coverOf, fill, itemRows, memberRows, titleOf } from './faces.js';
import { RoomSeat } from './seat.js';
import { PlayerSocket } from './socket.js';
import { currentOf } from './state.js';

const NAME_KEY = 'tutti.guest-name', TOLD_MS = 6000;
const AS_GUEST = 'mutation Join($token: String!, $name: String!) { joinRoomAsGuest(token: $token, name: $name) { token guestId roomId roomName } }';
const AS_MEMBER = 'mutation Join($token: String!) { joinRoom(token: $token) { room { id } } }';
const find = (id) => document.getElementById(id);

let socket, seat, me, hiding;
const token = () => decodeURIComponent(location.pathname.split('/').pop());

// What passes is told for a while; what lasts (`stays`), until something else is told.
function tell(text, { stays = false } = {}) {
  find('notice').textContent = text;
  find('notice').hidden = !text;
  clearTimeout(hiding);
  if (text && !stays) hiding = setTimeout(() => tell(''), TOLD_MS);
}

function refuse(text) {
  find('refusal').textContent = text;
  find('name').setAttribute('aria-invalid', String(Boolean(text)));
}

async function joined(name) {
  let answer, body;
  try {
    answer = await fetch('/graphql', {
      method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: AS_GUEST, variables: { token: token(), name } }),
    });
    body = await answer.json();
  } catch { throw new Error('The server cannot be reached just now. Try again in a moment.'); }
  if (body.errors || !body.data?.joinRoomAsGuest) throw new Error(body.errors?.[0].message ?? body.error?.message ?? 'That did not work.');
  return body.data.joinRoomAsGuest;
}

async function entering(button, work) {
  button.disabled = true;
  refuse('');
  try { await work(); } catch (error) { refuse(error.message); } finally { button.disabled = false; }
}

find('name').value = localStorage.getItem(NAME_KEY) ?? '';
find('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  entering(event.target.querySelector('button'), async () => {
    const name = find('name').value.trim();
    me = await joined(name);
    localStorage.setItem(NAME_KEY, name);
    enter();
  });
});

// Who has an account here comes as who they are: in the player, where they may add songs.
const account = person.value;
if (account) {
  const button = find('as-member');
  button.textContent = `Come in as ${account.username}`;
  find('member').hidden = false;
  button.addEventListener('click', () => entering(button, async () => {
    const { joinRoom } = await ask(AS_MEMBER, { token: token() });
    location.href = `/room/${joinRoom.room.id}`;
  }));
}

function enter() {
  tell('');
  find('door').hidden = true;
  find('room').hidden = false;
  find('room-name').textContent = me.roomName;
  document.title = `${me.roomName} · Tutti`;
  socket = new PlayerSocket({ room: me.token }, {
    opened: async () => { tell(''); await seat.follow(); },
    heard: (event) => seat.hear(event),
    lost: () => tell('The connection was lost. The music goes on; coming back…', { stays: true }),
    over: async () => seat.end(await whyOver()),
  });
  seat = new RoomSeat((op, members) => socket.ask(op, members), me.roomId, { changed: draw, over });
  seat.sound.loudness(find('volume').value / 100);
  socket.connect();
  setInterval(tick, 250);
  find('title').focus({ preventScroll: true });
}

// The house tells strangers nothing, and who was shown out is one: only whether the link still opens can be said.
async function whyOver() {
  try {
    const { status } = await fetch(location.pathname, { method: 'HEAD' });
    return status === 404 ? 'The room was closed, or the link into it was taken back.' : 'You are not in this room any more.';
  } catch { return 'You are not in this room any more.'; }
}

function over(why) {
  socket.close();
  find('sync').textContent = '';
  find('room').hidden = true;
  find('ended').hidden = false;
  find('ended-why').textContent = why;
  find('ended-title').focus();
  tell('');
}

function draw(room) {
  const current = currentOf(room);
  find('room-name').textContent = room.name;
  if (find('title').textContent !== titleOf(current)) find('title').textContent = titleOf(current);
  find('credit').textContent = current?.credit ?? '';
  const picture = coverOf(current, 640);
  if (find('cover').getAttribute('src') !== picture) find('cover').src = picture;
  find('length').textContent = time((current?.durationMs ?? 0) / 1000);
  fill(find('members'), memberRows(room, me.guestId, seat.skews));
  fill(find('items'), itemRows(room));
  if (fill(find('chat'), chatRows(room))) find('chat').scrollTop = find('chat').scrollHeight;
  find('talking').hidden = !room.settings.chat;
}

function tick() {
  if (seat.ended) return;
  const current = seat.room && currentOf(seat.room), at = seat.positionMs();
  find('elapsed').textContent = time(at / 1000);
  find('progress').value = current?.durationMs ? Math.min(1, at / current.durationMs) : 0;
  document.body.dataset.skew = seat.sound.skewMs ?? '';
  find('sync').textContent = seat.syncText();
}

find('leave').addEventListener('click', async () => {
  try { await seat.act('leave'); } catch { /* gone either way */ }
  if (!seat.ended) seat.end('You left the room.');
});
find('volume').addEventListener('input', ({ target }) => seat?.sound.loudness(target.value / 100));
find('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const line = find('line');
  if (!line.value.trim()) return;
  try {
    await seat.act('chat', { text: line.value.trim() });
    line.value = '';
  } catch (error) { tell(error.message); }
});
