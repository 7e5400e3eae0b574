// What can be done with a song, behind the three dots of its row.
import { t } from '../language/language.js';
import { addToQueue, playNext } from '../playing/player.js';
import { person } from '../session/session.js';
import { addToPlaylist } from './add_to_playlist.js';
import { menu } from './menu.js';
import { report } from './report.js';
import { share } from './share.js';

// The part of the menu that every song has, wherever it is shown.
export const songItems = (song) => [
  person.value ? [t('frame.play-next'), 'next', () => playNext([song.id])] : null,
  person.value ? [t('frame.add-to-queue'), 'queue', () => addToQueue([song.id])] : null,
  person.value ? [t('frame.add-to-playlist'), 'plus', () => addToPlaylist([song.id], song.title)] : null,
  [t('frame.start-radio'), 'radio', `/radio/song:${song.id}`],
  song.album ? [t('frame.to-album'), 'disc', `/album/${song.album.slug}`] : null,
  song.artist ? [t('frame.to-artist'), 'person', `/artist/${song.artist.slug}`] : null,
  [t('frame.share'), 'share', () => share({ kind: 'song', id: song.id, title: song.title, address: `/song/${song.slug}` })],
  person.value ? [t('frame.report'), 'flag', () => report({ kind: 'SONG', id: song.id, name: song.title })] : null,
];

export const songMenu = (song, more = []) => menu({
  id: `song-${song.key ?? song.id}`,
  label: t('frame.more-of', { name: song.title }),
  items: () => [...(more ?? []), ...songItems(song)],
});
