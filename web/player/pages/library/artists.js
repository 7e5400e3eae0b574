// The artists one follows, the latest first.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { ARTIST, artistCard, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const FOLLOWED = `query($after: String) { followedArtists(first: 60, after: $after) { edges { node { ${ARTIST} } } pageInfo { hasNextPage endCursor } totalCount } }`;

export const page = {
  areas: ['library'],
  needs: 'listener',
  skeleton: 'grid',
  load: ({ abort, back }) => endless(async (after) => (await ask(FOLLOWED, { after }, { abort })).followedArtists, { back }),
  title: () => t('library.artists'),
  view: (artists) => html`${heading('/library/artists')}${watched(() => (artists.items.value.length ? html`${grid(artists.items.value.map(artistCard))}${moreOf(artists)}`
    : empty({ sign: 'person', title: t('library.no-artists'), words: t('library.no-artists-why'), way: ['/artists', t('library.to-artists')] })))}`,
};
