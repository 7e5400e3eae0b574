// The stations somebody keeps, and seeds for new ones.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { ARTIST, card, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { shelf } from '../../parts/shelf.js';
import { ask } from '../../session/api.js';
import { heading } from '../browse/choices.js';
import { person } from '../../session/session.js';

const KEPT = 'myRadios(limit: 100) { id name seedArtist { profileImage } seedSong { coverImage } }';
const SEEDS = `trendingArtists(timeRange: MONTH, limit: 16) { ${ARTIST} } genres(limit: 30) { name slug id }`;

const seeds = ({ trendingArtists, genres }) => html`
  ${shelf({ id: 'artists', title: t('catalogue.radio-artists'), cards: trendingArtists.map((artist) => card({ address: `/radio/artist:${artist.id}`, picture: artist.profileImage, title: artist.name, round: true })) })}
  <section class="shelf" aria-labelledby="genres"><h2 id="genres">${t('catalogue.radio-genres')}</h2>
    <div class="pills">${genres.map(({ id, name }) => html`<a class="pill" href="/radio/genre:${id}">${name}</a>`)}</div></section>`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: ({ abort }) => ask(`query { ${person.value ? KEPT : ''} ${SEEDS} }`, {}, { abort }),
  title: () => t('catalogue.stations'),
  view: (known) => html`${heading('/radio')}
    ${known.myRadios?.length ? grid(known.myRadios.map((station) => card({ address: `/radio/${station.id}`, title: station.name,
    picture: station.seedArtist?.profileImage ?? station.seedSong?.coverImage })))
    : empty({ sign: 'radio', title: t('catalogue.no-stations'), words: t('catalogue.no-stations-why') })}
    ${seeds(known)}`,
};
