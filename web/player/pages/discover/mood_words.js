// Moods in the reader's words: what those that every house knows are called, and why songs are in a mood's list.
import { language, t } from '../../language/language.js';

const KNOWN = new Set(['angry', 'calm', 'dreamy', 'energetic', 'focus', 'happy', 'party', 'romantic', 'sad']);

// A mood that is only a tag is called as whoever tagged it called it.
export const moodName = (mood) => (KNOWN.has(mood) ? t(`catalogue.mood-${mood}`) : mood);
// As a heading: a capital where the script has one.
export const moodTitle = (mood) => { const [first, ...rest] = moodName(mood); return first.toLocaleUpperCase(language.value) + rest.join(''); };

// Why a song is there: its own tag, or how it sounds.
export const whyOf = ({ why, song }, mood) => (why === 'TAGGED' ? t('catalogue.mood-tagged', { name: song.mood }) : t('catalogue.mood-sounding', { name: moodName(mood) }));

// What the list is made of.
export function madeOf({ mood, entries, isYours }) {
  const name = moodName(mood), tagged = entries.filter(({ why }) => why === 'TAGGED').length, sounding = entries.length - tagged;
  if (!entries.length) return t('catalogue.mood-none', { name });
  return [tagged ? t('catalogue.mood-of-tags', { name, n: tagged }) : null, sounding ? t('catalogue.mood-of-sound', { n: sounding }) : null,
    isYours ? t('catalogue.mood-nearest') : null].filter(Boolean).join(' · ');
}
