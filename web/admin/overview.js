// What the house holds and how it stands, at a glance.
import { ask } from '../player/session/api.js';
import { el } from '../page/element.js';
import { badge, bytes, count, facts, figures, ms, time } from './shown.js';

export async function overview(page) {
  const { adminHoldings: has, adminHealth: health, adminStorage: disk, adminErrors, adminJobs } = await ask(`{
    adminHoldings { songs hiddenSongs albums artists playlists users suspendedUsers unfinishedUploads waitingMails openCases }
    adminHealth { version python store startedAt loopLagMs loopLagWorstMs parts { name state } }
    adminStorage { diskFreeBytes diskTotalBytes cacheUsedBytes }
    adminErrors(level: ERROR, first: 1) { totalCount } adminJobs { name outcome isRunning } }`);
  const failed = adminJobs.filter((job) => job.outcome === 'failed');
  const live = el('div', { hidden: true });
  page.replaceChildren(el('h1', {}, 'Overview'), live,
    el('h2', {}, 'What waits for somebody'),
    figures([['Reported, not looked at', link('#/moderation', count(has.openCases))], ['Kinds of errors', link('#/errors', count(adminErrors.totalCount))],
      ['Jobs that failed', link('#/jobs', count(failed.length))], ['Mails to be sent', count(has.waitingMails)], ['Unfinished uploads', count(has.unfinishedUploads)]]),
    el('h2', {}, 'What the house holds'),
    figures([['Songs', count(has.songs)], ['of these hidden', count(has.hiddenSongs)], ['Albums', count(has.albums)], ['Artists', count(has.artists)],
      ['Playlists', count(has.playlists)], ['Accounts', link('#/users', count(has.users))], ['kept out', count(has.suspendedUsers)],
      ['Free on the disk', bytes(disk.diskFreeBytes)], ['Encoded sound kept', bytes(disk.cacheUsedBytes)]]),
    el('h2', {}, 'Health'),
    facts([['Version', health.version], ['Python', health.python], ['Documents in', health.store], ['Running since', time(health.startedAt)],
      ['Loop is late by', `${ms(health.loopLagMs)}, at worst ${ms(health.loopLagWorstMs)} in the last minute`],
      ...health.parts.map((part) => [part.name, badge(part.state, part.state === 'ok' ? 'good' : 'bad')])]));
  listeners(live);
}

// The figure is another part's: where it is not to be had, nothing is shown.
async function listeners(box) {
  try {
    const { liveListeners } = await ask('{ liveListeners { count } }');
    if (!liveListeners) return;
    box.replaceChildren(figures([['Listening just now', count(liveListeners.count)]]));
    box.hidden = false;
  } catch { /* not here */ }
}

const link = (href, text) => el('a', { href }, text);
