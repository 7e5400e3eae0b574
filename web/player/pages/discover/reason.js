// Why the house recommends songs, in the reader's words: it tells what kind of reason it is and what that is about.
import { t } from '../../language/language.js';
import { SONG } from '../../parts/card.js';

// What recommendations need, as a GraphQL selection.
export const RECOMMENDED = `items { reason { kind times artist { name } song { title } genre { name } } song { ${SONG} } }`;

export function reasonOf({ kind, times, artist, song, genre }) {
  const name = artist?.name ?? song?.title ?? genre?.name ?? '';
  return times ? t('catalogue.because-played', { name, n: times }) : t(`catalogue.because-${kind === 'SONG' ? 'liked' : kind.toLowerCase()}`, { name });
}

// [why, songs] of those that are there for the same reason, in the order of the first of each.
export function byReason(items) {
  const found = new Map();
  for (const { reason, song } of items) {
    const why = reasonOf(reason);
    if (!found.has(why)) found.set(why, []);
    found.get(why).push(song);
  }
  return [...found];
}
