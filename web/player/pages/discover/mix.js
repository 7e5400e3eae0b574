// One of the mixes of the day.
import { day, list, t } from '../../language/language.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';
import { listOfSongs } from './list_of_songs.js';

const MIX = `query($id: ID!) { dailyMix(id: $id) { id title artists { name } refreshDate coverImage songs { ${ROW} } } }`;

export const page = {
  areas: ['catalogue'],
  needs: 'listener',
  skeleton: 'hero',
  load: async ({ params, abort }) => (await ask(MIX, params, { abort })).dailyMix,
  title: (mix) => mix.title,
  view: (mix) => listOfSongs({ noun: t('catalogue.daily-mix'), title: mix.title, words: list(mix.artists.map(({ name }) => name)), picture: mix.coverImage, songs: mix.songs,
    facts: [t('catalogue.until', { day: day(mix.refreshDate) })], none: [t('catalogue.no-songs'), t('catalogue.no-mixes-why')] }),
};
