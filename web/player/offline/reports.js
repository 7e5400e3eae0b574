// What was heard without a network: written down at once, reported when there is one. A play has its id, so that a report
// whose answer was lost may be said again.
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { dropPlays, keepPlay, waitingPlays } from './keep.js';
import { whenOnline } from './online.js';

const REPORT = 'mutation($plays: [PlayReport!]!) { reportPlays(plays: $plays) { answers { playId outcome code } } }';
const AT_ONCE = 50;
let reporting = null;

// A play as the API's PlayReport; `downloadId` proves that it was licensed.
export async function report(play) {
  await keepPlay(play);
  send();
}

export function send() {
  reporting ??= sendAll().catch(() => { /* away: the network's return tries again */ }).finally(() => { reporting = null; });
  return reporting;
}

async function sendAll() {
  for (;;) {
    const plays = await waitingPlays(AT_ONCE);
    if (!plays.length || !person.value) return;
    const { reportPlays } = await ask(REPORT, { plays });
    // An answer is final, also a refusal: saying it again would be refused again.
    await dropPlays(reportPlays.answers.map(({ playId }) => playId));
  }
}

export const startReports = () => whenOnline(send);
