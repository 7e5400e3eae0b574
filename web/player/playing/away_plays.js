// What was heard while the house could not know of it, written down for it (docs/queue.md: what counts as heard).
import { isLive } from '../session/live.js';

const LISTENED_MS = 30000, LONGEST_TICK_MS = 2500;

// Counts what sounds of one playing; called now and then with where in the song it is.
export function listen(one, positionMs) {
  const now = performance.now(), past = now - (one.lookedAt ?? now);
  if (one.playing && past < LONGEST_TICK_MS && positionMs !== one.lookedMs) one.heardMs = (one.heardMs ?? 0) + past;
  one.startedAt ??= new Date(Date.now() - positionMs).toISOString();
  Object.assign(one, { lookedAt: now, lookedMs: positionMs });
  if (!isLive.peek()) one.wasApart = true;
}

// The playing is over. With a network the queue enters it into the ledger; without, it is reported when there is one.
export async function note(one, lengthMs, completed) {
  if (!one?.wasApart || !one.startedAt || !(one.heardMs >= Math.min(LISTENED_MS, (lengthMs || Infinity) / 2))) return;
  const { heardMs, songId, startedAt } = one;
  const [{ downloadOf }, { report }] = await Promise.all([import('../offline/keep.js'), import('../offline/reports.js')]);
  const downloadId = await downloadOf(songId).catch(() => undefined);
  const playId = one.playId ?? `apart:${Date.parse(startedAt)}:${songId}`.slice(0, 64);
  await report({ playId, songId, startedAt, msPlayed: Math.round(heardMs), completed, ...(downloadId ? { downloadId } : {}) });
}
