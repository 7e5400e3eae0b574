// Follows the server's queue: by its changes, with one's own operations done at once and taken back when refused. While the
// network is away what plays here goes on by itself (`apart.js`), and changes of the list wait, each under its own name, so
// that it is done once.
import { batch, computed, effect, signal, untracked } from '@preact/signals-core';
import { notice } from '../../parts/notice.js';
import { t } from '../../language/language.js';
import { isLive, onEvent, say, whenOpen } from '../../session/live.js';
import { person } from '../../session/session.js';
import { HouseClock } from '../../../timing/clock.js';
import { apart, comeBack, isMoving, moveApart, part, seenApart } from './apart.js';
import { after } from './patches.js';

const MOST_WAITING = 100;
const told = signal(null), waiting = signal([]);

// The queue with everything that was asked of it; null until the house has told it.
export const line = computed(() => seenApart(told.value && waiting.value.reduce((queue, { predict }) => predict(queue), told.value)));

const clock = new HouseClock((t0) => say('clock', { t0 }));
// Milliseconds of the house's time, by which anchors count; the machine's own until a first burst has come.
export const houseMs = () => (clock.filter.known ? clock.timeMs() : Date.now());

const name = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, '0')).join('');

// Does an operation of docs/protocol/queue.md. `predict(queue)` is what it will make of the queue; `stands` false: only
// until the house tells the next change. Kept with the answer once the queue shows it, or with null when it was refused, which is said.
export function act(op, members = {}, predict = (queue) => queue, { stands = true, quiet = false } = {}) {
  if (!isLive.peek() && isMoving(op)) return Promise.resolve(moveApart(op, line.peek(), told.peek(), predict));
  if (waiting.value.length >= MOST_WAITING) { notice(t('playing.queue-away')); return Promise.resolve(null); }
  return new Promise((done) => {
    const one = { op, predict, stands, quiet, done, members: { ...members, clientOpId: name() }, since: told.value?.rev ?? 0, rev: null };
    waiting.value = [...waiting.value, one];
    if (isLive.value) send(one);
    else if (!quiet && waiting.value.length === 1) notice(t('playing.queue-away'));
  });
}

// The revision that is seen, for what must not be done once others changed the queue; none while operations are under way,
// which come before in any case.
export const seenRev = () => (waiting.value.length || apart.value ? {} : { baseRev: told.value?.rev });

const drop = (one) => { waiting.value = waiting.value.filter((each) => each !== one); };

async function send(one) {
  try {
    const answer = await say(`queue.${one.op}`, one.members);
    Object.assign(one, { rev: answer.rev, answer });
    settle();
  } catch (error) {
    // Without a code it did not get through: it is sent again, at the latest with the next connection.
    if (!error.code) {
      setTimeout(() => { if (isLive.value && waiting.value.includes(one)) send(one); }, 1000);
      return;
    }
    drop(one);
    if (!one.quiet) notice(wordsOf(error));
    one.done(null);
  }
}

const wordsOf = (error) => (error.code === 'STALE' ? t('playing.queue-changed') : error.message);

// Predictions go when the house has told what they led to.
function settle() {
  const rev = told.value?.rev ?? 0, over = waiting.value.filter((one) => one.rev !== null && one.rev <= rev);
  if (!over.length) return;
  waiting.value = waiting.value.filter((one) => !over.includes(one));
  for (const one of over) one.done(one.answer);
}

async function follow() {
  await say('queue.follow', told.value ? { lastRev: told.value.rev } : {});
}

function hear(event) {
  if (event.ev === 'unfollowed' && event.topic === 'queue') { setTimeout(() => isLive.value && follow().catch(() => {}), 1000); return; }
  if (event.ev !== 'queue') return;
  const next = after(told.value, event);
  if (next === null) { whole(); return; }
  if (told.value && next.rev < told.value.rev) return;
  told.value = next.unavailable ? next : { ...next, unavailable: told.value?.unavailable ?? [] };
  if (apart.value && isLive.value) batch(() => comeBack(told.value, act, houseMs));
  for (const one of waiting.value) if (!one.stands && next.rev > one.since) one.predict = (queue) => queue;
  settle();
}

async function whole() {
  try { hear({ ev: 'queue', ...await say('queue.get') }); } catch { /* the next connection tells it */ }
}

// The network is gone: what moves the music is no more the house's to do, until it is back.
function leave() {
  if (!told.value) return;
  part(line.value, told.value);
  for (const one of waiting.value) if (isMoving(one.op)) one.done(null);
  waiting.value = waiting.value.filter((one) => !isMoving(one.op));
}

// Begins to follow; `ready` is called with the first state after each connection's greeting.
export function startFollowing() {
  onEvent(hear);
  whenOpen(async () => {
    clock.start();
    await follow();
    for (const one of waiting.value) if (one.rev === null) send(one);
  });

  effect(() => { if (!isLive.value) untracked(leave); });
  let who = person.value?.id;
  person.subscribe((now) => {
    if (now?.id === who) return;
    who = now?.id;
    apart.value = null;
    for (const one of waiting.value) one.done(null);
    waiting.value = [];
    told.value = null;
    clock.stop();
  });
}
