// The albums one saved, the latest first.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { ALBUM, albumCard, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const SAVED = `query($after: String) { savedAlbums(first: 60, after: $after) { edges { node { ${ALBUM} } } pageInfo { hasNextPage endCursor } totalCount } }`;

export const page = {
  areas: ['library'],
  needs: 'listener',
  skeleton: 'grid',
  load: ({ abort, back }) => endless(async (after) => (await ask(SAVED, { after }, { abort })).savedAlbums, { back }),
  title: () => t('library.albums'),
  view: (albums) => html`${heading('/library/albums')}${watched(() => (albums.items.value.length ? html`${grid(albums.items.value.map(albumCard))}${moreOf(albums)}`
    : empty({ sign: 'disc', title: t('library.no-albums'), words: t('library.no-albums-why'), way: ['/albums', t('library.to-albums')] })))}`,
};
