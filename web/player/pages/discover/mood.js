// The day's songs of a mood, each with why it is there.
import { t } from '../../language/language.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';
import { listOfSongs } from './list_of_songs.js';

const MOOD = `query($mood: String!) { moodPlaylist(mood: $mood, limit: 60) { mood reason entries { reason song { ${ROW} } } } }`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    try { return (await ask(MOOD, { mood: params.name }, { abort })).moodPlaylist; }
    catch (error) { if (['INVALID', 'NOT_FOUND', 'UNKNOWN_MOOD'].includes(error.code)) return null; throw error; }
  },
  title: ({ mood }) => mood,
  view: ({ mood, reason, entries }) => listOfSongs({ noun: t('catalogue.mood'), title: mood, words: reason, songs: entries.map(({ song }) => song),
    why: (_, index) => entries[index].reason, none: [t('catalogue.no-songs'), reason] }),
};
