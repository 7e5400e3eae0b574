// What this player is, what it is made of, and the ways in for programs.
import { html } from 'lit-html';
import { t } from '../../language/language.js';

// What the player is made of besides its own: name, licence, where it comes from.
const MADE_OF = [
  ['lit-html', 'BSD-3-Clause', 'https://lit.dev'],
  ['Preact Signals', 'MIT', 'https://github.com/preactjs/signals'],
  ['graphql-ws', 'MIT', 'https://github.com/enisdenjo/graphql-ws'],
  ['idb', 'ISC', 'https://github.com/jakearchibald/idb'],
  ['Lean QR', 'MIT', 'https://qr.davidje13.com'],
  ['OpenDyslexic', 'OFL-1.1', 'https://opendyslexic.org'],
];
const DOORS = [['graphql', '/graphql'], ['socket', '/ws']];

const addressOf = (name, path) => (name === 'socket' ? location.origin.replace(/^http/, 'ws') : location.origin) + path;

export const load = () => ({});

export const view = () => html`
  <p>${t('settings.about-words')}</p>
  <h3>${t('settings.api')}</h3><p class="facts">${t('settings.api-why')}</p>
  <ul class="lines">${DOORS.map(([name, path]) => html`<li><span class="row-words"><strong>${t(`settings.door-${name}`)}</strong><span><code>${addressOf(name, path)}</code></span></span></li>`)}</ul>
  <p class="acts"><a class="button" href="/graphql">${t('settings.to-api')}</a><a class="button" href="/settings/keys">${t('settings.keys')}</a></p>
  <h3>${t('settings.made-of')}</h3><p class="facts">${t('settings.own-licence')}</p>
  <ul class="lines">${MADE_OF.map(([name, licence, address]) => html`<li><span class="row-words"><a href=${address} rel="noreferrer" target="_blank"><strong>${name}</strong></a><span>${licence}</span></span></li>`)}</ul>`;
