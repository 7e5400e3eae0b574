// The signed-in person's one socket, `/ws`: notifications and rooms speak over it. Their token is renewed in time.
import { PlayerSocket } from '/web/room/socket.js';
import { renew, signedIn } from './api.js';

const BEFORE_END_MS = 30000, LATEST_MS = 2 ** 31 - 1;
const openers = new Set(), hearers = new Set(), losers = new Set();
let socket = null, renewing = null;

// `open` on each connection, `hear` for each event, `lose` when the connection is gone for a while.
export const whenOpen = (open) => { openers.add(open); return () => openers.delete(open); };
export const onEvent = (hear) => { hearers.add(hear); return () => hearers.delete(hear); };
export const onLoss = (lose) => { losers.add(lose); return () => losers.delete(lose); };
export const isOpen = () => Boolean(socket?.greeted);

export function ask(op, members) {
  return socket ? socket.ask(op, members) : Promise.reject(new Error('There is no connection just now.'));
}

export function connect() {
  disconnect();
  if (!signedIn()) return;
  const mine = new PlayerSocket(() => ({ token: signedIn()?.token }), {
    opened: async (answer) => {
      mine.greeted = true;
      renewLater(answer.expiresAt && Date.parse(answer.expiresAt) - answer.server.now);
      for (const open of openers) await open();
    },
    heard: (event) => { for (const hear of hearers) hear(event); },
    lost: () => { mine.greeted = false; for (const lose of losers) lose(); },
    over: () => { mine.greeted = false; for (const lose of losers) lose(); },
    // Signed out everywhere, or only a token that ran out while the machine slept? Renewing tells.
    renewed: async () => {
      if (socket !== mine) return false;
      try { await renew(); } catch { /* away, so try again; or signed out, which ends this */ }
      return Boolean(signedIn()) && socket === mine;
    },
  });
  socket = mine;
  mine.connect();
}

export function disconnect() {
  clearTimeout(renewing);
  socket?.close();
  socket = null;
}

function renewLater(leftMs) {
  clearTimeout(renewing);
  if (!leftMs) return;
  renewing = setTimeout(async () => {
    try {
      await renew();
      const { expiresAt } = await ask('renew', { token: signedIn()?.token });
      renewLater(Date.parse(expiresAt) - Date.now());
    } catch { /* the server closes then, and the next connection has a fresh token */ }
  }, Math.min(LATEST_MS, Math.max(1000, leftMs - BEFORE_END_MS)));
}
