// The search before anything is typed: what one searched for, what many search for, and ways to look around.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { confirmed } from '../../parts/dialog.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { person } from '../../session/session.js';
import { moodTile } from '../discover/moods.js';

const BEFORE = 'trendingSearches(limit: 10) { query } genres(rootsOnly: true, limit: 60) { slug name } moods { name tagged measured }';

export const openThreshold = (abort) => ask(`query { ${person.value ? 'searchHistory(limit: 12) { id query }' : ''} ${BEFORE} }`, {}, { abort });

const addressOf = (words) => `/search?q=${encodeURIComponent(words)}`;

async function forget(before, entry) {
  try {
    await ask('mutation($id: ID!) { removeFromSearchHistory(searchId: $id) { success } }', { id: entry.id });
    before.value = { ...before.value, searchHistory: before.value.searchHistory.filter(({ id }) => id !== entry.id) };
    notice(t('search.forgotten', { words: entry.query }));
  } catch (error) { notice(error.message); }
}

async function forgetAll(before) {
  if (!await confirmed({ title: t('search.clear'), words: t('search.clear-why'), act: t('search.clear-act') })) return;
  try {
    await ask('mutation { clearSearchHistory { success } }');
    before.value = { ...before.value, searchHistory: [] };
  } catch (error) { notice(error.message); }
}

export function threshold(before) {
  const { searchHistory = [], trendingSearches, genres, moods } = before.value;
  return html`
    ${searchHistory.length ? html`<section aria-labelledby="searched"><div class="shelf-head"><h2 id="searched" class="first">${t('search.history')}</h2>
      <button class="link" @click=${() => forgetAll(before)}>${t('search.clear-act')}</button></div>
      <ul class="searched">${searchHistory.map((entry) => html`<li><a href=${addressOf(entry.query)}>${icon('clock')}<span>${entry.query}</span></a>
        <button class="round-button" aria-label=${t('search.forget', { words: entry.query })} @click=${() => forget(before, entry)}>${icon('close')}</button></li>`)}</ul></section>` : nothing}
    ${trendingSearches?.length ? html`<section aria-labelledby="trending"><h2 id="trending">${t('search.trending')}</h2>
      <div class="pills">${trendingSearches.map(({ query }) => html`<a class="pill" href=${addressOf(query)}>${icon('trend')}${query}</a>`)}</div></section>` : nothing}
    ${genres?.length ? html`<section aria-labelledby="genres"><div class="shelf-head"><h2 id="genres">${t('search.by-genre')}</h2><a class="quiet" href="/genres">${t('frame.show-all')}</a></div>
      <div class="mood-tiles">${genres.map(({ slug, name }) => html`<a class="mood-tile is-genre" href="/genre/${slug}"><strong>${name}</strong></a>`)}</div></section>` : nothing}
    ${moods?.length ? html`<section aria-labelledby="moods"><div class="shelf-head"><h2 id="moods">${t('search.by-mood')}</h2><a class="quiet" href="/moods">${t('frame.show-all')}</a></div>
      <div class="mood-tiles">${moods.slice(0, 12).map(moodTile)}</div></section>` : nothing}
    <p class="acts"><a class="button" href="/charts">${icon('trend')}${t('catalogue.charts')}</a><a class="button" href="/radio">${icon('radio')}${t('catalogue.stations')}</a>
      <a class="button" href="/albums">${icon('disc')}${t('catalogue.albums')}</a><a class="button" href="/artists">${icon('person')}${t('catalogue.artists')}</a><a class="button" href="/songs">${icon('note')}${t('catalogue.songs')}</a></p>`;
}
