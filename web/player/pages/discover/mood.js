// The day's songs of a mood, each with why it is there.
import { t } from '../../language/language.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';
import { listOfSongs } from './list_of_songs.js';
import { madeOf, moodTitle, whyOf } from './mood_words.js';

const MOOD = `query($mood: String!) { moodPlaylist(mood: $mood, limit: 60) { mood isYours entries { why song { mood ${ROW} } } } }`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    try { return (await ask(MOOD, { mood: params.name }, { abort })).moodPlaylist; }
    catch (error) { if (['INVALID', 'NOT_FOUND', 'UNKNOWN_MOOD'].includes(error.code)) return null; throw error; }
  },
  title: ({ mood }) => moodTitle(mood),
  view: (list) => listOfSongs({ noun: t('catalogue.mood'), title: moodTitle(list.mood), words: madeOf(list), songs: list.entries.map(({ song }) => song),
    why: (_, index) => whyOf(list.entries[index], list.mood), none: [t('catalogue.no-songs'), madeOf(list)] }),
};
