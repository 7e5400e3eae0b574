// The first page: where one was, what is made for one and why, what is new, and what is played most. One question asks it all.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { list, t } from '../language/language.js';
import { ALBUM, PERSON, PLAYLIST, SONG, albumCard, card, personCard, playlistCard, songCard } from '../parts/card.js';
import { empty } from '../parts/empty.js';
import { icon } from '../parts/icon.js';
import { later } from '../parts/later.js';
import { shelf } from '../parts/shelf.js';
import { watched } from '../parts/watched.js';
import { ask, listen } from '../session/api.js';
import { person } from '../session/session.js';
import { PLAYED, goingOn, tile } from './home/going_on.js';
import { movement } from './discover/movement.js';
import { RECOMMENDED, byReason } from './discover/reason.js';
import { moodTile } from './discover/moods.js';

const EVERYBODY = `newReleases(limit: 16) { ${ALBUM} } trendingCharts(limit: 12) { songs { position change song { ${SONG} } } }
  featuredPlaylists(limit: 12) { ${PLAYLIST} } moods { name tagged measured }`;
const VISITOR = `query { ${EVERYBODY} }`;
const LISTENER = `query { ${EVERYBODY} ${PLAYED}
  dailyMixes { id title artists { name } coverImage } discoverWeekly { songs { coverImage } }
  releaseRadar(limit: 12) { releases { album { ${ALBUM} } song { ${SONG} } } }
  recommendations(limit: 48) { ${RECOMMENDED} } }`;
const FRIENDS = `subscription { friendsListening { status user { ${PERSON} } song { id slug title artistCredit } } }`;
const MOODS = 8, GROUPS = 4, ENOUGH = 3;

const listening = (friend) => personCard(friend.user, friend.song
  ? html`${icon('note')} <a href="/song/${friend.song.slug}">${friend.song.title}</a> · ${friend.song.artistCredit}` : t('catalogue.is-here'));

const friendsShelf = (friends) => (friends?.length ? shelf({ id: 'friends', title: t('catalogue.friends'), cards: friends.filter(({ user }) => user).map(listening) }) : nothing);

function madeForYou({ dailyMixes = [], discoverWeekly }) {
  const cards = dailyMixes.map((mix) => card({ address: `/mix/${mix.id}`, picture: mix.coverImage, title: mix.title, words: list(mix.artists.map(({ name }) => name)), wordy: true }));
  if (discoverWeekly?.songs.length) {
    cards.push(card({ address: '/mixes/weekly', picture: discoverWeekly.songs.find(({ coverImage }) => coverImage)?.coverImage, title: t('catalogue.weekly'), words: t('catalogue.weekly-why'), wordy: true }));
  }
  return shelf({ id: 'made', title: t('catalogue.made-for-you'), all: '/mixes', cards });
}

const radarShelf = ({ releaseRadar }) => (releaseRadar ? shelf({ id: 'radar', title: t('catalogue.radar'), all: '/mixes/radar',
  cards: releaseRadar.releases.map(({ album, song }) => (album ? albumCard(album) : songCard([song], 0))) }) : nothing);

const reasons = ({ recommendations }) => byReason(recommendations?.items ?? []).filter(([, songs]) => songs.length >= ENOUGH).slice(0, GROUPS)
  .map(([why, songs], at) => shelf({ id: `reason-${at}`, title: why, cards: songs.map((_, index) => songCard(songs, index)) }));

const chart = ({ trendingCharts }) => {
  const places = trendingCharts?.songs ?? [], songs = places.map(({ song }) => song);
  return shelf({ id: 'charts', title: t('catalogue.charts'), all: '/charts', cards: places.map((place, index) => songCard(songs, index, {
    words: html`<span class="chart-place">${place.position}</span> ${movement(place)} ${place.song.artistCredit}` })) });
};

const moodShelf = ({ moods }) => (moods?.length ? html`<section class="shelf" aria-labelledby="shelf-moods"><div class="shelf-head"><h2 id="shelf-moods">${t('catalogue.moods')}</h2>
  <a class="quiet" href="/moods">${t('frame.show-all')}</a></div><div class="mood-tiles">${moods.slice(0, MOODS).map(moodTile)}</div></section>` : nothing);

const newShelf = ({ newReleases }) => shelf({ id: 'new', title: t('catalogue.new'), all: '/albums?by=NEWEST', cards: newReleases.map(albumCard) });
const houseShelf = ({ featuredPlaylists }) => shelf({ id: 'house', title: t('catalogue.chosen'), cards: (featuredPlaylists ?? []).map(playlistCard) });

const doorstep = () => html`<section class="doorstep"><h1>${t('catalogue.welcome-visitor')}</h1><p>${t('catalogue.welcome-why')}</p>
  <p class="acts"><a class="button main" href="/welcome">${t('frame.sign-in')}</a><a class="button" href="/albums">${t('catalogue.look-around')}</a></p></section>`;

const nothingHere = ({ newReleases, trendingCharts }) => !newReleases.length && !trendingCharts?.songs.length;

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: async ({ abort, onLeave }) => {
    const known = await ask(person.value ? LISTENER : VISITOR, {}, { abort }), friends = signal([]);
    if (person.value) onLeave(listen(FRIENDS, {}, (news) => { friends.value = news.friendsListening ?? []; }));
    return { ...known, friends, tiles: person.value ? later(() => goingOn(known.listeningHistory, abort)) : null };
  },
  title: () => 'Tutti',
  view: (home) => html`
    ${person.value ? html`<h1 class="hidden-words">${t('catalogue.welcome')}</h1>` : doorstep()}
    ${nothingHere(home) ? empty({ sign: 'disc', title: t('catalogue.empty'), words: t('catalogue.empty-why') }) : nothing}
    ${watched(() => (home.tiles?.value?.length ? html`<section aria-labelledby="going-on"><h2 id="going-on" class="first">${t('catalogue.going-on')}</h2>
      <div class="tiles">${home.tiles.value.map(tile)}</div></section>` : nothing))}
    ${madeForYou(home)}
    ${watched(() => friendsShelf(home.friends.value))}
    ${radarShelf(home)}
    ${newShelf(home)}
    ${reasons(home)}
    ${chart(home)}
    ${moodShelf(home)}
    ${houseShelf(home)}`,
};
