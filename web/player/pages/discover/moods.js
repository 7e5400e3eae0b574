// All moods that songs here have.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { ask } from '../../session/api.js';
import { heading } from '../browse/choices.js';
import { moodTitle } from './mood_words.js';

const MOODS = 'query { moods { name tagged measured } }';

// A mood's own hue, from the letters of its name: the same in every house and at every visit.
const hueOf = (name) => [...name].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 12, 7);

export const moodTile = ({ name, tagged, measured }) => html`<a class="mood-tile hue-${hueOf(name)}" href="/mood/${encodeURIComponent(name)}">
  <strong>${moodTitle(name)}</strong>${tagged + measured ? html`<span>${t('frame.songs', { n: tagged + measured })}</span>` : ''}</a>`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: async ({ abort }) => (await ask(MOODS, {}, { abort })).moods,
  title: () => t('catalogue.moods'),
  view: (moods) => html`${heading('/moods')}
    ${moods.length ? html`<div class="mood-tiles">${moods.map(moodTile)}</div>` : empty({ title: t('catalogue.no-moods'), words: t('catalogue.no-moods-why'), way: ['/songs', t('catalogue.songs')] })}`,
};
