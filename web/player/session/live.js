// The signed-in person's one socket, `/ws`: queue, devices and rooms speak over it. It comes back by itself, with a token
// that is renewed in time. It opens when the first of those asks for it, and follows whoever is signed in.
import { signal } from '@preact/signals-core';
import { PlayerSocket } from '../../room/socket.js';
import { person, renew, token } from './session.js';

const BEFORE_END_MS = 30000, SOON_MS = 3000, LATEST_MS = 2 ** 31 - 1;
const openers = new Set(), hearers = new Set();
let socket = null, renewing = null, whoIsThis = null;

// Whether words get through just now; false too while nobody is signed in.
export const isLive = signal(false);

// Kept once there is a connection, or none is to be expected soon.
export function soonLive() {
  if (isLive.value || !navigator.onLine) return Promise.resolve();
  return new Promise((done) => {
    const stop = isLive.subscribe((is) => { if (is) setTimeout(over); });
    const timer = setTimeout(over, SOON_MS);
    function over() { clearTimeout(timer); stop(); done(); }
  });
}

// `open(answer)` is called with each connection's greeting, `hear(event)` for each event. Both give back how to stop it.
export function whenOpen(open) {
  openers.add(open);
  return () => openers.delete(open);
}

export function onEvent(hear) {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

// One operation's answer; an error with a `code` is a refusal, one without means that it did not get through.
export function say(op, members) {
  return socket ? socket.ask(op, members) : Promise.reject(new Error('There is no connection just now.'));
}

// Keeps the socket open from now on. `introduce()` tells, at each connection, which device this is.
export function keepOpen(introduce) {
  whoIsThis = introduce;
  let who = null;
  person.subscribe((now) => {
    if (now?.id === who) return;
    who = now?.id;
    disconnect();
    if (who) connect();
  });
  addEventListener('online', () => { if (person.value && !isLive.value) { disconnect(); connect(); } });
}

function connect() {
  const mine = new PlayerSocket(() => ({ token: token(), device: whoIsThis() }), {
    opened: async (answer) => {
      if (socket !== mine) return;
      renewLater(answer.expiresAt && Date.parse(answer.expiresAt) - answer.server.now);
      isLive.value = true;
      for (const open of openers) await open(answer);
    },
    heard: (event) => { if (socket === mine) for (const hear of hearers) hear(event); },
    lost: () => { if (socket === mine) isLive.value = false; },
    over: () => { if (socket === mine) isLive.value = false; },
    // Signed out everywhere, or only a token that ran out while the machine slept? Renewing tells.
    renewed: async () => {
      if (socket !== mine) return false;
      try { await renew(); } catch { /* away, so try again; or signed out, which ends this */ }
      return Boolean(person.value) && socket === mine;
    },
  });
  socket = mine;
  mine.connect();
}

function disconnect() {
  clearTimeout(renewing);
  socket?.close();
  socket = null;
  isLive.value = false;
}

function renewLater(leftMs) {
  clearTimeout(renewing);
  if (!leftMs) return;
  renewing = setTimeout(async () => {
    try {
      await renew();
      const { expiresAt } = await say('renew', { token: token() });
      renewLater(Date.parse(expiresAt) - Date.now());
    } catch { /* the server closes then, and the next connection has a fresh token */ }
  }, Math.min(LATEST_MS, Math.max(1000, leftMs - BEFORE_END_MS)));
}
