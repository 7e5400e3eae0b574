// Everything that is made for somebody: mixes of the day, the week's discoveries, new releases of theirs.
import { html } from 'lit-html';
import { list, t } from '../../language/language.js';
import { card, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { ask } from '../../session/api.js';

const MADE = `query { dailyMixes { id title artists { name } coverImage } discoverWeekly { songs { coverImage } } releaseRadar { releases { album { coverImage } song { coverImage } } } }`;
const pictureOf = (songs) => songs.find(({ coverImage }) => coverImage)?.coverImage;

export const page = {
  areas: ['catalogue'],
  needs: 'listener',
  skeleton: 'grid',
  load: ({ abort }) => ask(MADE, {}, { abort }),
  title: () => t('catalogue.made-for-you'),
  view: ({ dailyMixes, discoverWeekly, releaseRadar }) => html`<h1>${t('catalogue.made-for-you')}</h1>
    ${dailyMixes.length || discoverWeekly.songs.length ? grid([
    ...dailyMixes.map((mix) => card({ address: `/mix/${mix.id}`, picture: mix.coverImage, title: mix.title, words: list(mix.artists.map(({ name }) => name)), wordy: true })),
    card({ address: '/mixes/weekly', picture: pictureOf(discoverWeekly.songs), title: t('catalogue.weekly'), words: t('catalogue.weekly-why'), wordy: true }),
    card({ address: '/mixes/radar', picture: pictureOf(releaseRadar.releases.map(({ album, song }) => album ?? song)), title: t('catalogue.radar'), words: t('catalogue.radar-why') }),
  ]) : empty({ title: t('catalogue.no-mixes'), words: t('catalogue.no-mixes-why'), way: ['/search', t('frame.search')] })}`,
};
