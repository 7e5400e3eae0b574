// What came out lately by artists one follows or plays much.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { ALBUM, SONG, card, grid, songCard } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { ask } from '../../session/api.js';
import { dayOf } from '../catalogue/release_day.js';

const RADAR = `query { releaseRadar(limit: 60) { releases { releaseDate album { ${ALBUM} } song { ${SONG} } } } }`;

export const page = {
  areas: ['catalogue'],
  needs: 'listener',
  skeleton: 'grid',
  load: async ({ abort }) => (await ask(RADAR, {}, { abort })).releaseRadar,
  title: () => t('catalogue.radar'),
  view: ({ releases }) => html`<h1>${t('catalogue.radar')}</h1>
    ${releases.length ? html`<p class="facts">${t('catalogue.radar-why')}</p>${grid(releases.map((release) => {
    const words = html`${dayOf(release.releaseDate)} · ${(release.album ?? release.song).artistCredit}`;
    return release.album ? card({ address: `/album/${release.album.slug}`, picture: release.album.coverImage, title: release.album.title, words, wordy: true, context: ['ALBUM', release.album.id] })
      : songCard([release.song], 0, { words });
  }))}` : empty({ sign: 'disc', title: t('catalogue.radar-none'), words: t('catalogue.radar-why'), way: ['/artists', t('catalogue.artists')] })}`,
};
