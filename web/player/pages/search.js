// The search: results as the words change, kept in the address; without words, what was and is searched for.
import { effect, signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { notice } from '../parts/notice.js';
import { skeleton } from '../parts/skeleton.js';
import { pills } from '../parts/tabs.js';
import { watched } from '../parts/watched.js';
import { path, rename } from '../frame/router.js';
import { KINDS, everything, ofKind } from './search/found.js';
import { filters, isFiltered, songFilters } from './search/filters.js';
import { findEverything, findKind, findSongs } from './search/finding.js';
import { markIn, unmark } from './search/matched.js';
import { openThreshold, threshold } from './search/threshold.js';

const PAUSE_MS = 160;
const asked = () => new URLSearchParams(path.value.split('?')[1] ?? '');

// The same search with something else chosen; null takes a choice away.
function change(changes) {
  const all = asked();
  for (const [key, value] of Object.entries(changes)) if (value === null || value === '') all.delete(key); else all.set(key, value);
  rename(`/search${all.size ? `?${all}` : ''}`);
}

const chosenKind = (parts) => (KINDS.some(([kind]) => kind === parts.get('type')) ? parts.get('type') : 'all');

async function find(parts, abort, back) {
  const words = parts.get('q')?.trim() ?? '', kind = chosenKind(parts);
  if (kind === 'songs' && (words || isFiltered(parts))) return { kind, songs: await findSongs(words, songFilters(parts), parts.get('sort') ?? 'RELEVANCE', abort, back) };
  if (!words) return null;
  return kind === 'all' ? { kind, found: await findEverything(words, abort) } : { kind, found: await findKind(words, kind, abort) };
}

export const page = {
  areas: ['catalogue', 'search'],
  skeleton: 'grid',
  load: async ({ abort, onLeave, back }) => {
    const answer = signal(null), busy = signal(false), before = signal(null);
    let current = null, waiting = null, last = null;
    const seek = async (parts) => {
      current?.abort();
      const mine = current = new AbortController();
      busy.value = true;
      try {
        const found = await find(parts, mine.signal, back);
        if (mine !== current) return;
        answer.value = found;
        if (!found) before.value ??= await openThreshold(mine.signal);
      } catch (error) { if (mine === current && error.name !== 'AbortError') notice(error.message); } finally { if (mine === current) busy.value = false; }
    };
    abort.addEventListener('abort', () => { current?.abort(); clearTimeout(waiting); });
    last = String(asked());
    await seek(asked());
    onLeave(effect(() => {
      const parts = asked(), now = String(parts);
      if (now === last || path.value.split('?')[0] !== '/search') return;
      last = now;
      clearTimeout(waiting);
      waiting = setTimeout(() => seek(parts), PAUSE_MS);
    }));
    // Once what was found is drawn, what was asked for is marked in it; the next pages of a list as well.
    onLeave(effect(() => {
      void answer.value?.songs?.list.items.value;
      const words = answer.value ? asked().get('q') ?? '' : '';
      requestAnimationFrame(() => { const place = document.querySelector('.found'); if (place) markIn(place, words); });
    }));
    onLeave(unmark);
    return { answer, busy, before };
  },
  title: () => (asked().get('q') ? t('search.for', { words: asked().get('q') }) : t('frame.search')),
  view: ({ answer, busy, before }) => html`<h1 class="hidden-words">${t('frame.search')}</h1>
    ${watched(() => {
    const parts = asked(), kind = chosenKind(parts), found = answer.value;
    const begun = parts.get('q')?.trim() || isFiltered(parts) || kind === 'songs';
    return html`
      ${begun ? pills(t('search.kinds'), [['all', t('catalogue.all')], ...KINDS.map(([one, key]) => [one, t(key)])], kind, (type) => change({ type: type === 'all' ? null : type })) : nothing}
      ${kind === 'songs' ? watched(() => filters(parts, found?.songs?.facets.value, change)) : nothing}
      <div class="found" aria-busy=${busy.value}>${found ? (found.kind === 'all' ? everything(found.found, parts.get('q'), change) : ofKind(found, parts.get('q'), change))
      : before.value ? threshold(before) : skeleton('grid')}</div>`;
  })}`,
};
