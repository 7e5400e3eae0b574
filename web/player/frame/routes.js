// Which page an address shows. A page is a module of `pages/`, fetched when it is first needed.
// `{name}` is one segment; the page gets it decoded in `params`, and the query string in `search`.
const ROUTES = [
  ['/', () => import('../pages/home.js')],
  ['/search', () => import('../pages/search.js')],
  ['/albums', () => import('../pages/browse/albums.js')],
  ['/artists', () => import('../pages/browse/artists.js')],
  ['/songs', () => import('../pages/browse/songs.js')],
  ['/album/{slug}', () => import('../pages/album.js')],
  ['/artist/{slug}', () => import('../pages/artist.js')],
  ['/statistics', () => import('../pages/statistics.js')],
  ['/add', () => import('../pages/add/add.js')],
  ['/library/downloads', () => import('../pages/library/downloads.js')],
  ['/queue', () => import('../pages/queue.js')],
  ['/devices', () => import('../pages/devices.js')],
  ['/lyrics', () => import('../pages/lyrics.js')],
  ['/rooms', () => import('../pages/rooms.js')],
  ['/room/{id}', () => import('../pages/room/room.js')],
  ['/genres', () => import('../pages/browse/genres.js')],
  ['/genre/{slug}', () => import('../pages/browse/genre.js')],
  ['/song/{slug}', () => import('../pages/song.js')],
  ['/charts', () => import('../pages/discover/charts.js')],
  ['/moods', () => import('../pages/discover/moods.js')],
  ['/mood/{name}', () => import('../pages/discover/mood.js')],
  ['/mixes', () => import('../pages/discover/mixes.js')],
  ['/mixes/weekly', () => import('../pages/discover/weekly.js')],
  ['/mixes/radar', () => import('../pages/discover/radar.js')],
  ['/mix/{id}', () => import('../pages/discover/mix.js')],
  ['/library', () => import('../pages/library/playlists.js')],
  ['/library/songs', () => import('../pages/library/songs.js')],
  ['/library/albums', () => import('../pages/library/albums.js')],
  ['/library/artists', () => import('../pages/library/artists.js')],
  ['/library/history', () => import('../pages/library/history.js')],
  ['/library/reviews', () => import('../pages/library/reviews.js')],
  ['/library/links', () => import('../pages/library/links.js')],
  ['/library/smart', () => import('../pages/playlist/rules.js')],
  ['/playlist/{slug}', () => import('../pages/playlist/playlist.js')],
  ['/playlist/join/{token}', () => import('../pages/playlist/join.js')],
  ['/playlist/{slug}/rules', () => import('../pages/playlist/rules.js')],
  ['/user/{name}', () => import('../pages/person/person.js')],
  ['/user/{name}/followers', () => import('../pages/person/followers.js').then((module) => module.followers)],
  ['/user/{name}/following', () => import('../pages/person/followers.js').then((module) => module.following)],
  ['/radio', () => import('../pages/discover/radios.js')],
  ['/radio/{id}', () => import('../pages/discover/radio.js')],
  ['/welcome', () => import('../pages/welcome/welcome.js')],
  ['/settings', () => import('../pages/settings/settings.js')],
  ['/settings/{section}', () => import('../pages/settings/settings.js')],
  ['/notifications', () => import('../pages/notifications.js')],
  ['/plan', () => import('../pages/plan/plan.js')],
  ['/family/{token}', () => import('../pages/plan/invitation.js')],
];

const compiled = ROUTES.map(([pattern, open]) => {
  const names = [];
  const source = pattern.replace(/\{(\w+)\}/g, (_, name) => { names.push(name); return '([^/]+)'; });
  return { match: new RegExp(`^${source}/?$`), names, open };
});

function decoded(segment) {
  try { return decodeURIComponent(segment); } catch { return null; }
}

// `{ open, params }` for a path, or null for one that leads to no page.
export function routeOf(path) {
  for (const { match, names, open } of compiled) {
    const found = match.exec(path);
    if (!found) continue;
    const values = found.slice(1).map(decoded);
    if (values.includes(null)) return null;
    return { open, params: Object.fromEntries(names.map((name, at) => [name, values[at]])) };
  }
  return null;
}
