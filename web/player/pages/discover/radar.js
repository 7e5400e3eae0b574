// What came out lately by artists one follows or plays much.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { ALBUM, SONG, card, grid, songCard } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { ask } from '../../session/api.js';
import { dayOf } from '../catalogue/release_day.js';

const RADAR = `query { releaseRadar(limit: 60) { reason releases { releaseDate reason album { ${ALBUM} } song { ${SONG} } } } }`;

export const page = {
  areas: ['catalogue'],
  needs: 'listener',
  skeleton: 'grid',
  load: async ({ abort }) => (await ask(RADAR, {}, { abort })).releaseRadar,
  title: () => t('catalogue.radar'),
  view: ({ releases, reason }) => html`<h1>${t('catalogue.radar')}</h1>
    ${releases.length ? html`<p class="facts">${reason}</p>${grid(releases.map((release) => {
    const words = html`${dayOf(release.releaseDate)} · ${release.reason}`;
    return release.album ? card({ address: `/album/${release.album.slug}`, picture: release.album.coverImage, title: release.album.title, words, wordy: true, context: ['ALBUM', release.album.id] })
      : songCard([release.song], 0, { words });
  }))}` : empty({ sign: 'disc', title: t('catalogue.radar-none'), words: reason, way: ['/artists', t('catalogue.artists')] })}`,
};
