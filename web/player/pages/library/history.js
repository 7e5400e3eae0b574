// What one listened to, by day; single plays or everything can be taken out.
import { html } from 'lit-html';
import { day, language, t } from '../../language/language.js';
import { confirmed } from '../../parts/dialog.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const PLAYS = `query($after: String) { listeningHistoryConnection(first: 100, after: $after) { edges { node { id playedAt song { ${ROW} } } } pageInfo { hasNextPage endCursor } totalCount } }`;

const dayName = (moment) => {
  const today = new Date().toDateString(), yesterday = new Date(Date.now() - 86400000).toDateString(), that = new Date(moment).toDateString();
  if (that === today || that === yesterday) {
    const words = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(that === today ? 0 : -1, 'day');
    return words.charAt(0).toLocaleUpperCase(language.value) + words.slice(1);
  }
  return day(moment, 'full');
};
const hour = (moment) => new Intl.DateTimeFormat(language.value, { timeStyle: 'short' }).format(new Date(moment));

async function remove(plays, play) {
  try {
    await ask('mutation($id: ID!) { removeFromHistory(playId: $id) { success } }', { id: play.id });
    plays.items.value = plays.items.value.filter(({ id }) => id !== play.id);
    notice(t('library.play-removed', { name: play.song.title }));
  } catch (error) { notice(error.message); }
}

async function clear(plays) {
  if (!await confirmed({ title: t('library.clear-history'), words: t('library.clear-history-why'), act: t('library.clear') })) return;
  try {
    await ask('mutation { clearListeningHistory { success } }');
    plays.items.value = [];
    plays.more.value = false;
  } catch (error) { notice(error.message); }
}

// One day's songs; a song that was played twice stands there twice.
function ofDay(plays, name, those) {
  const songs = those.map((play) => ({ ...play.song, key: play.id }));
  return html`<section aria-label=${name}><h2>${name}</h2>${songRows(songs, { album: true,
    extra: (_, index) => html`<span class="facts small when">${hour(those[index].playedAt)}</span>`,
    more: (_, index) => [[t('library.remove-play'), 'close', () => remove(plays, those[index])]] })}</section>`;
}

export const page = {
  areas: ['library'],
  needs: 'listener',
  skeleton: 'rows',
  load: ({ abort, back }) => endless(async (after) => (await ask(PLAYS, { after }, { abort })).listeningHistoryConnection, { back }),
  title: () => t('library.history'),
  view: (plays) => html`${heading('/library/history')}${watched(() => {
    const those = plays.items.value.filter(({ song }) => song);
    if (!those.length && !plays.more.value) return empty({ sign: 'clock', title: t('library.no-history'), words: t('library.no-history-why'), way: ['/', t('frame.to-home')] });
    return html`<p class="acts"><button class="button" @click=${() => clear(plays)}>${icon('trash')}${t('library.clear-history-act')}</button></p>
      ${[...Map.groupBy(those, ({ playedAt }) => dayName(playedAt))].map(([name, day]) => ofDay(plays, name, day))}${moreOf(plays)}`;
  })}`,
};
