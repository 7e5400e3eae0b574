// Who follows somebody, or whom they follow.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { PERSON, grid, personCard } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { tabs } from '../../parts/tabs.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';

const listQuery = (field) => `query($name: String!, $after: String) { user(username: $name) { username people: ${field}(first: 60, after: $after) {
  edges { node { ${PERSON} } } pageInfo { hasNextPage endCursor } totalCount } } }`;

// The page of one of the two lists.
export const pageOf = (way, field) => ({
  areas: ['catalogue', 'person'],
  skeleton: 'grid',
  load: async ({ params, abort, back }) => {
    let username = null;
    const people = await endless(async (after) => {
      const { user } = await ask(listQuery(field), { name: params.name, after }, { abort });
      username = user?.username ?? null;
      return user?.people ?? { edges: [], pageInfo: { hasNextPage: false } };
    }, { back });
    return username || people.items.value.length ? { username: username ?? params.name, people } : null;
  },
  title: ({ username }) => t(`person.${way}-of`, { name: username }),
  view: ({ username, people }) => {
    const name = encodeURIComponent(username);
    return html`<p class="facts"><a href="/user/${name}">${username}</a></p><h1>${t(`person.${way}`)}</h1>
      ${tabs(t('person.lists'), ['followers', 'following'].map((one) => [`/user/${name}/${one}`, t(`person.${one}`), one === way]))}
      ${watched(() => (people.items.value.length ? html`${grid(people.items.value.map((user) => personCard(user)))}${moreOf(people)}` : empty({ sign: 'people', title: t('person.nobody'), words: t(`person.no-${way}`) })))}`;
  },
});

export const followers = { page: pageOf('followers', 'followers') };
export const following = { page: pageOf('following', 'followedUsers') };
