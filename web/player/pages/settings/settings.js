// Settings: a list of sections, and the one that is open. On a phone the list is a page of its own.
import { html, nothing } from 'lit-html';
import { areas, t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { logOut } from '../../session/sign_in.js';
import { person } from '../../session/session.js';

// Name, sign, and the module; each exports `load(tools) → data` and `view(data)`.
const SECTIONS = [
  ['profile', 'person', () => import('./profile.js')],
  ['playback', 'volume', () => import('./playback.js')],
  ['look', 'sun', () => import('./look.js')],
  ['notifications', 'bell', () => import('./notifications.js')],
  ['privacy', 'eye', () => import('./privacy.js')],
  ['password', 'key', () => import('./password.js')],
  ['second-step', 'shield', () => import('./second_step.js')],
  ['sessions', 'devices', () => import('./sessions.js')],
  ['ways', 'people', () => import('./ways.js')],
  ['keys', 'code', () => import('./keys.js')],
  ['data', 'download', () => import('./data.js')],
  ['about', 'note', () => import('./about.js')],
];

const link = ([name, sign], open) => html`<a href="/settings/${name}" aria-current=${name === open ? 'page' : nothing}>${icon(sign)}<span>${t(`settings.${name}`)}</span></a>`;

async function load(tools) {
  const { params: { section } } = tools;
  if (!section) {
    const wide = matchMedia('(min-width: 50rem)').matches;
    return { section: wide ? 'profile' : null, ...(wide ? await opened('profile', tools) : {}) };
  }
  return { section, ...await opened(section, tools) };
}

async function opened(name, tools) {
  const found = SECTIONS.find(([one]) => one === name);
  if (!found) return null;
  // Forms are made of words: those have to be there first.
  const [part] = await Promise.all([found[2](), areas('settings', 'welcome')]);
  return { part, data: await part.load(tools) };
}

const view = ({ section, part, data }) => html`<div class="settings ${section ? 'is-open' : ''}">
  <nav class="sections" aria-label=${t('settings.title')}><h1>${t('settings.title')}</h1>
    <p class="facts small">${t('settings.signed-in', { name: person.value?.username ?? '' })}</p>
    ${SECTIONS.map((one) => link(one, section))}
    <a href="/plan">${icon('star')}<span>${t('settings.plan')}</span></a>
    <a href="/statistics">${icon('chart')}<span>${t('settings.statistics')}</span></a>
    <a href="/add">${icon('upload')}<span>${t('settings.add')}</span></a>
    <button @click=${logOut}>${icon('out')}<span>${t('settings.sign-out')}</span></button></nav>
  ${section ? html`<section class="section" aria-labelledby="section-title"><a class="back quiet" href="/settings">${icon('back')} ${t('settings.title')}</a>
    <h2 id="section-title">${t(`settings.${section}`)}</h2>${part.view(data)}</section>` : nothing}</div>`;

export const page = {
  areas: ['settings', 'welcome'],
  needs: 'listener',
  skeleton: 'text',
  load: async (tools) => {
    const data = await load(tools);
    return data.section && !data.part ? null : data;
  },
  title: ({ section }) => (section ? `${t(`settings.${section}`)} · ${t('settings.title')}` : t('settings.title')),
  view,
};
