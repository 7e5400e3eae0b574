// Thirty songs for this week that were never played before.
import { day, t } from '../../language/language.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';
import { listOfSongs } from './list_of_songs.js';

const WEEKLY = `query { discoverWeekly { id refreshDate songs { ${ROW} } } }`;

export const page = {
  areas: ['catalogue'],
  needs: 'listener',
  skeleton: 'hero',
  load: async ({ abort }) => (await ask(WEEKLY, {}, { abort })).discoverWeekly,
  title: () => t('catalogue.weekly'),
  view: (weekly) => listOfSongs({ noun: t('catalogue.made-for-you'), title: t('catalogue.weekly'), words: t('catalogue.weekly-words'), songs: weekly.songs,
    facts: [t('catalogue.until', { day: day(weekly.refreshDate) })], none: [t('catalogue.weekly-none'), t('catalogue.weekly-none-why')] }),
};
