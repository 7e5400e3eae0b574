// Everybody with an account: the list, and one account's sheet with what may be done to it.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { badge, bytes, count, facts, time, when, words } from './shown.js';
import { paged, table } from './table.js';

const USER = 'id username email roles subscriptionType subscriptionEnd isSuspended suspendedUntil bannedAt isDemo country createdAt updatedAt';
const LIST = `query($search: String, $role: GivenRole, $tier: SubscriptionType, $state: AccountState, $sort: AccountOrder!, $first: Int, $after: String) {
  adminUsers(search: $search, role: $role, tier: $tier, state: $state, sort: $sort, first: $first, after: $after) {
    edges { node { ${USER} } } pageInfo { hasNextPage endCursor } totalCount } }`;
const SHEET = `query($id: ID!) { adminUser(id: $id) { user { ${USER} } sessionCount lastSeenAt hasSecondFactor uploadCount uploadBytes playlistCount
  playsLately lastPlayAt reportCount grants { id source tier startsAt endsAt withdrawnAt } } }`;
const ROLES = ['ARTIST', 'MODERATOR', 'ADMIN'], TIERS = ['FREE', 'PREMIUM', 'FAMILY', 'STUDENT'];
const options = (codes, any) => [...(any ? [['', any]] : []), ...codes.map((code) => [code, words(code)])];
const state = (user) => (user.bannedAt ? badge('Banned', 'bad') : user.isSuspended ? badge(user.suspendedUntil ? `Suspended until ${when(user.suspendedUntil)}` : 'Suspended', 'bad') : badge('Active', 'good'));
const stateText = (user) => (user.bannedAt ? 'banned' : user.isSuspended ? 'suspended' : 'active');

export async function users(page) {
  const search = el('input', { type: 'search', name: 'search', autocomplete: 'off' });
  const role = choice('role', options(ROLES, 'Any')), tier = choice('tier', options(TIERS, 'Any')), kept = choice('state', options(['ACTIVE', 'SUSPENDED', 'BANNED'], 'Any'));
  const columns = [
    { name: 'Username', order: 'NAME', value: (u) => u.username, show: (u) => el('a', { href: `#/users/${u.id}` }, u.username) },
    { name: 'E-mail', value: (u) => u.email, kind: 'wide' }, { name: 'Roles', value: (u) => u.roles.map(words).join(', '), show: (u) => u.roles.map(words).join(', ') || 'Listener' },
    { name: 'Tier', value: (u) => words(u.subscriptionType) }, { name: 'State', value: stateText, show: state },
    { name: 'Joined', order: ['NEWEST', 'OLDEST'], kind: 'when', value: (u) => u.createdAt, show: (u) => time(u.createdAt) },
    { name: 'Changed', order: 'CHANGED', kind: 'when', value: (u) => u.updatedAt, show: (u) => time(u.updatedAt) },
  ];
  const list = paged('Users', columns, async (part) => (await ask(LIST, { ...part, search: search.value || null, role: role.value || null,
    tier: tier.value || null, state: kept.value || null })).adminUsers, { order: 'NEWEST', empty: 'Nobody is like that.' });
  const look = (event) => { event.preventDefault(); list.again(); };
  for (const box of [role, tier, kept]) box.onchange = look;
  page.replaceChildren(el('h1', {}, 'Users'), el('form', { class: 'tools', role: 'search', onsubmit: look }, field('Begins with (name, e-mail) or id', search),
    field('Role', role), field('Tier', tier), field('State', kept), el('button', { class: 'primary', type: 'submit' }, 'Search')), list);
  await list.ready;
}

export async function user(page, id) {
  const { adminUser: sheet } = await ask(SHEET, { id });
  if (!sheet) { page.replaceChildren(el('h1', {}, 'Nobody'), el('p', { class: 'nothing' }, 'There is no such account.')); return; }
  const who = sheet.user;
  const again = (said) => { notice(said); return user(page, id); };
  page.replaceChildren(el('p', {}, el('a', { href: '#/users' }, 'All users')), el('h1', {}, who.username),
    facts([['Id', el('code', {}, who.id)], ['E-mail', who.email], ['State', state(who)], ['Roles', who.roles.map(words).join(', ') || 'Listener'],
      ['Tier', `${words(who.subscriptionType)}${who.subscriptionEnd ? ` until ${when(who.subscriptionEnd)}` : ''}`], ['Country', who.country], ['Joined', time(who.createdAt)],
      ['Second factor', sheet.hasSecondFactor ? 'On' : 'Off'], ['Sessions', count(sheet.sessionCount)], ['Last seen', time(sheet.lastSeenAt)],
      ['Plays in 30 days', count(sheet.playsLately)], ['Last play', time(sheet.lastPlayAt)], ['Playlists', count(sheet.playlistCount)],
      ['Uploads', `${count(sheet.uploadCount)} (${bytes(sheet.uploadBytes)})`], ['Reports made', count(sheet.reportCount)]]),
    el('div', { class: 'buttons-row' },
      el('button', { class: 'quiet', onclick: () => setRoles(who, again) }, 'Set roles'), el('button', { class: 'quiet', onclick: () => setTier(who, again) }, 'Give a tier'),
      el('button', { class: 'danger', disabled: !sheet.sessionCount, onclick: () => endSessions(who, again) }, 'Sign out everywhere'),
      el('button', { class: 'danger', disabled: !sheet.hasSecondFactor, onclick: () => resetFactor(who, again) }, 'Reset second factor')),
    el('h2', {}, 'What gave the tier'),
    table('Grants', [{ name: 'Source', value: (g) => words(g.source) }, { name: 'Tier', value: (g) => words(g.tier) },
      { name: 'From', kind: 'when', value: (g) => g.startsAt, show: (g) => time(g.startsAt) }, { name: 'Until', kind: 'when', value: (g) => g.endsAt, show: (g) => time(g.endsAt) },
      { name: 'Taken back', kind: 'when', value: (g) => g.withdrawnAt, show: (g) => time(g.withdrawnAt) }], sheet.grants, { empty: 'Nothing was given.' }));
}

async function setRoles(who, again) {
  const boxes = el('fieldset', {}, el('legend', {}, 'Roles'), ROLES.map((role) => el('label', {}, el('input', { type: 'checkbox', name: 'roles', value: role, checked: who.roles.includes(role) }), ` ${words(role)}`)));
  const done = await confirm({ title: `Roles of ${who.username}`, text: 'They are told of the change, and it is written to the audit log.', button: 'Set roles', fields: [boxes],
    act: (form) => ask('mutation($id: ID!, $roles: [GivenRole!]!) { setUserRoles(userId: $id, roles: $roles) { user { id } } }', { id: who.id, roles: form.getAll('roles') }) });
  if (done) await again('The roles are set.');
}

async function setTier(who, again) {
  const done = await confirm({ title: `A tier for ${who.username}`, text: 'Free takes back what the house gave; what is paid for stays.', button: 'Give it', danger: false,
    fields: [field('Tier', choice('tier', options(TIERS), who.subscriptionType)), field('Days (empty: without an end)', el('input', { type: 'number', name: 'days', min: 1, max: 36_500 }))],
    act: (form) => ask('mutation($id: ID!, $tier: SubscriptionType!, $days: Int) { setUserTier(userId: $id, tier: $tier, days: $days) { user { id } } }',
      { id: who.id, tier: form.get('tier'), days: form.get('tier') === 'FREE' || !form.get('days') ? null : Number(form.get('days')) }) });
  if (done) await again('The tier is given.');
}

async function endSessions(who, again) {
  const done = await confirm({ title: `Sign ${who.username} out?`, text: 'Every session ends at once; playing stops within seconds.', button: 'Sign out everywhere',
    act: () => ask('mutation($id: ID!) { endUserSessions(userId: $id) { ended } }', { id: who.id }) });
  if (done) await again(`${done.endUserSessions.ended} sessions ended.`);
}

async function resetFactor(who, again) {
  const done = await confirm({ title: `Reset the second factor of ${who.username}?`, text: 'Signing in will ask for the password alone. They are told.', button: 'Reset',
    fields: [field('Why, and how you made sure it is them', el('textarea', { name: 'reason', required: true, maxlength: 300 }))],
    act: (form) => ask('mutation($id: ID!, $reason: String!) { resetSecondFactor(userId: $id, reason: $reason) { success } }', { id: who.id, reason: form.get('reason') }) });
  if (done) await again('The second factor is off.');
}
