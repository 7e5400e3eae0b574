// The head of the library: its rooms.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { tabs } from '../../parts/tabs.js';

const PLACES = [
  ['/library', 'library.playlists'],
  ['/library/songs', 'library.songs'],
  ['/library/albums', 'library.albums'],
  ['/library/artists', 'library.artists'],
  ['/library/downloads', 'library.downloads'],
  ['/library/history', 'library.history'],
  ['/library/reviews', 'library.reviews'],
  ['/library/links', 'library.links'],
];

export const heading = (here) => html`<h1>${t('frame.library')}</h1>
  ${tabs(t('frame.library'), PLACES.map(([address, key]) => [address, t(key), address === here]))}`;
